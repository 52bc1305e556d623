using Ganeti.Tests.Engine;
using static Ganeti.DrbdConnectionState;

namespace Ganeti.Tests.Drbd;

[Trait("Kind", "unit")]
public sealed class ProcDrbdTests
{
    private const long KiB = 1024;

    [Fact]
    public void A_healthy_minor_has_its_states_and_its_counters_in_bytes()
    {
        var proc = Read("proc_drbd-8.4.11-big-disk.txt");
        var device = proc.Devices[0];

        Assert.Equal(("8.4.11", 1, (86, 101)), (proc.Version, proc.Api, proc.Protocols));
        Assert.Equal(["srcversion: B536C32A3EADA868561EFD9"], proc.Build);
        Assert.Equal(
            (0, Connected, DrbdReplicationState.Established, DrbdRole.Secondary, DrbdRole.Primary, DrbdDiskState.UpToDate, DrbdDiskState.UpToDate, "C", "r-----"),
            (device.Minor, device.ConnectionState, device.ReplicationState, device.Role, device.PeerRole, device.DiskState, device.PeerDiskState, device.Protocol, device.Flags));
        Assert.Equal((253952 * KiB, 0L, 0L, 253952 * KiB, 10L, 0L), (device.NetworkSent, device.NetworkReceived, device.DiskWritten, device.DiskRead, device.ActivityLogWrites, device.BitmapWrites));
        Assert.Equal((0L, 0L, 0L, 0L, 1L, "flush", 0L), (device.LocalPending, device.PeerPending, device.Unacknowledged, device.ApplicationPending, device.Epochs, device.WriteOrdering, device.OutOfSync));
        Assert.Equal((false, "no", false, false), (device.IOSuspended, device.ResyncSuspended, device.Congested, device.ActivityLogSuspended));
        Assert.Equal((true, false, false, false), (device.IsConnected, device.IsDegraded, device.IsInResync, device.IsStalled));
        Assert.Equal(50195 * KiB, proc.Devices[1].NetworkReceived);
    }

    [Fact]
    public void Gaps_and_minors_of_three_digits_are_read() =>
        Assert.Equal([0, 1, 4, 123], Read("proc_drbd-8.4.11-big-disk.txt").Devices.Select(device => device.Minor!.Value));

    [Fact]
    public void A_big_resync_counts_in_mebibytes()
    {
        var device = Read("proc_drbd-8.4.11-big-disk.txt").Devices[^1];

        Assert.Equal((10160L << 20, 10240L << 20), (device.ResyncLeft, device.ResyncTotal));
        Assert.Equal(100.0 * 80 / 10240, device.ResyncPercent!.Value, 6);
        Assert.Equal((20224 * KiB, 20224 * KiB, 20480 * KiB), (device.ResyncSpeed, device.ResyncAverageSpeed, device.ResyncWantedSpeed));
        Assert.Equal(new TimeSpan(0, 8, 32), device.ResyncTimeLeft);
        Assert.Equal(10404864 * KiB, device.OutOfSync);
        Assert.True(device.IsInResync && device.IsDegraded && !device.IsStalled);
    }

    [Fact]
    public void More_than_a_day_to_go_and_thousands_in_a_speed_are_read()
    {
        var device = Read("proc_drbd-8.4.11-very-slow.txt").Devices[^1];

        Assert.Equal((12, new TimeSpan(26, 38, 23), 100 * KiB, 7100 * KiB), (device.Minor, device.ResyncTimeLeft, device.ResyncSpeed, device.ResyncAverageSpeed));
        Assert.Null(device.ResyncWantedSpeed);
    }

    [Fact]
    public void A_stalled_resync_is_called_so_though_it_goes_on_printing_speed_and_time()
    {
        var device = Read("proc_drbd-8.4.11-resync-stalled.txt").Devices[^1];

        Assert.True(device.IsStalled);
        Assert.Equal(("stalled", SyncSource, 104 * KiB, new TimeSpan(0, 58, 26), 1577L), (device.ResyncRemark, device.ConnectionState, device.ResyncSpeed, device.ResyncTimeLeft, device.PeerPending));
    }

    [Fact]
    public void A_paused_resync_has_no_progress_line_but_says_who_pauses_it()
    {
        var paused = Read("proc_drbd-8.4.11-resync-paused.txt").Devices[0];

        Assert.Equal((PausedSyncS, "r--u--", "user", 412236 * KiB), (paused.ConnectionState, paused.Flags, paused.ResyncSuspended, paused.OutOfSync));
        Assert.Null(paused.ResyncPercent);
        Assert.True(paused.IsInResync);
        Assert.Equal("peer", Parse(" 0: cs:PausedSyncT ro:Secondary/Primary ds:Inconsistent/UpToDate C r-p---").ResyncSuspended);
        Assert.Equal("user,peer,dependency", Parse(" 0: cs:PausedSyncT ro:Secondary/Primary ds:Inconsistent/UpToDate C rapu--").ResyncSuspended);
    }

