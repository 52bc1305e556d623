using static Ganeti.DrbdReplicationState;

namespace Ganeti.Tests.Drbd;

[Trait("Kind", "unit")]
public sealed class DrbdsetupStatusTests
{
    private const long KiB = 1024;

    // As drbdsetup of drbd-utils 9 prints it (user/v9/drbdsetup.c); a two-node pair, one volume in resync, and one without a peer. ap-in-flight is what a
    // counter below zero looks like.
    private const string Json = """
        [
        {
          "name": "r0",
          "node-id": 1,
          "role": "Primary",
          "suspended": false,
          "write-ordering": "flush",
          "devices": [
            { "volume": 0, "minor": 1000, "disk-state": "UpToDate", "client": false, "quorum": true, "size": 1048576, "read": 2048, "written": 17, "al-writes": 3, "bm-writes": 0, "upper-pending": 1, "lower-pending": 2 } ],
          "connections": [
            {
              "peer-node-id": 0, "name": "h2", "connection-state": "Connected", "congested": false, "peer-role": "Secondary", "ap-in-flight": 18446744073709551608, "rs-in-flight": 0,
              "peer_devices": [
                { "volume": 0, "replication-state": "SyncSource", "peer-disk-state": "Inconsistent", "peer-client": false, "resync-suspended": "no", "received": 0, "sent": 4096, "out-of-sync": 524288, "pending": 5, "unacked": 6, "has-sync-details": true, "done": 50.00, "percent-in-sync": 50.00 } ]
            } ]
        }
        ,
        {
          "name": "r1", "role": "Secondary", "suspended": true,
          "devices": [ { "volume": 0, "minor": 1001, "disk-state": "Outdated", "size": 4 } ],
          "connections": [ ]
        }
        ]
        """;

    [Fact]
    public void Words_are_read_wherever_the_lines_are_wrapped()
    {
        var devices = DrbdsetupStatus.Parse(DrbdFixture.Read("drbdsetup-9.22-status-resyncing.txt"));
        var last = devices[^1];

        Assert.Equal([0, 1, 2], devices.Select(device => device.Minor!.Value));
        Assert.Equal(
            ("resource2", 2, DrbdConnectionState.Connected, SyncTarget, DrbdRole.Secondary, DrbdRole.Primary, DrbdDiskState.Inconsistent, DrbdDiskState.UpToDate),
            (last.ResourceName, last.Minor, last.ConnectionState, last.ReplicationState, last.Role, last.PeerRole, last.DiskState, last.PeerDiskState));
        Assert.Equal((393216 * KiB, 0L, 420080 * KiB, 420080 * KiB, 0L, 390928 * KiB), (last.Size, last.DiskRead, last.DiskWritten, last.NetworkReceived, last.NetworkSent, last.OutOfSync));
        Assert.Equal((8L, 0L, 0L, 0L, 0L), (last.ActivityLogWrites, last.ApplicationPending, last.LocalPending, last.PeerPending, last.Unacknowledged));
        Assert.Equal((0.58, "flush", "no", false, false), (last.ResyncPercent, last.WriteOrdering, last.ResyncSuspended, last.Congested, last.IOSuspended));
        Assert.True(last.IsInResync && last.IsConnected && last.IsDegraded);
        Assert.Equal("no", last.OtherValues!["blocked"]);
    }

    [Fact]
    public void Plain_status_leaves_out_what_is_as_it_should_be()
    {
        var devices = DrbdsetupStatus.Parse(DrbdFixture.Read("drbdsetup-9.22-status-plain.txt"));

        Assert.Equal(["resource0", "resource1", "resource2"], devices.Select(device => device.ResourceName));
        Assert.All(devices, device => Assert.Equal((null, DrbdConnectionState.Connected, true), (device.Minor, device.ConnectionState, device.IsInResync)));
        Assert.Equal([1.10, 2.69, 0.74], devices.Select(device => device.ResyncPercent!.Value));
    }

    [Fact]
    public void StandAlone_has_no_peer()
    {
        var device = DrbdsetupStatus.Parse(DrbdFixture.Read("drbdsetup-9.22-status-standalone.txt"))[0];

        Assert.Equal((0, DrbdConnectionState.StandAlone, Off, DrbdDiskState.UpToDate, null), (device.Minor, device.ConnectionState, device.ReplicationState, device.DiskState, device.PeerDiskState));
        Assert.True(device.IsDegraded && !device.IsConnected);
    }

