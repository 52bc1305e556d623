using Ganeti.Tests.Luxi;

namespace Ganeti.Tests.Lvm;

[Trait("Kind", "unit")]
public sealed class LvmOwnerTests
{
    [Fact]
    public void A_mirrored_disk_has_data_and_meta_data_on_both_nodes()
    {
        var owners = LvmOwner.Of(Answer());

        Assert.Equal(
            [
                ("g2.lab.example", "ad2a9412-45fc-48ed-aac7-4bd64acd4361.disk0_data", LvmVolumeUse.Data, 0),
                ("g2.lab.example", "ad2a9412-45fc-48ed-aac7-4bd64acd4361.disk0_meta", LvmVolumeUse.Meta, 0),
                ("g1.lab.example", "ad2a9412-45fc-48ed-aac7-4bd64acd4361.disk0_data", LvmVolumeUse.Data, 0),
                ("g1.lab.example", "ad2a9412-45fc-48ed-aac7-4bd64acd4361.disk0_meta", LvmVolumeUse.Meta, 0),
            ],
            owners.Select(owner => (owner.Node, owner.Volume, owner.Use, owner.DrbdMinor!.Value)));
        Assert.All(owners, owner => Assert.Equal(("kvmvg", "gv1.lab.example", 0, "4586e229-1f74-4424-b2b3-ab797335f22f"), (owner.VolumeGroup, owner.InstanceName, owner.DiskIndex, owner.DiskUuid)));
    }

    [Fact]
    public void A_volume_learns_whose_it_is_on_its_own_node_only()
    {
        LvmVolume[] volumes =
        [
            new() { Node = "g1.lab.example", VolumeGroup = "kvmvg", Name = "ad2a9412-45fc-48ed-aac7-4bd64acd4361.disk0_meta" },
            new() { Node = "g3.lab.example", VolumeGroup = "kvmvg", Name = "ad2a9412-45fc-48ed-aac7-4bd64acd4361.disk0_meta" },
        ];

        LvmOwner.Assign(LvmOwner.Of(Answer()), volumes);

        Assert.Equal([("gv1.lab.example", LvmVolumeUse.Meta), (null, null)], volumes.Select(volume => (volume.InstanceName, volume.Use)));
    }

    [Fact]
    public void A_plain_disk_is_on_the_primary_node_and_what_is_odd_is_left_out()
    {
        var owners = LvmOwner.Of(new GntParameters
        {
            ["vm3"] = new GntParameters { ["pnode"] = "h2", ["disks"] = new object?[] { new GntParameters { ["dev_type"] = "plain", ["logical_id"] = new object?[] { "xenvg", "x.disk0" }, ["uuid"] = "u" }, null, new GntParameters { ["dev_type"] = "file" } } },
            ["odd"] = null,
        });

        var owner = Assert.Single(owners);
        Assert.Equal(("h2", "xenvg", "x.disk0", LvmVolumeUse.Plain), (owner.Node, owner.VolumeGroup, owner.Volume, owner.Use));
        Assert.Empty(LvmOwner.Of("nothing"));
    }

    private static object? Answer() => LuxiFixture.Items(LuxiFixture.Items(LuxiFixture.Rows(LuxiFixture.Result("luxi-job-instance-query-data.json"))[0]["opresult"][1]))[0];
}