    [Fact]
    public void A_verify_shows_what_is_left_of_it_and_is_no_resync()
    {
        var device = Read("proc_drbd-8.4.11-verify.txt").Devices[0];

        Assert.Equal((VerifyS, 470300 * KiB, 524288 * KiB, 16384 * KiB), (device.ConnectionState, device.ResyncLeft, device.ResyncTotal, device.ResyncWantedSpeed));
        Assert.Equal((true, false, false), (device.IsInVerify, device.IsInResync, device.IsDegraded));
    }

    [Fact]
    public void Both_sides_up_to_date_may_differ_all_the_same()
    {
        var device = Read("proc_drbd-8.4.11-resync-stalled.txt").Devices[0];

        Assert.Equal((Connected, false, 1280 * KiB), (device.ConnectionState, device.IsDegraded, device.OutOfSync));
    }

    [Fact]
    public void Without_a_network_configuration_the_protocol_is_blank()
    {
        var device = Read("proc_drbd-8.4.11-standalone.txt").Devices[0];

        Assert.Equal((StandAlone, DrbdReplicationState.Off, DrbdRole.Primary, DrbdRole.Unknown, DrbdDiskState.DUnknown, null, "r-----"), (device.ConnectionState, device.ReplicationState, device.Role, device.PeerRole, device.PeerDiskState, device.Protocol, device.Flags));
        Assert.True(device.IsDegraded && !device.IsConnected);
    }

    [Fact]
    public void An_unconfigured_minor_is_a_line_without_anything_else()
    {
        var devices = Read("proc_drbd-8.4.11-unconfigured.txt").Devices;

        Assert.Equal((0, Unconfigured, null, null, null), (devices[0].Minor, devices[0].ConnectionState, devices[0].Role, devices[0].NetworkSent, devices[0].Flags));
        Assert.Equal([Unconfigured, Connected, Connected], devices.Select(device => device.ConnectionState!.Value));
        Assert.True(devices[0].IsDegraded);
    }

    [Fact]
    public void A_primary_may_have_no_data_at_all()
    {
        var device = Read("proc_drbd-8.4.11-diskless-primary.txt").Devices[0];
        var target = Read("proc_drbd-8.4.11-primary-sync-target.txt").Devices[0];

        Assert.Equal((DrbdRole.Primary, DrbdDiskState.Diskless, DrbdDiskState.DUnknown, true), (device.Role, device.DiskState, device.PeerDiskState, device.IsWaitingForConnection));
        Assert.Equal((DrbdRole.Primary, SyncTarget, DrbdDiskState.Inconsistent), (target.Role, target.ConnectionState, target.DiskState));
    }

    [Fact]
    public void Both_sides_primary_are_seen()
    {
        var devices = Read("proc_drbd-8.4.11-dual-primary.txt").Devices;

        Assert.Equal([1], devices.Where(device => device.IsDualPrimary).Select(device => device.Minor!.Value));
    }

    [Fact]
    public void A_module_without_minors_has_a_version_only()
    {
        var proc = Read("proc_drbd-8.4.11-no-minors.txt");

        Assert.Equal("8.4.11", proc.Version);
        Assert.Empty(proc.Devices);
    }

    [Fact]
    public void Caches_are_read_where_the_kernel_shows_details()
    {
        var device = Read("proc_drbd-8.4.11-details.txt").Devices[0];

        Assert.Equal((0L, 61L, 4178L, 32L, 0L, 0L, 32L), (device.ResyncCache!.Used, device.ResyncCache.Size, device.ResyncCache.Hits, device.ResyncCache.Misses, device.ResyncCache.Starving, device.ResyncCache.Locked, device.ResyncCache.Changed));
        Assert.Equal(("0/1237", 70L, 10L), (device.ActivityLog!.ToString(), device.ActivityLog.Hits, device.ActivityLog.Changed));
    }

    [Fact]
    public void Every_state_on_the_way_to_a_connection_is_known_and_the_percentage_is_computed()
    {
        var samples = Read("proc_drbd-8.4.11-transitions.txt");

        Assert.Equal(
            [Connected, Disconnecting, StandAlone, Unconnected, WFConnection, WFReportParams, WFBitMapS, SyncSource, Connected, NetworkFailure, WFConnection, WFReportParams, WFBitMapS, SyncSource, Connected],
            samples.Devices.Select(device => device.ConnectionState!.Value));
        // The bar says "50.0% (6144/6144)K": nothing is done yet.
        Assert.Equal([0.0, 0.0], samples.Devices.Select(device => device.ResyncPercent).OfType<double>());
    }