    [Fact]
    public void An_8_4_refuses_JSON_with_its_usage_on_standard_output()
    {
        var usage = DrbdFixture.Read("drbdsetup-9.22-status-json-refused.txt");

        Assert.StartsWith("\nUSAGE", usage, StringComparison.Ordinal);
        Assert.False(DrbdsetupStatus.TryParseJson(usage, out var devices));
        Assert.Empty(devices);
        Assert.Empty(DrbdsetupStatus.Parse(usage));
    }

    [Fact]
    public void JSON_of_DRBD_9_is_read()
    {
        Assert.True(DrbdsetupStatus.TryParseJson(Json, out var devices));
        var first = devices[0];

        Assert.Equal(
            ("r0", 1000, DrbdConnectionState.Connected, SyncSource, DrbdRole.Primary, DrbdRole.Secondary, DrbdDiskState.UpToDate, DrbdDiskState.Inconsistent),
            (first.ResourceName, first.Minor, first.ConnectionState, first.ReplicationState, first.Role, first.PeerRole, first.DiskState, first.PeerDiskState));
        Assert.Equal((1L << 30, 2048 * KiB, 17 * KiB, 4096 * KiB, 512L << 20, 50.0), (first.Size, first.DiskRead, first.DiskWritten, first.NetworkSent, first.OutOfSync, first.ResyncPercent));
        Assert.Equal((1L, 2L, 5L, 6L, false), (first.ApplicationPending, first.LocalPending, first.PeerPending, first.Unacknowledged, first.IOSuspended));
        Assert.Equal("yes", first.OtherValues!["quorum"]);
        Assert.Contains("ap-in-flight", first.OtherValues.Keys);
        Assert.Equal((1001, DrbdConnectionState.StandAlone, true, DrbdDiskState.Outdated), (devices[1].Minor, devices[1].ConnectionState, devices[1].IOSuspended, devices[1].DiskState));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("{}")]
    [InlineData("[{\"name\": \"r0\", ")]
    public void JSON_that_was_cut_off_is_none(string json) => Assert.False(DrbdsetupStatus.TryParseJson(json, out _));

    [Theory]
    [InlineData("[]")]
    [InlineData("[1, null, \"x\", {}, {\"devices\": 3, \"connections\": [null]}]")]
    public void JSON_with_nothing_of_use_in_it_gives_nothing(string json)
    {
        Assert.True(DrbdsetupStatus.TryParseJson(json, out var devices));
        Assert.Empty(devices);
    }

    [Theory]
    [InlineData("resource99: No such resource\n")]
    [InlineData("# resource0\n")]
    [InlineData("modprobe: ERROR: could not insert 'drbd'\nFailed to modprobe drbd\n")]
    public void Error_messages_are_no_resources(string text) => Assert.Empty(DrbdsetupStatus.Parse(text));

    [Fact]
    public void What_a_newer_DRBD_says_is_kept()
    {
        var device = Assert.Single(DrbdsetupStatus.Parse("r0 role:Tertiary suspended:quorum open:no\n  volume:0 minor:7 disk:Fine shape:round\n  h2 connection:Wandering role:Primary mood:good\n    volume:0 replication:Paused peer-disk:UpToDate received:x done:101\n"));

        Assert.Equal(("Tertiary", DrbdRole.Unrecognized, "Fine", "Wandering", "Paused", DrbdReplicationState.Unrecognized), (device.RoleText, device.Role, device.DiskStateText, device.ConnectionStateText, device.ReplicationStateText, device.ReplicationState));
        Assert.Equal(["done", "mood", "open", "received", "shape", "suspended"], device.OtherValues!.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((true, null), (device.IOSuspended, device.NetworkReceived));
    }

    [Fact]
    public void Every_recording_is_understood_to_the_last_word() => Assert.All(DrbdFixture.Recorded("drbdsetup-status*.txt", "*.drbdsetup-status.txt"), recorded =>
    {
        var devices = DrbdsetupStatus.Parse(recorded.Text);

        Assert.Equal(recorded.Text.Split('\n').Count(line => line.StartsWith("resource", StringComparison.Ordinal) && line.Contains("role:", StringComparison.Ordinal)), devices.Count);
        Assert.All(devices, device =>
        {
            Assert.True(device.Role > 0 && device.DiskState > 0 && device.ConnectionState > 0 && device.ReplicationState > 0, recorded.Path);
            Assert.All((device.OtherValues ?? []).Keys, key => Assert.Equal("blocked", key));
        });
    });

    [Fact]
    public void No_text_makes_it_fail() => Mutations.OfFixtures("drbdsetup-9.22-status").Sample(text => DrbdsetupStatus.Parse(text).All(device => device.ConnectionState is not null));

    [Fact]
    public void No_JSON_makes_it_fail() => Mutations.Of(Json).Sample(text => DrbdsetupStatus.TryParseJson(text, out var devices) || devices.Count == 0);
}
