using Ganeti.Tests.Drbd;

namespace Ganeti.Tests.Lvm;

[Trait("Kind", "unit")]
public sealed class LvmVolumeChangeTests
{
    // The scene with leftovers, in a group that has lost nothing.
    private static readonly NodeStorage Whole = NodeStorage.Read(
        "h1",
        $"\u001dlvs json\n{DrbdFixture.Read("lvs-2.03.16-leftovers.json")}\u001dvgs json\n{DrbdFixture.Read("vgs-2.03.16-missing-pv.json").Replace("wz-pn-", "wz--n-", StringComparison.Ordinal).Replace("\"vg_missing_pv_count\":\"1\"", "\"vg_missing_pv_count\":\"0\"", StringComparison.Ordinal)}\u001dpvs json\n{DrbdFixture.Read("pvs-2.03.16-missing-pv.json").Replace("[unknown]", "/dev/sdb", StringComparison.Ordinal)}\u001dlsblk json\n{DrbdFixture.Read("lsblk-2.38-disk-offline.json")}");

    private static readonly NodeStorage Partial = NodeStorage.Read(
        "h1",
        $"\u001dlvs json\n{DrbdFixture.Read("lvs-2.03.16-disk-offline.json")}\u001dvgs json\n{DrbdFixture.Read("vgs-2.03.16-missing-pv.json")}\u001dpvs json\n{DrbdFixture.Read("pvs-2.03.16-missing-pv.json")}\u001dlsblk json\n{DrbdFixture.Read("lsblk-2.38-disk-offline.json")}");

    [Fact]
    public void What_is_open_or_has_a_snapshot_is_not_removed()
    {
        Assert.Equal(GanetiError.StorageInUse, Removal("3f1c7a52-9c0e-4a53-8d0b-6f1f2f6b0a11.disk0_data").Refusal(Whole)!.Error);
        Assert.Equal(GanetiError.LvmVolumeNotFound, Removal("nothing").Refusal(Whole)!.Error);
        Assert.Null(Removal("backup-vm1").Refusal(Whole));
        Assert.Equal("kvmvg/backup-vm1 is removed", Removal("backup-vm1").Stake(Whole)![3..30]);
        Assert.Equal("h1: lvremove --yes kvmvg/backup-vm1", Removal("backup-vm1").CommandLine(Whole));
    }

    [Fact]
    public void A_guests_volume_is_told_with_the_guests_name()
    {
        var volume = Whole.Volumes.Single(volume => volume.Name == "5d8e2f70-6a1b-4c3d-9e4f-8a7b6c5d4e44.disk0");
        (volume.InstanceName, volume.DiskIndex, volume.DiskUuid, volume.Use) = ("vm3.lab.example", 0, "u", LvmVolumeUse.Plain);

        Assert.Equal($"{volume.Id} holds the data of vm3.lab.example, disk 0: it is lost.", Removal(volume.Name!).Stake(Whole));
        Assert.Equal("vm3.lab.example", Removal(volume.Name!).Guest(Whole));
        Assert.Contains("vm3.lab.example", new LvmRename { Node = "h1", Subject = volume.FullName, VolumeGroup = "kvmvg", Name = volume.Name!, NewName = "x" }.Stake(Whole), StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_that_was_made_again_under_the_name_is_not_the_one_that_was_meant()
    {
        Assert.Null(Removal("backup-vm1").Bound(Whole).Refusal(Whole));
        Assert.Equal(GanetiError.StorageStateWrong, (Removal("backup-vm1") with { Uuid = "another" }).Bound(Whole).Refusal(Whole)!.Error);
    }

    [Theory]
    [InlineData("backup-vm1", "LvmNameInUse")]
    [InlineData("-x", "ParameterInvalid")]
    [InlineData("a/b", "ParameterInvalid")]
    [InlineData("x_tdata", "ParameterInvalid")]
    [InlineData("snapshot1", "ParameterInvalid")]
    [InlineData("scratch", null)]
    public void A_name_is_checked_before_LVM_is_asked(string name, string? error) =>
        Assert.Equal(error, new LvmCreation { Node = "h1", Subject = name, VolumeGroup = "kvmvg", Name = name, Size = 4 << 20 }.Refusal(Whole)?.Error.Id);

    [Fact]
    public void A_group_without_room_or_with_a_lost_disk_gives_nothing()
    {
        LvmCreation Of(long size, string group = "kvmvg", params string[] on) => new() { Node = "h1", Subject = "x", VolumeGroup = group, Name = "x", Size = size, PhysicalVolumes = on, Tags = ["a", "b"] };

        Assert.Equal(GanetiError.SpaceInsufficient, Of(1L << 40).Refusal(Whole)!.Error);
        Assert.Equal(GanetiError.StorageStateWrong, Of(4 << 20).Refusal(Partial)!.Error);
        Assert.Equal(GanetiError.LvmVolumeGroupNotFound, Of(4 << 20, "other").Refusal(Whole)!.Error);
        Assert.Equal(GanetiError.LvmPhysicalVolumeNotFound, Of(4 << 20, "kvmvg", "/dev/sdz").Refusal(Whole)!.Error);
        Assert.Equal("h1: lvcreate --yes --wipesignatures y --size 4194304b --name x --addtag a --addtag b kvmvg /dev/sdb", Of(4 << 20, "kvmvg", "/dev/sdb").CommandLine(Whole));
    }

    [Fact]
    public void A_size_is_seen_in_whole_extents_and_shrinking_loses_the_end()
    {
        LvmResize Of(long size) => new() { Node = "h1", Subject = "kvmvg/backup-vm1", VolumeGroup = "kvmvg", Name = "backup-vm1", Size = size };

        Assert.Null(Of(61L << 20).Missing(Whole));
        Assert.NotNull(Of(65L << 20).Missing(Whole));
        Assert.Null(Of(65L << 20).Stake(Whole));
        Assert.Equal("h1: lvextend --size 68157440b kvmvg/backup-vm1", Of(65L << 20).CommandLine(Whole));
        Assert.Contains("is lost", Of(4L << 20).Stake(Whole), StringComparison.Ordinal);
        Assert.Equal("h1: lvreduce --force --size 4194304b kvmvg/backup-vm1", Of(4L << 20).CommandLine(Whole));
    }

    [Fact]
    public void Only_mappings_of_volumes_on_a_lost_disk_are_removed_and_none_that_is_held()
    {
        LvmMappingRemoval Of(string name) => new() { Node = "h1", Subject = name, VolumeGroup = "kvmvg", Name = name };

        Assert.Null(Of("6e9f3a81-7b2c-4d5e-8f60-9b8c7d6e5f55.disk0_data").Refusal(Partial));
        Assert.Equal("h1: dmsetup remove --retry kvmvg-6e9f3a81--7b2c--4d5e--8f60--9b8c7d6e5f55.disk0_data", Of("6e9f3a81-7b2c-4d5e-8f60-9b8c7d6e5f55.disk0_data").CommandLine(Partial));
        Assert.Contains("Dismount-DrbdDisk -Node h1 -Minor 2", Of("c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_data").Refusal(Partial)!.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(GanetiError.StorageStateWrong, Of("5d8e2f70-6a1b-4c3d-9e4f-8a7b6c5d4e44.disk0").Refusal(Partial)!.Error);
    }

    [Fact]
    public void The_mappings_of_a_snapshot_go_before_its_origins_each_with_what_is_hidden_under_it()
    {
        // As lsblk 2.38 lists them in this scene.
        const string Name = "a7d2e9b4-51f3-4c7e-9b62-0c8d4e1f7b22.disk1_data", Mapping = "kvmvg-a7d2e9b4--51f3--4c7e--9b62--0c8d4e1f7b22.disk1_data";
        const string Devices = $$"""
            {"blockdevices":[{"name":"sda","kname":"sda","maj:min":"8:0","type":"disk","children":[
              {"name":"{{Mapping}}-real","kname":"dm-6","maj:min":"253:6","type":"lvm","children":[{"name":"{{Mapping}}","kname":"dm-2","maj:min":"253:2","type":"lvm"},{"name":"{{Mapping}}.snap","kname":"dm-8","maj:min":"253:8","type":"lvm"}]},
              {"name":"{{Mapping}}.snap-cow","kname":"dm-7","maj:min":"253:7","type":"lvm"}]}]}
            """;
        var storage = NodeStorage.Read("h1", $"\u001dlvs json\n{DrbdFixture.Read("lvs-2.03.16-leftovers.json")}\u001dlsblk json\n{Devices}");
        LvmVolume origin = storage.Volumes.Single(volume => volume.Name == Name), snapshot = storage.Volumes.Single(volume => volume.Name == $"{Name}.snap");
        origin.IsPartial = snapshot.IsPartial = true;
        (origin.IsOpen, snapshot.IsOpen) = (false, false);

        Assert.Equal([snapshot, origin], LvmMappingRemoval.InOrder([origin, snapshot], storage));
        Assert.Equal($"h1: dmsetup remove --retry {Mapping}.snap && dmsetup remove --retry {Mapping}.snap-cow", LvmMappingRemoval.Of(snapshot).CommandLine(storage));
        Assert.Equal($"h1: dmsetup remove --retry {Mapping} && dmsetup remove --retry {Mapping}-real", LvmMappingRemoval.Of(origin).CommandLine(storage));
        Assert.Null(LvmMappingRemoval.Of(snapshot).Refusal(storage));
        Assert.Contains("snap is a snapshot of", LvmMappingRemoval.Of(origin).Refusal(storage)!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_that_is_in_use_makes_no_group()
    {
        LvmGroupCreation Of(params string[] disks) => new() { Node = "h1", Subject = "new", Name = "new", Disks = disks };

        Assert.Equal(GanetiError.StorageInUse, Of("sda").Refusal(Whole)!.Error);
        Assert.Equal(GanetiError.StorageInUse, Of("/dev/vda").Refusal(Whole)!.Error);
        Assert.Equal(GanetiError.BlockDeviceNotFound, Of("sdq").Refusal(Whole)!.Error);
        Assert.Equal(GanetiError.StorageStateWrong, new LvmGroupRemoval { Node = "h1", Subject = "kvmvg", Name = "kvmvg" }.Refusal(Whole)!.Error);
    }

    private static LvmRemoval Removal(string name) => new() { Node = "h1", Subject = $"kvmvg/{name}", VolumeGroup = "kvmvg", Name = name };
}
