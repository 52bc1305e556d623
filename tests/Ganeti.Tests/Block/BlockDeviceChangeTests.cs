using Ganeti.Tests.Drbd;

namespace Ganeti.Tests.Block;

[Trait("Kind", "unit")]
public sealed class BlockDeviceChangeTests
{
    private static readonly DrbdDevice[] Good = [new() { Node = "h1", Minor = 2, ReplicationState = DrbdReplicationState.Established, PeerDiskState = DrbdDiskState.UpToDate }];

    [Fact]
    public void A_disk_goes_when_every_mirror_on_it_has_a_good_other_side()
    {
        Assert.Null(Change("sdb").Refusal(Storage(Good)));
        Assert.StartsWith("h1/sdb, serial number LAB1DISKB002 (ST2000NM0011) is taken away: all I/O on it fails.", Change("sdb").Stake(Storage(Good)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("peer", "vm2, disk 0: drbd2 is")]
    [InlineData("down", "vm2, disk 0: drbd2 is down, and whether the other side is good is not known")]
    [InlineData("plain", "vm4, disk 1: 6e9f3a81-7b2c-4d5e-8f60-9b8c7d6e5f55.disk0_data has no mirror")]
    [InlineData("mount", "dm-7: mounted on /srv")]
    public void What_would_die_is_named(string what, string expected)
    {
        var storage = Storage(Good);
        foreach (var volume in storage.Volumes.Where(volume => volume.DrbdMinor == 2))
        {
            (volume.InstanceName, volume.DiskIndex, volume.DiskUuid) = ("vm2", 0, "u2");
        }

        switch (what)
        {
            case "peer":
                storage.Sides = [new DrbdDevice { Node = "h1", Minor = 2, ReplicationState = DrbdReplicationState.SyncSource, PeerDiskState = DrbdDiskState.Inconsistent }];
                break;
            case "down":
                storage.Sides = [];
                break;
            case "plain":
                var plain = storage.Volumes.Single(volume => volume.Name == "6e9f3a81-7b2c-4d5e-8f60-9b8c7d6e5f55.disk0_data");
                (plain.InstanceName, plain.DiskIndex, plain.DiskUuid) = ("vm4", 1, "u4");
                break;
            default:
                storage.DeviceOf("dm-7")!.MountPoint = "/srv";
                break;
        }

        var refusal = Change("sdb").Refusal(storage)!;
        Assert.Equal(GanetiError.BlockDeviceNeeded, refusal.Error);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        Assert.Null((Change("sdb") with { Force = true }).Refusal(storage));
    }

    [Fact]
    public void What_is_no_disk_with_a_switch_is_refused()
    {
        Assert.Equal(GanetiError.StorageStateWrong, Change("vda").Refusal(Storage(Good))!.Error);
        Assert.Equal(GanetiError.StorageStateWrong, Change("dm-0").Refusal(Storage(Good))!.Error);
        Assert.Equal(GanetiError.BlockDeviceNotFound, Change("sdq").Refusal(Storage(Good))!.Error);
    }

    [Fact]
    public void The_disk_that_was_meant_goes_whatever_has_its_name_now()
    {
        var storage = Storage(Good);
        storage.DeviceOf("sdb")!.Serial = "ANOTHER";
        var meant = Change("sdb") with { Serial = "LAB1DISKB002" };

        Assert.Equal(GanetiError.BlockDeviceNotFound, (meant with { Delete = false }).Refusal(storage)!.Error);
        Assert.Null(meant.Missing(storage));

        storage.DeviceOf("sda")!.Serial = "LAB1DISKB002";
        Assert.StartsWith("h1: echo 1 > /sys/block/sda/device/delete", meant.CommandLine(storage), StringComparison.Ordinal);
        Assert.Equal(["sda", "LAB1DISKB002"], meant.Commands(storage)[0].Argv.TakeLast(2));
    }

    [Fact]
    public void A_name_that_no_disk_has_is_not_taken_for_a_disk_that_is_gone() => Assert.Equal((false, GanetiError.BlockDeviceNotFound), (Change("sdq").MayBeSoAlready, Change("sdq").Refusal(Storage(Good))!.Error));

    [Fact]
    public void No_job_may_be_working_on_a_guest_with_a_disk_on_it_unless_that_is_forced()
    {
        var storage = Storage(Good);
        storage.Volumes.First(volume => volume.DrbdMinor == 2).InstanceName = "vm2";

        Assert.Equal(["vm2"], Change("sdb").OtherGuests(storage));
        Assert.Empty((Change("sdb") with { Force = true }).OtherGuests(storage));
    }

    private static BlockDeviceChange Change(string name) => new() { Node = "h1", Subject = name, Name = name, Serial = null, Delete = true };

    private static NodeStorage Storage(IReadOnlyList<DrbdDevice> sides)
    {
        var storage = NodeStorage.Read(
            "h1",
            $"\u001dlvs json\n{DrbdFixture.Read("lvs-2.03.16-disk-offline.json")}\u001dvgs json\n{DrbdFixture.Read("vgs-2.03.16-missing-pv.json")}\u001dpvs json\n{DrbdFixture.Read("pvs-2.03.16-missing-pv.json")}\u001dlsblk json\n{DrbdFixture.Read("lsblk-2.38-disk-offline.json")}");
        storage.Sides = sides;
        return storage;
    }
}