    [Theory]
    [InlineData("Timeout")]
    [InlineData("BrokenPipe")]
    [InlineData("ProtocolError")]
    [InlineData("TearDown")]
    [InlineData("StartingSyncS")]
    [InlineData("StartingSyncT")]
    [InlineData("WFBitMapT")]
    [InlineData("WFSyncUUID")]
    [InlineData("VerifyT")]
    [InlineData("Ahead")]
    [InlineData("Behind")]
    public void The_states_that_pass_quickly_are_known(string state)
    {
        var device = Parse($" 7: cs:{state} ro:Secondary/Unknown ds:Outdated/DUnknown C r-----");

        Assert.Equal(state, device.ConnectionState.ToString());
        Assert.NotNull(device.ReplicationState);
    }

    // drbd_proc.c of 8.0 to 8.3 as it was in the kernels of Debian 5 to 7, and of 3.x.
    [Fact]
    public void DRBD_8_0_says_st_and_has_four_flags_and_fewer_counters()
    {
        var proc = ProcDrbd.Parse("version: 8.0.14 (api:86/proto:86)\nGIT-hash: bb447522fc9a87d0069b7e14f0234911ebdab0f7 build by root@h1, 2008-11-12 16:40:33\n\n 1: cs:Connected st:Secondary/Primary ds:UpToDate/UpToDate C r---\n    ns:0 nr:7383 dw:7383 dr:55 al:6 bm:0 lo:0 pe:0 ua:0 ap:0\n\tresync: used:0/61 hits:5 misses:0 starving:0 dirty:2 changed:0\n\tact_log: used:1/257 hits:92 misses:67 starving:0 dirty:0 changed:67\n 2: cs:Unconfigured\n");

        Assert.Equal(("8.0.14", (86, 86)), (proc.Version, proc.Protocols));
        Assert.Equal((DrbdRole.Secondary, DrbdRole.Primary, "r---", null, null), (proc.Devices[0].Role, proc.Devices[0].PeerRole, proc.Devices[0].Flags, proc.Devices[0].Congested, proc.Devices[0].OutOfSync));
        Assert.Equal((7383 * KiB, 2L, "1/257"), (proc.Devices[0].NetworkReceived, proc.Devices[0].ResyncCache!.Locked, proc.Devices[0].ActivityLog!.ToString()));
        Assert.Equal([1, 2], proc.Devices.Select(device => device.Minor!.Value));
        Assert.Empty(proc.NotUnderstood);
    }

    [Fact]
    public void An_8_3_ends_the_flags_with_a_NUL_and_a_3_x_kernel_runs_two_lines_into_one()
    {
        var proc = ProcDrbd.Parse("version: 8.3.1 (api:88/proto:86-89)\n 0: cs:SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent A r---\0\n    ns:37388 nr:0 dw:0 dr:37408 al:0 bm:22 lo:7 pe:27 ua:7 ap:0 ep:1 wo:b oos:15358208\n\t[>....................] sync'ed:  2.4% (14996/15360)Mfinish: 0:04:08 speed: 61,736 (61,736) K/sec\n");
        var device = proc.Devices[0];

        Assert.Equal(("r---", "A", "barrier", 14996L << 20, new TimeSpan(0, 4, 8), 61736 * KiB), (device.Flags, device.Protocol, device.WriteOrdering, device.ResyncLeft, device.ResyncTimeLeft, device.ResyncSpeed));
        Assert.Empty(proc.NotUnderstood);
    }

    [Fact]
    public void With_details_a_third_speed_and_positions_are_shown()
    {
        var proc = ProcDrbd.Parse(" 0: cs:VerifyS ro:Primary/Secondary ds:UpToDate/UpToDate C r-----\n\t[=>..................] verified: 11.7% (470300/524288)K\n\tfinish: 0:00:26 speed: 17,996 (18,100 -- 1,017,996) want: 16,384 K/sec (stalled)\n\t 11% sector pos: 122880/1048576\n\tblocked on activity log: 3\n");
        var device = proc.Devices[0];

        Assert.Equal((17996 * KiB, 1017996 * KiB, true), (device.ResyncSpeed, device.ResyncAverageSpeed, device.IsStalled));
        Assert.Equal(("122880/1048576", "3"), (device.OtherValues!["sector pos"], device.OtherValues["blocked on activity log"]));
        Assert.Empty(proc.NotUnderstood);
    }

