using Ganeti.Tests.Drbd;

namespace Ganeti.Tests.Lvm;

[Trait("Kind", "unit")]
public sealed class LvmOrphanTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 22, 0, 0, TimeSpan.Zero);

    // The guests that the scene has on h1.
    private static readonly LvmOwner[] Guests =
    [
        Owner("3f1c7a52-9c0e-4a53-8d0b-6f1f2f6b0a11.disk0_data", "vm1"), Owner("3f1c7a52-9c0e-4a53-8d0b-6f1f2f6b0a11.disk0_meta", "vm1"),
        Owner("a7d2e9b4-51f3-4c7e-9b62-0c8d4e1f7b22.disk1_data", "vm1"), Owner("a7d2e9b4-51f3-4c7e-9b62-0c8d4e1f7b22.disk1_meta", "vm1"),
        Owner("c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_data", "vm2"), Owner("c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_meta", "vm2"),
        Owner("5d8e2f70-6a1b-4c3d-9e4f-8a7b6c5d4e44.disk0", "vm3"),
        Owner("6e9f3a81-7b2c-4d5e-8f60-9b8c7d6e5f55.disk0_data", null),
    ];

    private static readonly LvmKnowledge Knowledge = new()
    {
        Owners = Guests,
        Guests = new HashSet<string> { "vm1.lab.example", "vm2.lab.example", "vm3.lab.example" },
        Reserved = ["kvmvg/backup-.*"],
        Busy = new Dictionary<string, string>(),
    };

    [Fact]
    public void Leftovers_are_found_and_told_from_what_somebody_has()
    {
        var judged = Judge(Knowledge);

        Assert.Equal(
            [
                "0d1e2f3a-4b5c-4d6e-8f7a-8b9c0d1e2f66.disk0_data",
                "0d1e2f3a-4b5c-4d6e-8f7a-8b9c0d1e2f66.disk0_meta",
                "1e2f3a4b-5c6d-4e7f-8a8b-9c0d1e2f3a77.disk0_data_replaced-1795459000",
                "a7d2e9b4-51f3-4c7e-9b62-0c8d4e1f7b22.disk1_data.snap",
                "c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_data.snap",
            ],
            judged.Where(pair => pair.Value.IsOrphan).Select(pair => pair.Key));
        Assert.Contains("it was made for gone.lab.example, which is not there any more", judged["0d1e2f3a-4b5c-4d6e-8f7a-8b9c0d1e2f66.disk0_data"].Evidence);
        Assert.Contains("its name is one of Ganeti's", judged["0d1e2f3a-4b5c-4d6e-8f7a-8b9c0d1e2f66.disk0_meta"].Evidence);
        Assert.Contains("a replacement of disks left it behind at 2026-11-23 18:36:40Z", judged["1e2f3a4b-5c6d-4e7f-8a8b-9c0d1e2f3a77.disk0_data_replaced-1795459000"].Evidence);
        Assert.Contains("it was made for vm1.lab.example, which has other volumes now", judged["1e2f3a4b-5c6d-4e7f-8a8b-9c0d1e2f3a77.disk0_data_replaced-1795459000"].Evidence);
        Assert.Contains("it is a snapshot of a7d2e9b4-51f3-4c7e-9b62-0c8d4e1f7b22.disk1_data", judged["a7d2e9b4-51f3-4c7e-9b62-0c8d4e1f7b22.disk1_data.snap"].Evidence);
        Assert.Equal(["it is reserved (kvmvg/backup-.*)"], judged["backup-vm1"].Against);
        Assert.Equal(["it is of disk uuid-null, which is attached to no guest"], judged["6e9f3a81-7b2c-4d5e-8f60-9b8c7d6e5f55.disk0_data"].Against);
        Assert.Equal(["it is of vm3"], judged["5d8e2f70-6a1b-4c3d-9e4f-8a7b6c5d4e44.disk0"].Against);
        Assert.Equal(["it is of vm1", "a7d2e9b4-51f3-4c7e-9b62-0c8d4e1f7b22.disk1_data.snap is a snapshot of it", "somebody has it open"], judged["a7d2e9b4-51f3-4c7e-9b62-0c8d4e1f7b22.disk1_data"].Against);
    }

    [Theory]
    [InlineData("young", "it is 62 minutes old only")]
    [InlineData("clock", "its age is not known")]
    [InlineData("job", "job 7 (INSTANCE_REPLACE_DISKS(vm1)) is on its node")]
    [InlineData("open", "LVM does not tell whether somebody has it open")]
    [InlineData("minor", "drbd7 stands on it")]
    [InlineData("hidden", "it is a part of another volume")]
    [InlineData("odd", "it is reserved ((()")]
    [InlineData("pool", "thin1 takes its blocks from it")]
    public void Each_doubt_keeps_a_volume(string doubt, string expected)
    {
        var volume = new LvmVolume { Node = "h1", VolumeGroup = "kvmvg", Name = "left", IsOpen = false, Created = Now.AddMinutes(-62) };
        var beside = new List<LvmVolume> { volume };
        var knowledge = Knowledge;
        switch (doubt)
        {
            case "job":
                knowledge = Knowledge with { Busy = new Dictionary<string, string> { ["h1"] = "job 7 (INSTANCE_REPLACE_DISKS(vm1))" } };
                break;
            case "open":
                volume.IsOpen = null;
                break;
            case "minor":
                volume.DrbdMinor = 7;
                break;
            case "hidden":
                volume.IsHidden = true;
                break;
            case "odd":
                knowledge = Knowledge with { Reserved = ["(("] };
                break;
            case "pool":
                beside.Add(new LvmVolume { VolumeGroup = "kvmvg", Name = "thin1", Pool = "left" });
                break;
        }

        var verdict = LvmOrphans.Of(volume, beside, doubt == "clock" ? null : Now, doubt == "young" ? TimeSpan.FromMinutes(63) : TimeSpan.FromHours(1), knowledge, new HashSet<(string, string, string)>());

        Assert.Equal([expected], verdict.Against);
    }

    [Fact]
    public void A_node_is_busy_when_a_job_names_it_or_a_guest_of_it_or_holds_its_lock()
    {
        var guests = new[] { new GntInstance { Name = "vm1.lab.example", PrimaryNode = "h1", SecondaryNodes = ["h2"] } };
        GntJob Job(long id, string operation, params (string, object?)[] parameters) => new() { Id = id, Summary = [operation], Operations = [new GntJobOperation { OpId = $"OP_{operation}", Parameters = new GntParameters(parameters.ToDictionary()) }] };

        Assert.Equal(["h1", "h2"], LvmOrphans.BusyNodes([Job(7, "INSTANCE_REPLACE_DISKS", ("instance_name", "vm1.lab.example"))], [], guests, ["h1", "h2", "h3"]).Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["h3.lab.example"], LvmOrphans.BusyNodes([Job(8, "INSTANCE_CREATE", ("pnode", "h3"))], [], guests, ["h1", "h3.lab.example"]).Keys);
        Assert.Equal(["h2"], LvmOrphans.BusyNodes([Job(9, "TEST_DELAY")], [new GntLock { Name = "node-res/h2", ObjectName = "h2", OwnerJobId = [9] }], guests, ["h1", "h2"]).Keys);
        Assert.Equal(2, LvmOrphans.BusyNodes([Job(9, "TEST_DELAY")], [new GntLock { Name = "node/[lockset]", OwnerJobId = [9] }], guests, ["h1", "h2"]).Count);
        Assert.Empty(LvmOrphans.BusyNodes([Job(10, "INSTANCE_QUERY_DATA", ("instances", new object?[] { "vm1.lab.example" }))], [], guests, ["h1", "h2"]));
    }

    private static Dictionary<string, LvmVerdict> Judge(LvmKnowledge knowledge)
    {
        var volumes = LvmReport.Volumes("h1", LvmReport.Json(DrbdFixture.Read("lvs-2.03.16-leftovers.json"))!);
        var owners = knowledge.Owners.Select(owner => (owner.Node, owner.VolumeGroup, owner.Volume)).ToHashSet();
        return volumes.ToDictionary(volume => volume.Name!, volume => LvmOrphans.Of(volume, volumes, Now, TimeSpan.FromHours(1), knowledge, owners));
    }

    private static LvmOwner Owner(string volume, string? guest) => new() { Node = "h1", VolumeGroup = "kvmvg", Volume = volume, InstanceName = guest, DiskUuid = $"uuid-{guest ?? "null"}" };
}
