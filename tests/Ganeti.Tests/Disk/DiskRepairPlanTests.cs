using Ganeti.Tests.Drbd;

namespace Ganeti.Tests.Disk;

/// <summary>On the recorded scenes of a disk that was taken offline (23) and away (21): vm2's volumes are on sdb, vm1's on sda.</summary>
[Trait("Kind", "unit")]
public sealed class DiskRepairPlanTests
{
    private static readonly DiskRepairOrder Order = new() { Node = "h1", Name = "sdb", Serial = "LAB1DISKB002" };

    [Fact]
    public void The_steps_are_the_pages_in_their_order()
    {
        var scene = Scene(Offline("running"), primary: "h2");

        Assert.Equal(
            [GntRepairAction.DisableDevice, GntRepairAction.DetachSide, .. Enumerable.Repeat(GntRepairAction.RemoveMapping, Mapped(scene)), GntRepairAction.RemoveDevice, GntRepairAction.RepairGroup, GntRepairAction.ReplaceDisks],
            Actions(scene));
        Assert.Equal("gnt-instance replace-disks -s --disks=0 vm2", Plan(scene).Steps[^1].CommandLine);
        Assert.Equal("gnt-node repair-storage h1 lvm-vg kvmvg", Plan(scene).Steps[^2].CommandLine);
        Assert.Contains("kvmvg on h1 gives up", Plan(scene).Steps[^2].Warning, StringComparison.Ordinal);
        Assert.Contains("c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_data (vm2, disk 0)", Plan(scene).Steps[^2].Warning, StringComparison.Ordinal);
        Assert.Null(Plan(scene).Obstacle);
    }

    [Fact]
    public void What_is_done_is_no_step_any_more()
    {
        var offline = Offline("offline");
        offline.Sides[0].DiskState = DrbdDiskState.Diskless;
        var scene = Scene(offline, primary: "h2");
        Assert.Equal([GntRepairAction.RemoveMapping, GntRepairAction.RemoveDevice, GntRepairAction.RepairGroup, GntRepairAction.ReplaceDisks], Actions(scene).Distinct());

        foreach (var volume in scene.Volumes)
        {
            volume.DeviceNumber = null;
        }

        Assert.Equal([GntRepairAction.RepairGroup, GntRepairAction.ReplaceDisks], Actions(scene with { Device = null }));
    }

    [Theory]
    [InlineData(true, true, false, "gnt-instance migrate -f vm2", "gnt-instance replace-disks -s --disks=0 vm2")]
    [InlineData(true, false, false, null, "gnt-instance replace-disks -p --disks=0 vm2")]
    [InlineData(true, true, true, null, "gnt-instance replace-disks -p --disks=0 vm2")]
    [InlineData(false, false, false, "gnt-instance failover -f vm2", "gnt-instance replace-disks -s --disks=0 vm2")]
    [InlineData(false, true, true, "gnt-instance failover -f vm2", "gnt-instance replace-disks -s --disks=0 vm2")]
    public void A_guest_whose_primary_node_it_is_goes_first_while_the_disk_works_and_else_runs_on_without_one(bool isRunning, bool isSound, bool diskless, string? move, string rebuild)
    {
        var steps = DiskRepairPlan.Of(Scene(Offline("running"), primary: "h1", isRunning), Order with { RunsDiskless = diskless, IsSound = isSound }).Steps;

        Assert.Equal(move, steps[0].Action == GntRepairAction.MoveGuest ? steps[0].CommandLine : null);
        Assert.Equal(rebuild, steps[^1].CommandLine);
    }

    [Fact]
    public void A_guest_with_a_disk_that_has_let_go_already_is_not_migrated()
    {
        var storage = Offline("running");
        (storage.Sides[0].InstanceName, storage.Sides[0].DiskState) = ("vm2", DrbdDiskState.Diskless);

        Assert.DoesNotContain(GntRepairAction.MoveGuest, DiskRepairPlan.Of(Scene(storage, primary: "h1"), Order with { IsSound = true }).Steps.Select(step => step.Action));
    }

