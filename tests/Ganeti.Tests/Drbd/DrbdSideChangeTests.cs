namespace Ganeti.Tests.Drbd;

[Trait("Kind", "unit")]
public sealed class DrbdSideChangeTests
{
    private static readonly ClusterIdentity Cluster = new("uuid", "gnt");

    [Fact]
    public void A_healthy_mirror_may_be_cut_apart_by_its_own_addresses()
    {
        var pair = Pair("proc_drbd-8.4.11-very-slow.txt");
        var change = new DrbdDisconnect();

        change.Check(pair);
        Assert.NotNull(change.Missing(pair.Side, pair.Other));
        Assert.Equal($"h1: drbdsetup disconnect --force ipv4:192.0.2.1:11000 ipv4:192.0.2.2:11000", change.CommandLine(pair));
        Assert.Equal("ipv6:[2001:db8::1]:11000", DrbdWords.Address("2001:db8::1", 11000));
    }

    [Fact]
    public void Two_Primaries_are_not_cut_apart_whatever_is_forced()
    {
        var pair = Pair(Device("Connected", "Primary/Primary", "UpToDate/UpToDate"), Device("Connected", "Primary/Primary", "UpToDate/UpToDate"));

        Assert.Equal(GanetiError.DrbdDualPrimary, Assert.Throws<GanetiException>(() => new DrbdDisconnect { Force = true }.Check(pair)).Error);
    }

