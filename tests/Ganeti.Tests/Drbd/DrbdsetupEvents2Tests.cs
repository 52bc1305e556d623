namespace Ganeti.Tests.Drbd;

[Trait("Kind", "unit")]
public sealed class DrbdsetupEvents2Tests
{
    private const long KiB = 1024;

    [Fact]
    public void The_state_of_all_devices_is_read()
    {
        var events = DrbdsetupEvents2.Parse(DrbdFixture.Read("drbdsetup-9.22-events2-four.txt"));
        var big = events.Devices.Single(device => device.Minor == 123);

        Assert.True(events.IsComplete);
        Assert.Equal([0, 1, 4, 123], events.Devices.Select(device => device.Minor!.Value).Order());
        Assert.Equal(
            ("resource123", DrbdConnectionState.Connected, DrbdReplicationState.SyncTarget, DrbdRole.Secondary, DrbdRole.Primary, DrbdDiskState.Inconsistent, DrbdDiskState.UpToDate, 10L << 30),
            (big.ResourceName, big.ConnectionState, big.ReplicationState, big.Role, big.PeerRole, big.DiskState, big.PeerDiskState, big.Size));
        Assert.Equal((big.NetworkReceived, big.OutOfSync), (big.DiskWritten, big.ResyncLeft));
        Assert.Null(big.ResyncPercent);
        Assert.Empty(events.NotUnderstood);
    }

    [Fact]
    public void A_StandAlone_connection_has_no_name()
    {
        var device = DrbdsetupEvents2.Parse(DrbdFixture.Read("drbdsetup-9.22-events2-standalone.txt")).Devices[0];

        Assert.Equal((0, DrbdConnectionState.StandAlone, DrbdReplicationState.Off, DrbdRole.Unknown, 8192 * KiB), (device.Minor, device.ConnectionState, device.ReplicationState, device.PeerRole, device.OutOfSync));
    }

    [Fact]
    public void What_follows_changes_the_state_and_tells_of_a_split_brain()
    {
        var events = DrbdsetupEvents2.Parse(DrbdFixture.Read("drbdsetup-9.22-events2-split-brain.txt"));

        Assert.True(events.IsComplete);
        Assert.Equal(["initial-split-brain", "initial-split-brain", "split-brain", "split-brain"], events.HelperCalls.Select(call => call.Helper));
        Assert.Equal(("call", "resource0", null, 18), (events.HelperCalls[0].What, events.HelperCalls[0].ResourceName, events.HelperCalls[0].Status, events.HelperCalls[0].Time!.Value.Hour));
        Assert.Equal(("response", 0), (events.HelperCalls[1].What, events.HelperCalls[1].Status));
        Assert.Equal(DrbdConnectionState.StandAlone, events.Devices.Single(device => device.ResourceName == "resource0").ConnectionState);
        Assert.Empty(events.NotUnderstood);
    }

    [Fact]
    public void Without_minors_there_is_the_end_mark_only()
    {
        var events = DrbdsetupEvents2.Parse(DrbdFixture.Read("drbdsetup-9.22-events2-none.txt"));

        Assert.True(events.IsComplete);
        Assert.Empty(events.Devices);
        Assert.False(DrbdsetupEvents2.Parse("").IsComplete);
    }

    [Fact]
    public void What_is_destroyed_is_gone()
    {
        const string Made = "exists resource name:r role:Primary suspended:no\nexists connection name:r peer-node-id:0 conn-name:peer connection:Connected role:Secondary\nexists device name:r volume:0 minor:5 disk:UpToDate\nexists peer-device name:r peer-node-id:0 conn-name:peer volume:0 replication:Established peer-disk:UpToDate\nexists -\n";

        Assert.True(DrbdsetupEvents2.Parse(Made).Devices.Single().IsConnected);
        Assert.Equal(DrbdConnectionState.StandAlone, DrbdsetupEvents2.Parse(Made + "destroy peer-device name:r peer-node-id:0 conn-name:peer volume:0\ndestroy connection name:r peer-node-id:0 conn-name:peer\n").Devices.Single().ConnectionState);
        Assert.Empty(DrbdsetupEvents2.Parse(Made + "destroy device name:r volume:0 minor:5\n").Devices);
        Assert.Empty(DrbdsetupEvents2.Parse(Made + "destroy resource name:r\n").Devices);
    }

    [Fact]
    public void Lines_that_are_no_events_are_kept()
    {
        var events = DrbdsetupEvents2.Parse("modprobe: ERROR: could not insert 'drbd'\nexists device volume:0\nexists -\nrenamed what name:r\n");

        Assert.Equal(["modprobe: ERROR: could not insert 'drbd'", "exists device volume:0", "renamed what name:r"], events.NotUnderstood);
    }

    [Fact]
    public void Every_recording_is_understood() => Assert.All(DrbdFixture.Recorded("*events2.txt", "*events2-ts.txt", "*events2-follow.txt"), recorded =>
    {
        var events = DrbdsetupEvents2.Parse(recorded.Text);
        if (recorded.Text.Contains("exists", StringComparison.Ordinal))
        {
            Assert.True(events.IsComplete, recorded.Path);
            Assert.Empty(events.NotUnderstood);
            Assert.All(events.Devices, device => Assert.True(device.Role > 0 && device.DiskState > 0 && device.ConnectionState > 0 && device.ReplicationState > 0, recorded.Path));
        }
    });

    // The files of a scene were taken one after the other: what moves differs.
    [Fact]
    public void Both_sources_say_the_same_of_a_recorded_scene() => Assert.All(DrbdFixture.Scenes("proc_drbd.txt", "drbdsetup-events2.txt", "drbdsetup-status.txt"), scene =>
    {
        var proc = ProcDrbd.Parse(File.ReadAllText(Path.Combine(scene, "proc_drbd.txt"))).Devices;
        var events = DrbdsetupEvents2.Parse(File.ReadAllText(Path.Combine(scene, "drbdsetup-events2.txt"))).Devices.ToDictionary(device => device.Minor!.Value);
        var status = DrbdsetupStatus.Parse(File.ReadAllText(Path.Combine(scene, "drbdsetup-status.txt"))).ToDictionary(device => device.Minor!.Value);

        Assert.Equal(proc.Select(device => device.Minor!.Value).Order(), events.Keys.Order());
        Assert.Equal(status.Keys.Order(), events.Keys.Order());
        Assert.All(proc.Where(device => device.ConnectionState != DrbdConnectionState.Unconfigured), device =>
        {
            Assert.Equal((device.Role, device.DiskState == DrbdDiskState.Diskless), (events[device.Minor!.Value].Role, events[device.Minor!.Value].DiskState == DrbdDiskState.Diskless));
            if (device.ReplicationState == DrbdReplicationState.Established && events[device.Minor!.Value].ReplicationState == DrbdReplicationState.Established)
            {
                Assert.Equal((device.DiskState, device.PeerDiskState, device.PeerRole), (events[device.Minor!.Value].DiskState, events[device.Minor!.Value].PeerDiskState, events[device.Minor!.Value].PeerRole));
            }
        });
    });

    [Fact]
    public void No_text_makes_it_fail() => Mutations.OfFixtures("drbdsetup-9.22-events2").Sample(text => DrbdsetupEvents2.Parse(text).Devices.All(device => device.ConnectionState is not null));
}