    [Fact]
    public void A_disk_without_another_side_is_hopeless_and_keeps_the_disk_from_going_unless_that_is_forced()
    {
        var scene = Scene(Offline("running"), primary: "h1", template: GntDiskTemplate.plain);

        Assert.Equal(["vm2, disk 0 (plain)"], DiskRepair.Hopeless(scene));
        Assert.Equal(GanetiError.BlockDeviceNeeded, Plan(scene).Obstacle?.Error);
        Assert.Empty(Plan(scene).Steps);
        var forced = DiskRepairPlan.Of(scene, Order with { Force = true });
        Assert.Equal(GntRepairAction.DisableDevice, forced.Steps[0].Action);
        Assert.DoesNotContain(GntRepairAction.ReplaceDisks, forced.Steps.Select(step => step.Action));
    }

    [Fact]
    public void What_is_gone_is_given_up_only_where_the_other_side_is_known_to_be_good()
    {
        var storage = Offline("offline");
        var scene = Scene(storage, primary: "h2") with { Device = null };
        storage.Sides[0].DiskState = DrbdDiskState.Diskless;
        Assert.Contains(GntRepairAction.RepairGroup, Actions(scene));

        storage.Sides[0].PeerDiskState = DrbdDiskState.Inconsistent;
        Assert.Equal(GanetiError.BlockDeviceNeeded, Plan(scene).Obstacle?.Error);
        Assert.Contains("vm2, disk 0", Plan(scene).Obstacle?.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(GntRepairAction.RepairGroup, Actions(scene));

        storage.Sides = [];
        var down = Scene(storage, primary: "h2") with { Device = null };
        Assert.Contains("drbd2 is down", Plan(down).Obstacle?.Message, StringComparison.Ordinal);
        Assert.Contains(GntRepairAction.RepairGroup, DiskRepairPlan.Of(down, Order with { Force = true }).Steps.Select(step => step.Action));
    }

    [Fact]
    public void Two_disks_of_one_serial_number_are_refused()
    {
        var storage = Offline("running");
        storage.DeviceOf("sda")!.Serial = "LAB1DISKB002";

        Assert.Equal("sdb", Order.Find(storage)?.Name);
        Assert.Contains("the same serial number as sda", DiskRepairPlan.Of(Scene(storage, primary: "h2"), Order with { Force = true }).Obstacle?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_that_is_attached_to_no_guest_is_not_given_up_without_force()
    {
        var storage = Offline("offline");
        var scene = Scene(storage, primary: "h2") with { Device = null };
        foreach (var volume in scene.Volumes)
        {
            volume.InstanceName = null;
        }

        Assert.Contains("a disk of Ganeti's that no guest has", Plan(scene).Obstacle?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void New_disks_join_what_is_left_of_the_group_and_without_room_that_is_said()
    {
        var storage = Offline("running");
        var small = Scene(storage, primary: "h2", size: 1L << 50);
        Assert.Equal(GanetiError.DiskNotRepaired, Plan(small).Obstacle?.Error);
        Assert.DoesNotContain(GntRepairAction.ReplaceDisks, Actions(small));

        var extended = DiskRepairPlan.Of(small, Order with { NewDisks = ["NEW1"] });
        Assert.Null(extended.Obstacle);
        Assert.Equal([GntRepairAction.RepairGroup, GntRepairAction.ExtendGroup, GntRepairAction.ReplaceDisks], extended.Steps.Select(step => step.Action).TakeLast(3));
    }

    [Fact]
    public void A_new_disk_joins_the_group_when_all_is_rebuilt_already_and_once_only()
    {
        var storage = Offline("running");
        storage.Groups[0].MissingCount = 0;
        storage.Groups[0].Attributes = "wz--n-";
        var scene = new DiskScene { Storage = storage, DefaultGroup = "kvmvg" };

        Assert.Equal("ExtendGroup", string.Join(',', DiskRepairPlan.Of(scene, Order with { NewDisks = ["sdc"] }).Steps.Select(step => step.Action)));
        storage.DeviceOf("sdb")!.VolumeGroup = "kvmvg";
        Assert.Empty(DiskRepairPlan.Of(scene, Order with { NewDisks = ["sdb"] }).Steps);
        Assert.Throws<GanetiException>(() => DiskRepairPlan.Of(scene with { DefaultGroup = null }, Order with { NewDisks = ["sdc"] }));
    }

    [Fact]
    public void Without_any_disk_left_the_group_is_made_anew_of_new_disks_where_the_other_sides_are_good()
    {
        var storage = Lone("[]");
        Assert.Equal(["kvmvg"], Scene(storage, primary: "h2").Groups);
        Assert.StartsWith("No disk of kvmvg is left on h1", Plan(Scene(storage, primary: "h2")).Obstacle?.Message, StringComparison.Ordinal);
        var down = DiskRepairPlan.Of(Scene(storage, primary: "h2"), Order with { NewDisks = ["NEW1"] });
        Assert.Contains("drbd2 is down", down.Obstacle?.Message, StringComparison.Ordinal);
        Assert.Empty(down.Steps);

        storage.Sides = [new DrbdDevice { Node = "h1", Minor = 2, DiskState = DrbdDiskState.Diskless, ReplicationState = DrbdReplicationState.Established, PeerDiskState = DrbdDiskState.UpToDate }];
        var made = DiskRepairPlan.Of(Scene(storage, primary: "h2"), Order with { NewDisks = ["NEW1"] });
        Assert.Equal((default(GanetiException), "CreateGroup,ReplaceDisks"), (made.Obstacle, string.Join(',', made.Steps.Select(step => step.Action))));
        Assert.Equal("h1: pvcreate NEW1 && vgcreate kvmvg NEW1", made.Steps[0].CommandLine);
    }

    [Fact]
    public void Of_a_group_that_LVM_no_longer_knows_what_is_mapped_is_told_and_let_go()
    {
        var storage = Lone("""[{"name":"sdb","kname":"sdb","maj:min":"8:16","type":"disk","serial":"LAB1DISKB002","hctl":"0:0:1:0","children":[{"name":"kvmvg-c90b6d18--2e4f--4f6a--a1c5--7b3e9d5a8c33.disk0_data","kname":"dm-0","maj:min":"253:0","type":"lvm","size":402653184}]}]""");
        LsblkReport.SetState(storage.DeviceOf("sdb")!, "offline");
        var plain = Scene(storage, primary: "h1", template: GntDiskTemplate.plain);

        Assert.Equal(("kvmvg/c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_data", "vm2"), plain.Volumes.Select(volume => (volume.FullName, volume.InstanceName)).Single());
        Assert.Contains("vm2, disk 0: c90b6d18", new BlockDeviceChange { Node = "h1", Subject = "sdb", Name = "sdb", Serial = null, Delete = true }.Refusal(storage)!.Message, StringComparison.Ordinal);
        var forced = DiskRepairPlan.Of(plain, Order with { NewDisks = ["NEW1"], Force = true });
        Assert.Equal("RemoveMapping,RemoveDevice,CreateGroup", string.Join(',', forced.Steps.Select(step => step.Action)));
        Assert.Equal("h1: dmsetup remove kvmvg-… && pvcreate NEW1 && vgcreate kvmvg NEW1", forced.Steps[^1].CommandLine);
    }

    [Fact]
    public void What_is_made_while_LVM_is_asked_is_not_lost_and_a_longer_name_is_another_groups()
    {
        const string Devices = """[{"name":"sdb","kname":"sdb","maj:min":"8:16","type":"disk","children":[{"name":"kvm--vg-x","kname":"dm-0","maj:min":"253:0","type":"lvm"}]}]""";
        var storage = NodeStorage.Read("h1", $"\u001dlvs json\n{Empty("lv")}\u001dvgs json\n{{\"report\": [{{\"vg\": [{{\"vg_name\":\"kvm-vg\"}}]}}]}}\u001dlsblk json\n{{\"blockdevices\": {Devices}}}");

        storage.Own([new LvmOwner { Node = "h1", VolumeGroup = "kvm-vg", Volume = "x", InstanceName = "vm2" }]);

        Assert.Empty(storage.Volumes);
        Assert.Equal("h1: pvcreate NEW1 && vgcreate kvm NEW1", new LvmGroupCreation { Node = "h1", Subject = "kvm", Name = "kvm", Disks = ["NEW1"] }.CommandLine(storage));
    }

    [Fact]
    public void Jobs_on_the_guests_are_waited_for_first()
    {
        var scene = Scene(Offline("running"), primary: "h2") with { Jobs = [new GntJob { Id = 7, Summary = ["INSTANCE_REPLACE_DISKS(vm2)"] }] };

        Assert.Equal((GntRepairAction.WaitForJob, "Wait-GntJob 7"), (Plan(scene).Steps[0].Action, Plan(scene).Steps[0].CommandLine));
    }

    [Fact]
    public void A_rebuild_says_how_long_it_takes_at_least()
    {
        var scene = Scene(Offline("running"), primary: "h2", size: 1L << 40) with { ResyncRate = 15L << 20 };

        // The page's figure: at 15 MByte/s 1 TB takes about 18 h 30.
        Assert.Contains("at least 19 h 25 min at the configured 15 MiB/s", DiskRepairPlan.Of(scene, Order with { NewDisks = ["NEW1"] }).Steps[^1].Description, StringComparison.Ordinal);
    }

    private static IEnumerable<GntRepairAction> Actions(DiskScene scene) => Plan(scene).Steps.Select(step => step.Action);

    private static DiskRepairPlan Plan(DiskScene scene) => DiskRepairPlan.Of(scene, Order);

    private static int Mapped(DiskScene scene) => scene.Volumes.Count(volume => volume.DeviceNumber is not null);

    // Of its group LVM knows nothing any more.
    private static NodeStorage Lone(string devices) => NodeStorage.Read("h1", $"\u001dlvs json\n{Empty("lv")}\u001dvgs json\n{Empty("vg")}\u001dpvs json\n{Empty("pv")}\u001dlsblk json\n{{\"blockdevices\": {devices}}}");

    private static string Empty(string what) => $"{{\"report\": [{{\"{what}\": []}}]}}";

    private static NodeStorage Offline(string state)
    {
        var storage = NodeStorage.Read(
            "h1",
            $"\u001dlvs json\n{DrbdFixture.Read("lvs-2.03.16-disk-offline.json")}\u001dvgs json\n{DrbdFixture.Read("vgs-2.03.16-missing-pv.json")}\u001dpvs json\n{DrbdFixture.Read("pvs-2.03.16-missing-pv.json")}\u001dlsblk json\n{DrbdFixture.Read("lsblk-2.38-disk-offline.json")}");
        LsblkReport.SetState(storage.DeviceOf("sdb")!, state);
        storage.Sides = [new DrbdDevice { Node = "h1", Minor = 2, DiskState = DrbdDiskState.UpToDate, ReplicationState = DrbdReplicationState.Established, PeerDiskState = DrbdDiskState.UpToDate }];
        return storage;
    }

    private static DiskScene Scene(NodeStorage storage, string primary, bool isRunning = true, GntDiskTemplate template = GntDiskTemplate.drbd, long size = 384L << 20)
    {
        var isMirrored = template == GntDiskTemplate.drbd;
        LvmOwner[] owners = [Owner("c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_data", isMirrored ? LvmVolumeUse.Data : LvmVolumeUse.Plain), .. isMirrored ? [Owner("c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_meta", LvmVolumeUse.Meta)] : Array.Empty<LvmOwner>()];
        if (!isMirrored)
        {
            foreach (var volume in storage.Volumes)
            {
                volume.DrbdMinor = null;
            }
        }

        storage.Own(owners);
        return DiskScene.Of(storage, storage.DeviceOf("sdb"), owners, [new GntInstance { Name = "vm2", PrimaryNode = primary, SecondaryNodes = isMirrored ? [primary == "h1" ? "h2" : "h1"] : [], IsRunning = isRunning, DiskTemplate = template, DiskTemplateText = template.ToString(), DiskSizes = [size] }]);

        LvmOwner Owner(string volume, LvmVolumeUse use) => new() { Node = "h1", VolumeGroup = "kvmvg", Volume = volume, InstanceName = "vm2", DiskIndex = 0, DiskUuid = "u2", Use = use, DrbdMinor = isMirrored ? 2 : null };
    }
}
