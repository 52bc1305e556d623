using Ganeti.Luxi;

namespace Ganeti.Tests.Luxi;

[Trait("Kind", "unit")]
public sealed class LuxiQueryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Task<IReadOnlyList<GntInstance>> InstancesAsync(string data) =>
        // The same rows for the configuration and for the live fields.
        ReplayedMaster.Saying($$$"""{"success": true, "result": {"fields": [], "data": {{{data}}}}}""").Connection().Instances.Table.ReadOnlyAsync(
            null, Stop, nameof(GntInstance.Name), nameof(GntInstance.AdminState), nameof(GntInstance.Memory), nameof(GntInstance.VCpu), nameof(GntInstance.Created));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(99)]
    public async Task A_value_that_is_not_normal_is_null_even_when_something_stands_there(int status)
    {
        var instance = Assert.Single(await InstancesAsync($$"""[[[0, "vm1"], [{{status}}, "up"], [{{status}}, 64], [0, 2], [0, 0]]]"""));

        Assert.Equal(("vm1", null, null, null, 2), (instance.Name, instance.AdminState, instance.AdminStateText, instance.Memory, instance.VCpu));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""[[0, "odd"]]""")]
    [InlineData("""[[0, {"a": 1}], [0, []], [0, {}], [0, "many"], [0, [1]]]""")]
    [InlineData("""[[0, null], [0, null], [0, null], [0, null], [0, null]]""")]
    [InlineData("""[[0, "odd"], [0, 17], [0, "1e9"], [0, 99999999999], [0, -5]]""")]
    [InlineData("""[[0, "odd"], [0, true], [0, 1e308], [0, 1.5], [0, 1e308], [0, "one too many"]]""")]
    public async Task One_odd_row_hides_no_other(string odd)
    {
        const string Good = """[[0, "vm1"], [0, "up"], [0, 64], [0, 2], [0, 1795460469.25]]""";

        var instances = await InstancesAsync($"[{Good}, {odd}, {Good.Replace("vm1", "vm2", StringComparison.Ordinal)}]");

        Assert.Equal(3, instances.Count);
        Assert.All([instances[0], instances[2]], good => Assert.Equal((GntAdminState.up, 64L << 20, 2), (good.AdminState, good.Memory, good.VCpu)));
        Assert.Equal("vm2", instances[2].Name);
    }

    [Fact]
    public async Task A_word_that_is_not_known_is_kept_as_text_and_is_Unrecognized()
    {
        var instances = await InstancesAsync("""[[[0, "a"], [0, "dormant"]], [[0, "b"], [0, "1"]], [[0, "c"], [0, "UP"]], [[0, "d"], [0, "up"]]]""");

        Assert.Equal(["dormant", "1", "UP", "up"], instances.Select(instance => instance.AdminStateText));
        Assert.Equal(
            [GntAdminState.Unrecognized, GntAdminState.Unrecognized, GntAdminState.Unrecognized, GntAdminState.up],
            instances.Select(instance => instance.AdminState!.Value));
    }

    [Fact]
    public async Task Two_rows_of_one_name_are_both_there()
    {
        // Seen while a guest is renamed; live values are joined by name.
        var master = ReplayedMaster.Saying("""{"success": true, "result": {"fields": [], "data": [[[0, "vm1"], [0, "running"]], [[0, "vm1"], [0, "running"]], [[0, "vm2"], [0, "ADMIN_down"]]]}}""");

        var instances = await master.Connection().Instances.Table.ReadOnlyAsync(null, Stop, nameof(GntInstance.Name), nameof(GntInstance.Status));

        Assert.Equal([GntInstanceStatus.running, GntInstanceStatus.running, GntInstanceStatus.ADMIN_down], instances.Select(instance => instance.Status!.Value));
    }

    [Fact]
    public async Task A_recorded_guest_has_its_values_with_types_and_units()
    {
        var connection = ReplayedMaster.Of(LuxiFixture.Result("luxi-query-instance.json")).Connection();

        var instance = Assert.Single(await connection.Instances.GetAsync(null, configurationOnly: false, Stop));

        Assert.Equal("gv1.lab.example", instance.Name);
        Assert.Equal((GntInstanceStatus.running, "running", true), (instance.Status, instance.StatusText, instance.IsRunning));
        Assert.Equal((GntAdminState.up, "up", "admin"), (instance.AdminState, instance.AdminStateText, instance.AdminStateSource));
        Assert.Equal("g2.lab.example", instance.PrimaryNode);
        Assert.Equal(["g1.lab.example"], instance.SecondaryNodes!);
        Assert.Equal((64L << 20, 64L << 20, 64L << 20, 192L << 20), (instance.Memory, instance.MinimumMemory, instance.MemoryInUse, instance.DiskUsage));
        Assert.Equal((GntDiskTemplate.drbd, "drbd", 11000, 1, 1), (instance.DiskTemplate, instance.DiskTemplateText, instance.NetworkPort, instance.VCpu, instance.VCpuInUse));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1795460469216), instance.Created!.Value, TimeSpan.FromMilliseconds(1));
        Assert.Equal("/usr/bin/qemu-system-x86_64", instance.HypervisorParameters!["kvm_path"]);
        Assert.Equal(12L, instance.HypervisorParameters["kvm_pci_reservations"]);
        Assert.Equal(false, instance.HypervisorParameters["serial_console"]);
        Assert.Equal(("c-uuid", "gnt.lab.example"), (instance.ClusterUuid, instance.ClusterName));
        Assert.NotNull(instance.ReadAt);
        Assert.True(instance.AutoMigratable);
        Assert.Empty(instance.Nics!);

        var disk = Assert.Single(instance.Disks!);
        Assert.Equal(("gv1.lab.example", 0, "4586e229-1f74-4424-b2b3-ab797335f22f", null, 64L << 20), (disk.InstanceName, disk.Index, disk.Uuid, disk.Name, disk.Size));
        Assert.Equal((GntDiskTemplate.drbd, "g2.lab.example", "gv1.lab.example/disk/0"), (disk.Template, disk.PrimaryNode, disk.ToString()));
        Assert.Equal(instance.ClusterUuid, disk.ClusterUuid);
    }

    [Fact]
    public async Task Without_live_fields_nothing_live_is_asked_or_made_up()
    {
        var master = ReplayedMaster.Of(LuxiFixture.Result("luxi-query-instance.json"));

        var instance = Assert.Single(await master.Connection().Instances.GetAsync(null, configurationOnly: true, Stop));

        Assert.Equal((null, null, null, null, null), (instance.Status, instance.StatusText, instance.IsRunning, instance.MemoryInUse, instance.VCpuInUse));
        Assert.All(master.Requests, request => Assert.DoesNotMatch("oper_|\"status\"|mfree|bootid", request));
    }

    [Fact]
    public async Task Recorded_nodes_have_their_values()
    {
        var connection = ReplayedMaster.Of(LuxiFixture.Result("luxi-query-node.json")).Connection();

        var nodes = await connection.Nodes.GetAsync(null, configurationOnly: false, Stop);

        Assert.Equal(["g1.lab.example", "g2.lab.example"], nodes.Select(node => node.Name));
        var first = nodes[0];
        Assert.Equal((GntNodeRole.M, "M", true, true), (first.Role, first.RoleText, first.IsMaster, first.IsMasterCandidate));
        Assert.Equal((1461L << 20, 1122L << 20, 69L << 20, (1461L - 1122) << 20), (first.MemoryTotal, first.MemoryFree, first.MemoryOfNode, first.MemoryUsed));
        Assert.Equal((30716L << 20, 30524L << 20), (first.DiskTotal, first.DiskFree));
        Assert.Equal((22, false, 1, 0), (first.SshPort, first.ExclusiveStorage, first.Cpu, first.SpindlesTotal));
        // Statuses "unavailable".
        Assert.Equal((null, null, null), (first.Powered, first.HypervisorState, first.DiskState));
        Assert.Equal(["gv1.lab.example"], first.SecondaryInstances!);
    }

    [Fact]
    public async Task A_recorded_group_has_its_policy()
    {
        var connection = ReplayedMaster.Of(LuxiFixture.Result("luxi-query-group.json")).Connection();

        var group = Assert.Single(await connection.Groups.GetAsync(null, Stop));

        Assert.Equal(("default", GntAllocationPolicy.preferred, 2), (group.Name, group.AllocationPolicy, group.NodeCount));
        Assert.NotNull(group.Policy!.Bounds![0].Minimum!.Memory);
        Assert.Equal(0, group.Policy.Bounds[0].Maximum!.Memory % (1 << 20));
        Assert.NotEmpty(group.Policy.DiskTemplates!);
        Assert.IsType<GntParameters>(group.DiskParameters!["drbd"]);
    }

    [Fact]
    public async Task A_recorded_network_has_its_addresses()
    {
        var result = LuxiFixture.Result("luxi-query-network.json");
        var recorded = LuxiFixture.Rows(result);

        var networks = await ReplayedMaster.Of(result).Connection().Networks.GetAsync(null, Stop);

        Assert.Equal(recorded.Select(row => row["name"][1]), networks.Select(network => network.Name));
        Assert.All(networks.Zip(recorded), pair =>
        {
            Assert.Equal(pair.Second["network"][1], pair.First.Subnet);
            Assert.Equal(pair.Second["free_count"][1], pair.First.FreeCount);
            Assert.Equal(LuxiFixture.Items(pair.Second["group_list"][1]).Length, pair.First.Groups!.Length);
        });
    }

    [Fact]
    public async Task A_recorded_answer_without_rows_is_an_empty_list()
    {
        Assert.Empty(await ReplayedMaster.Of(LuxiFixture.Result("luxi-query-lock.json")).Connection().Locks.GetAsync(null, Stop));
        Assert.Empty(LuxiFixture.Rows(LuxiFixture.Result("luxi-query-filter.json")));
    }

    [Fact]
    public async Task The_recorded_cluster_has_its_configuration()
    {
        var reply = ReplayedMaster.Reply(LuxiFixture.Reply("luxi-cluster-info.json"));
        var values = ReplayedMaster.Reply(new GntParameters { ["success"] = true, ["result"] = new object?[] { true, 1795460469L } });
        var master = new ReplayedMaster(request => (string)request["method"]! == "QueryConfigValues" ? values : reply);

        var cluster = await master.Connection().GetClusterAsync(Stop);

        Assert.Equal(("gcl.lab.example", "g1.lab.example", "3.0.2", "kvm"), (cluster.Name, cluster.Master, cluster.SoftwareVersion, cluster.DefaultHypervisor));
        Assert.Equal(["kvm", "fake"], cluster.EnabledHypervisors!);
        Assert.Equal((true, DateTimeOffset.FromUnixTimeSeconds(1795460469)), (cluster.IsQueueDrained, cluster.WatcherPausedUntil));
        Assert.Equal("/usr/bin/qemu-system-x86_64", ((GntParameters)cluster.HypervisorParameters!["kvm"]!)["kvm_path"]);
        Assert.NotNull(cluster.Policy!.Standard);
    }

    [Fact]
    public async Task A_field_by_Ganetis_name_comes_as_it_is_and_an_unknown_one_is_an_error_that_names_it()
    {
        var table = ReplayedMaster.Of(LuxiFixture.Result("luxi-query-instance.json")).Connection().Instances.Table;

        var instance = Assert.Single(await table.ReadAsync(null, configurationOnly: true, ["disk.count", "sdb_size", "hv/acpi"], Stop));
        var error = await Assert.ThrowsAsync<GanetiException>(() => table.ReadAsync(null, configurationOnly: true, ["disk.count", "no_such"], Stop));

        Assert.Equal([1L, null, true], instance.ExtraFields!.Values);
        Assert.Equal(("FieldUnknown", "no_such"), (error.Error.Id, error.Target));
    }
}
