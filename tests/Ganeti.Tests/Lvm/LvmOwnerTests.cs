using Ganeti.Tests.Drbd;

namespace Ganeti.Tests.Lvm;

[Trait("Kind", "unit")]
public sealed class LvmOwnerTests
{
    private static readonly IReadOnlyList<ConfiguredDisk> Disks = ConfiguredDisk.Read(DrbdFixture.Read("configured-ganeti3.0.2.json"))!;

    [Fact]
    public void A_mirrored_disk_has_data_and_meta_data_on_both_nodes()
    {
        var owners = LvmOwner.Of(Disks).Where(owner => owner.DiskUuid == "fb1cef59-1e17-4517-a293-007c9144d810").ToArray();

        Assert.Equal(
            [
                ("g2.lab.example", "6ededc07-388b-4146-be6a-cb2239ca8e6c.disk1_data", LvmVolumeUse.Data, 2),
                ("g2.lab.example", "6ededc07-388b-4146-be6a-cb2239ca8e6c.disk1_meta", LvmVolumeUse.Meta, 2),
                ("g1.lab.example", "6ededc07-388b-4146-be6a-cb2239ca8e6c.disk1_data", LvmVolumeUse.Data, 2),
                ("g1.lab.example", "6ededc07-388b-4146-be6a-cb2239ca8e6c.disk1_meta", LvmVolumeUse.Meta, 2),
            ],
            owners.Select(owner => (owner.Node, owner.Volume, owner.Use, owner.DrbdMinor!.Value)));
        Assert.All(owners, owner => Assert.Equal(("kvmvg", "vm1.lab.example", 1), (owner.VolumeGroup, owner.InstanceName, owner.DiskIndex)));
    }

    [Fact]
    public void A_volume_learns_whose_it_is_on_its_own_node_only()
    {
        LvmVolume[] volumes =
        [
            new() { Node = "g1.lab.example", VolumeGroup = "kvmvg", Name = "bb459b83-b2b4-4564-933a-221f84eb1edb.disk0_meta" },
            new() { Node = "g3.lab.example", VolumeGroup = "kvmvg", Name = "bb459b83-b2b4-4564-933a-221f84eb1edb.disk0_meta" },
        ];

        LvmOwner.Assign(LvmOwner.Of(Disks), volumes);

        Assert.Equal([("vm1.lab.example", LvmVolumeUse.Meta), (null, null)], volumes.Select(volume => (volume.InstanceName, volume.Use)));
    }

    [Fact]
    public void A_plain_disk_is_on_the_primary_node_and_what_no_guest_has_is_somebodys_too()
    {
        var owners = LvmOwner.Of(Disks);

        Assert.Equal([("g2.lab.example", "d68ba685-5e4d-44ac-b196-bef87cdd9fe2.disk0", LvmVolumeUse.Plain, null)], owners.Where(owner => owner.InstanceName == "vm3.lab.example").Select(owner => (owner.Node, owner.Volume, owner.Use, owner.DrbdMinor)));
        var detached = owners.Where(owner => owner.InstanceName is null).ToArray();
        Assert.Equal(4, detached.Length);
        Assert.All(detached, owner => Assert.Equal(("90b571be-cdb0-4e6d-9aa2-c93debb10d52", null, 3), (owner.DiskUuid, owner.DiskIndex, owner.DrbdMinor)));
    }

    [Theory]
    [InlineData("[]", 0)]
    [InlineData("""[null, 3, {"sides": 3}, {"sides": [["h1"], 3], "volumes": [["vg", "x"], ["vg"], null]}]""", 1)]
    public void What_is_odd_is_left_out(string text, int count) => Assert.Equal(count, LvmOwner.Of(ConfiguredDisk.Read(text)!).Count);

    [Fact]
    public void What_is_no_list_is_no_answer() => Assert.Null(ConfiguredDisk.Read("Traceback"));
}