    [Theory]
    [InlineData("Connected Primary/Secondary Diskless/UpToDate", "Connected Secondary/Primary UpToDate/Diskless")]
    [InlineData("SyncTarget Primary/Secondary Inconsistent/UpToDate", "SyncSource Secondary/Primary UpToDate/Inconsistent")]
    public void A_Primary_without_good_data_is_not_cut_off_nor_its_source_taken_away(string primary, string secondary)
    {
        foreach (var pair in new[] { Pair(Device(primary), Device(secondary)), Pair(Device(secondary), Device(primary)) })
        {
            Wrong(new DrbdDisconnect(), pair);
            new DrbdDisconnect { Force = true }.Check(pair);
            Assert.True(new DrbdDisconnect { Force = true }.Stake(pair)!.StopsGuest);
        }

        var source = Pair(Device(secondary), Device(primary));
        Wrong(new DrbdDetach(), source);
        Wrong(new DrbdDown { Force = true }, source);
        Assert.True(new DrbdDetach { Force = true }.Stake(source)!.StopsGuest);
        Assert.Contains("detach --force 1", new DrbdDetach { Force = true }.CommandLine(source), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("WFConnection Secondary/Unknown UpToDate/DUnknown")]
    [InlineData("StandAlone Primary/Unknown UpToDate/DUnknown")]
    [InlineData("SyncSource Secondary/Secondary UpToDate/Inconsistent")]
    [InlineData("Connected Secondary/Primary UpToDate/Outdated")]
    public void The_only_good_copy_within_reach_keeps_its_disk(string state) => Wrong(new DrbdDetach(), Pair(Device(state), null));

    [Fact]
    public void The_other_sides_own_word_counts_for_more_than_what_this_one_knows_of_it()
    {
        var side = Device("Connected", "Primary/Secondary", "UpToDate/UpToDate");

        Wrong(new DrbdDetach(), Pair(side, Device("Connected", "Secondary/Primary", "Failed/UpToDate")));
        new DrbdDetach().Check(Pair(side, Device("Connected", "Secondary/Primary", "UpToDate/UpToDate")));
        new DrbdDetach().Check(Pair(side, null));
    }

    [Fact]
    public void What_somebody_uses_is_not_taken_down()
    {
        var primary = Device("Connected", "Primary/Secondary", "UpToDate/UpToDate");
        var secondary = Device("Connected", "Secondary/Primary", "UpToDate/UpToDate");
        (primary.ResourceName, secondary.ResourceName) = ("resource1", "resource1");

        Wrong(new DrbdDown(), Pair(secondary, primary));
        Wrong(new DrbdDown(), Pair(secondary, null));
        new DrbdDown { Force = true }.Check(Pair(secondary, primary));
        Wrong(new DrbdDown(), Pair(primary, secondary));
        new DrbdDown { Force = true }.Check(Pair(primary, secondary));
        primary.InstanceName = "vm1";
        Wrong(new DrbdDown { Force = true }, Pair(primary, secondary));

        var unused = Device("Connected", "Secondary/Secondary", "UpToDate/UpToDate");
        unused.ResourceName = "resource1";
        new DrbdDown().Check(Pair(unused, null));
        Assert.Equal("h1: drbdsetup down resource1", new DrbdDown().CommandLine(Pair(unused, null)));
        Assert.Null(new DrbdDown().Missing(null, null));
    }

    [Fact]
    public void Another_DRBD_than_8_is_left_alone()
    {
        var side = Device("Connected", "Secondary/Primary", "UpToDate/UpToDate");
        side.ModuleVersion = "9.2.1";

        Assert.Equal(GanetiError.DrbdVersionUnsupported, Assert.Throws<GanetiException>(() => new DrbdResyncPause { IsPaused = true }.Check(Pair(side, null))).Error);
    }

    [Fact]
    public void A_resync_is_held_back_by_this_sides_flag_alone()
    {
        var paused = ProcDrbd.Parse(DrbdFixture.Read("proc_drbd-8.4.11-resync-paused.txt")).Devices.First(device => device.ResyncSuspended?.Contains("user", StringComparison.Ordinal) == true);

        Assert.Null(new DrbdResyncPause { IsPaused = true }.Missing(paused, null));
        Assert.NotNull(new DrbdResyncPause { IsPaused = false }.Missing(paused, null));
        Assert.Null(new DrbdResyncPause { IsPaused = false }.Missing(new DrbdDevice { ResyncSuspended = "peer" }, null));
        Assert.NotNull(new DrbdSync().Hopeless(paused, null));
    }

    [Theory]
    [InlineData(null, 8L << 20, null, 0L, "disk-options 1 --resync-rate=8192")]
    [InlineData(null, 8L << 20, null, 20L, "disk-options 1 --c-max-rate=8192")]
    [InlineData(null, 8L << 20, null, null, "disk-options 1 --c-max-rate=8192")]
    [InlineData(DrbdResyncController.Fixed, 8L << 20, null, null, "disk-options 1 --c-plan-ahead=0 --resync-rate=8192")]
    [InlineData(DrbdResyncController.Dynamic, null, 4L << 20, 0L, "disk-options 1 --c-plan-ahead=20 --c-min-rate=4096")]
    [InlineData(DrbdResyncController.Dynamic, 1L << 20, null, 30L, "disk-options 1 --c-plan-ahead=30 --c-max-rate=1024")]
    public void A_speed_is_set_by_the_option_that_counts(DrbdResyncController? controller, long? rate, long? minimum, long? ahead, string command)
    {
        var side = Device("Connected", "Secondary/Primary", "UpToDate/UpToDate");
        side.Options = ahead is null ? [] : new GntParameters { ["c-plan-ahead"] = ahead };

        Assert.EndsWith(command, new DrbdResyncRate { Controller = controller, Rate = rate, MinimumRate = minimum }.CommandLine(Pair(side, null)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_speed_at_DRBDs_default_is_seen_although_drbdsetup_does_not_show_it()
    {
        Assert.Null(new DrbdResyncRate { Rate = 100L << 20 }.Missing(new DrbdDevice { Options = [] }, null));
        Assert.NotNull(new DrbdResyncRate { Rate = 99L << 20 }.Missing(new DrbdDevice { Options = [] }, null));
    }

    [Fact]
    public void Differences_are_read_from_the_kernels_log_and_near_ones_checked_again_together()
    {
        // As DRBD 8.4.11 wrote it.
        var ranges = DrbdVerify.Ranges("""
            [ 1884.279153] block drbd1: Starting Online Verify from sector 0
            [ 1884.613194] block drbd1: Out of sync: start=8000, size=40 (sectors)
            [ 1884.889755] block drbd1: Out of sync: start=24000, size=16 (sectors)
            [ 1890.459920] block drbd1: Online verify done (total 6 sec; paused 0 sec; 16384 K/sec)
            """);

        Assert.Equal(["4096000+20480", "12288000+8192"], ranges.Select(range => range.ToString()));
        Assert.Equal(["4096000+20480", "12288000+8192"], DrbdVerify.Merged(ranges).Select(range => range.ToString()));
        Assert.Equal(["0+9000"], DrbdVerify.Merged([new DrbdRange { Start = 8000, Length = 1000 }, new DrbdRange { Start = 0, Length = 10 }]).Select(range => range.ToString()));
        Assert.Single(DrbdVerify.Merged(Enumerable.Range(0, 100).Select(i => new DrbdRange { Start = i * (10L << 20), Length = 4096 })));
    }

    [Fact]
    public void What_can_not_come_is_not_waited_for()
    {
        Assert.Null(DrbdSync.Missing(Device("Connected Primary/Secondary UpToDate/UpToDate"), Device("Connected Secondary/Primary UpToDate/UpToDate")));
        Assert.NotNull(DrbdSync.Missing(Device("Connected Primary/Secondary UpToDate/UpToDate"), Device("Connected Secondary/Primary Diskless/UpToDate")));
        Assert.NotNull(new DrbdSync().Hopeless(null, null));
        Assert.NotNull(new DrbdSync().Hopeless(Device("WFConnection Primary/Unknown UpToDate/DUnknown"), Device("StandAlone Secondary/Unknown UpToDate/DUnknown")));
        Assert.NotNull(new DrbdSync().Hopeless(Device("Connected Primary/Secondary Diskless/UpToDate"), null));
        Assert.Null(new DrbdSync().Hopeless(Device("WFConnection Primary/Unknown UpToDate/DUnknown"), Device("WFConnection Secondary/Unknown UpToDate/DUnknown")));
        Assert.Null(new DrbdSync().Hopeless(Device("SyncSource Primary/Secondary UpToDate/Inconsistent"), null));
        // DRBD's word for it stays for a while after a resync goes on.
        Assert.Null(new DrbdSync().Hopeless(new DrbdDevice { ResyncRemark = "stalled", ResyncLeft = 4096 }, null));
    }

    private static void Wrong(DrbdSideChange change, DrbdPair pair)
    {
        var refused = Assert.Throws<GanetiException>(() => change.Check(pair));
        Assert.Equal(GanetiError.DrbdStateWrong, refused.Error);
        Assert.NotEmpty(refused.RecommendedAction!);
    }

    private static DrbdPair Pair(string file)
    {
        var side = ProcDrbd.Parse(DrbdFixture.Read(file)).Devices[0];
        (side.Node, side.LocalAddress, side.PeerAddress, side.Port) = ("h1", "192.0.2.1", "192.0.2.2", 11000);
        return new DrbdPair(side, null);
    }

    private static DrbdPair Pair(DrbdDevice side, DrbdDevice? other) => new(side, other);

    private static DrbdDevice Device(string state) => state.Split(' ') is [var connection, var roles, var disks] ? Device(connection, roles, disks) : throw new ArgumentException(state);

    // As /proc/drbd has it.
    private static DrbdDevice Device(string connection, string roles, string disks)
    {
        var device = ProcDrbd.Parse($"version: 8.4.11 (api:1/proto:86-101)\nsrcversion: B536C32A3EADA868561EFD9 \n\n 1: cs:{connection} ro:{roles} ds:{disks} C r-----\n    ns:0 nr:0 dw:0 dr:0 al:0 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:0\n").Devices[0];
        (device.Node, device.LocalAddress, device.PeerAddress, device.Port) = ("h1", "192.0.2.1", "192.0.2.2", 11000);
        device.From(Cluster, DateTimeOffset.Now);
        return device;
    }
}