    [Fact]
    public void A_head_without_its_first_line_is_no_reason_to_give_up() =>
        Assert.Equal([(3, Unconfigured)], ProcDrbd.Parse("GIT-hash: abc build by root\n 3: cs:Unconfigured\n").Devices.Select(device => (device.Minor!.Value, device.ConnectionState!.Value)));

    [Fact]
    public void DRBD_9_has_the_version_only()
    {
        var proc = ProcDrbd.Parse("version: 9.2.8 (api:2/proto:86-122)\nGIT-hash: e163b05a76254c0f51f999970e861d72bb16409a build by @buildsystem, 2024-03-15 13:55:54\nTransports (api:20): tcp (9.2.8) lb-tcp (9.2.8)\n");

        Assert.Equal(("9.2.8", 2, (86, 122)), (proc.Version, proc.Api, proc.Protocols));
        Assert.Empty(proc.Devices);
    }

    [Fact]
    public void What_a_newer_DRBD_says_is_kept()
    {
        var proc = ProcDrbd.Parse("version: 8.4.99\n 0: cs:Dreaming ro:Tertiary/Primary ds:Fine/UpToDate C r----- zz:1/2\n    ns:1 nr:x qq:17 oos:99999999999999999999\n\tno idea\n");
        var device = proc.Devices[0];

        Assert.Equal((DrbdConnectionState.Unrecognized, "Dreaming", null), (device.ConnectionState, device.ConnectionStateText, device.ReplicationState));
        Assert.Equal((DrbdRole.Unrecognized, "Tertiary", DrbdDiskState.Unrecognized, "Fine"), (device.Role, device.RoleText, device.DiskState, device.DiskStateText));
        Assert.Equal(["nr=x", "oos=99999999999999999999", "qq=17", "zz=1/2"], device.OtherValues!.Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal));
        Assert.Equal((KiB, null, null), (device.NetworkSent, device.NetworkReceived, device.OutOfSync));
        Assert.Equal(["\tno idea"], proc.NotUnderstood);
        Assert.Equal("8.4.99", proc.Version);
    }

    [Fact]
    public void Every_recording_is_understood_to_the_last_word() => Assert.All(DrbdFixture.Recorded("proc_drbd*.txt", "*.proc_drbd.txt"), recorded =>
    {
        // A file of samples has a line with the time before each.
        var procs = System.Text.RegularExpressions.Regex.Split(recorded.Text, "^# .*$", System.Text.RegularExpressions.RegexOptions.Multiline).Select(ProcDrbd.Parse).ToArray();
        var devices = procs.SelectMany(proc => proc.Devices).ToArray();

        Assert.Equal(recorded.Text.Split('\n').Count(line => line.Contains(": cs:", StringComparison.Ordinal)), devices.Length);
        Assert.All(procs, proc => Assert.Empty(proc.NotUnderstood));
        Assert.All(devices, device =>
        {
            Assert.NotEqual(DrbdConnectionState.Unrecognized, device.ConnectionState);
            Assert.Null(device.OtherValues);
            Assert.True(device.ConnectionState == Unconfigured || (device.Role > 0 && device.PeerRole > 0 && device.DiskState > 0 && device.PeerDiskState > 0 && device.Flags is not null), recorded.Path);
            Assert.Equal(device.ResyncTotal is null, device.ResyncTimeLeft is null);
        });
    });

    [Fact]
    public void No_text_makes_it_fail() => Mutations.OfFixtures("proc_drbd-").Sample(text =>
    {
        var proc = ProcDrbd.Parse(text);
        return proc.Devices.All(device => device.Minor >= 0 && device.ResyncPercent is null or (>= 0 and < 1e9));
    });

    [Fact]
    public void Numbers_of_any_size_are_bytes_or_kept_as_text() => CsCheck.Check.Sample(
        CsCheck.Gen.ULong,
        number =>
        {
            var device = Parse($" 0: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----\n    ns:{number} pe:{number}\n");
            long? bytes = number <= long.MaxValue / KiB ? (long)number * KiB : null;
            long? count = number <= long.MaxValue ? (long)number : null;
            var kept = device.OtherValues ?? [];
            return (device.NetworkSent, device.PeerPending) == (bytes, count)
                && kept.ContainsKey("ns") == bytes is null && kept.ContainsKey("pe") == count is null
                && kept.Values.All(value => (string)value! == number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        },
        seed: "0000KxV2Yr63",
        iter: Soak.Times(500),
        threads: 1);

    private static ProcDrbd Read(string file) => ProcDrbd.Parse(string.Join('\n', DrbdFixture.Read(file).Split('\n').Where(line => !line.StartsWith('#'))));

    private static DrbdDevice Parse(string text) => Assert.Single(ProcDrbd.Parse(text).Devices);
}
