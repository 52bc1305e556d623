using System.Globalization;
using System.Management.Automation;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Cluster;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class ReadTests
{
    public ReadTests() => Lab.Require();

    [Fact]
    public void Guests_have_the_values_that_gnt_instance_list_shows()
    {
        using var engine = Lab.Connected();

        Compare(
            engine.Run("Get-GntInstance").Succeeded().Of<GntInstance>(),
            "gnt-instance",
            ("name", i => i.Name),
            ("uuid", i => i.Uuid),
            ("status", i => i.StatusText),
            ("status", i => Word(i.Status)),
            ("admin_state", i => Word(i.AdminState)),
            ("oper_state", i => i.IsRunning is { } runs ? runs ? "Y" : "N" : null),
            ("oper_ram", i => MiB(i.MemoryInUse)),
            ("oper_vcpus", i => Number(i.VCpuInUse)),
            ("pnode", i => i.PrimaryNode),
            ("snodes", i => string.Join(',', i.SecondaryNodes!)),
            ("pnode.group", i => i.PrimaryGroup),
            ("be/maxmem", i => MiB(i.Memory)),
            ("be/minmem", i => MiB(i.MinimumMemory)),
            ("be/vcpus", i => Number(i.VCpu)),
            ("disk_template", i => Word(i.DiskTemplate)),
            ("disk_usage", i => MiB(i.DiskUsage)),
            ("disk.count", i => Number(i.Disks!.Length)),
            ("disk.uuid/0", i => i.Disks!.ElementAtOrDefault(0)?.Uuid),
            ("disk.size/0", i => MiB(i.Disks!.ElementAtOrDefault(0)?.Size)),
            ("disk.name/0", i => i.Disks!.ElementAtOrDefault(0)?.Name),
            ("nic.count", i => Number(i.Nics!.Length)),
            ("nic.mac/0", i => i.Nics!.ElementAtOrDefault(0)?.Mac),
            ("nic.ip/0", i => i.Nics!.ElementAtOrDefault(0)?.IPAddress),
            ("nic.network.name/0", i => i.Nics!.ElementAtOrDefault(0)?.NetworkName),
            ("hypervisor", i => i.Hypervisor),
            ("os", i => i.OS),
            ("tags", i => string.Join(',', i.Tags!)),
            ("serial_no", i => Number(i.SerialNumber)));
    }

    [Fact]
    public void Nodes_have_the_values_that_gnt_node_list_shows()
    {
        using var engine = Lab.Connected();

        Compare(
            engine.Run("Get-GntNode").Succeeded().Of<GntNode>(),
            "gnt-node",
            ("name", n => n.Name),
            ("uuid", n => n.Uuid),
            ("role", n => Word(n.Role)),
            ("group", n => n.Group),
            ("pip", n => n.PrimaryIPAddress),
            ("pinst_cnt", n => Number(n.PrimaryInstanceCount)),
            ("pinst_list", n => string.Join(',', n.PrimaryInstances!)),
            ("mtotal", n => MiB(n.MemoryTotal)),
            ("ctotal", n => Number(n.Cpu)),
            ("bootid", n => n.BootId),
            ("offline", n => n.Offline is true ? "Y" : "N"),
            ("ndp/ssh_port", n => Number(n.SshPort)));
    }

    [Fact]
    public void Groups_and_networks_have_the_values_that_their_lists_show()
    {
        using var engine = Lab.Connected();

        Compare(
            engine.Run("Get-GntGroup").Succeeded().Of<GntGroup>(),
            "gnt-group",
            ("name", g => g.Name),
            ("uuid", g => g.Uuid),
            ("alloc_policy", g => g.AllocationPolicyText),
            ("node_cnt", g => Number(g.NodeCount)),
            ("node_list", g => string.Join(',', g.Nodes!)),
            ("pinst_cnt", g => Number(g.InstanceCount)));
        Compare(
            engine.Run("Get-GntNetwork").Succeeded().Of<GntNetwork>(),
            "gnt-network",
            ("name", n => n.Name),
            ("uuid", n => n.Uuid),
            ("network", n => n.Subnet),
            ("gateway", n => n.Gateway),
            ("free_count", n => Number(n.FreeCount)),
            ("inst_list", n => string.Join(',', n.Instances!)),
            ("map", n => n.Map));
    }

    [Fact]
    public void Jobs_have_the_values_that_gnt_job_list_shows()
    {
        using var engine = Lab.Connected();

        var listed = Lab.Exec("h1", "gnt-job", "list", "--no-headers", "--separator=|", "-o", "id,status,summary,priority").Split('\n', StringSplitOptions.RemoveEmptyEntries);

        var jobs = engine.Run("Get-GntJob").Succeeded().Of<GntJob>();

        Assert.Equal(listed.Order(StringComparer.Ordinal), jobs.Select(job => $"{job.Id}|{Word(job.Status)}|{string.Join(',', job.Summary!)}|{job.Priority}").Order(StringComparer.Ordinal));
        Assert.All(jobs, job => Assert.True(job.Operations!.Length == job.Summary!.Length && job.Received is not null));
    }

    [Fact]
    public void The_cluster_is_what_gnt_cluster_info_says()
    {
        using var engine = Lab.Connected();

        var cluster = engine.Run("Get-GntCluster").Succeeded().One<GntCluster>();

        var info = Lab.Exec("h1", "gnt-cluster", "info").Split('\n').Select(line => line.Split(": ", 2)).Where(pair => pair.Length == 2).GroupBy(pair => pair[0].Trim()).ToDictionary(group => group.Key, group => group.First()[1].Trim());
        Assert.Equal((info["Cluster name"], info["Cluster UUID"], info["Master node"]), (cluster.Name, cluster.Uuid, cluster.Master));
        Assert.Equal(info["Default hypervisor"], cluster.DefaultHypervisor);
        Assert.Equal(info["Enabled hypervisors"], string.Join(", ", cluster.EnabledHypervisors!));
        Assert.Equal(false, cluster.IsQueueDrained);
    }

    [Theory]
    [InlineData("Get-GntInstance vm1", "vm1")]
    [InlineData("Get-GntInstance vm1.lab.example", "vm1")]
    [InlineData("Get-GntInstance VM1", "vm1")]
    [InlineData("Get-GntInstance vm*", "vm1 vm2 vm3 vm4")]
    [InlineData("Get-GntInstance vm[13]*", "vm1 vm3")]
    [InlineData("Get-GntInstance vm1, vm1.lab.example, vm*", "vm1 vm2 vm3 vm4")]
    [InlineData("'vm2', 'vm1' | Get-GntInstance", "vm1 vm2")]
    [InlineData("Get-GntInstance nosuch*", "")]
    [InlineData("Get-GntInstance vm1 | Get-GntInstance", "vm1")]
    [InlineData("Get-GntNode h[23]*", "h2 h3")]
    [InlineData("Get-GntGroup d*", "default")]
    [InlineData("Get-GntNetwork net1", "net1")]
    [InlineData("Get-GntGroup | Get-GntNode", "h1 h2 h3")]
    [InlineData("Get-GntGroup | Get-GntInstance", "kvm1 kvm2 vm1 vm2 vm3 vm4")]
    [InlineData("Get-GntNode | Get-GntGroup", "default")]
    [InlineData("Get-GntInstance vm* | Get-GntGroup", "default")]
    [InlineData("Get-GntNetwork | Get-GntInstance", "vm2")]
    [InlineData("Get-GntNetwork | Get-GntGroup", "default")]
    [InlineData("Get-GntGroup | Get-GntNetwork", "net1")]
    [InlineData("Get-GntInstance | Get-GntNetwork", "net1")]
    [InlineData("Get-GntNetwork | Get-GntNic", "vm2/nic/0")]
    [InlineData("Get-GntInstance vm3 | Get-GntDisk", "vm3/disk/0 vm3/disk/1")]
    [InlineData("Get-GntDisk vm3 -Index 1", "vm3/disk/1")]
    [InlineData("Get-GntDisk vm3 -Index 1 | Get-GntDisk", "vm3/disk/1")]
    [InlineData("Get-GntDisk vm3, vm4 | Get-GntInstance", "vm3 vm4")]
    [InlineData("Get-GntNode | Get-GntDisk | Get-GntInstance", "kvm1 kvm2 vm3 vm4")]
    [InlineData("Get-GntNic vm4 | Get-GntInstance", "vm4")]
    [InlineData("Get-GntNic | Get-GntNetwork", "net1")]
    [InlineData("Get-GntInstance -Network net1", "vm2")]
    [InlineData("Get-GntNode -Group default", "h1 h2 h3")]
    [InlineData("Get-GntNode | Get-GntInstance -Secondary", "")]
    [InlineData("Get-GntNode | Get-GntInstance -Any", "kvm1 kvm2 vm1 vm2 vm3 vm4")]
    public void Names_patterns_and_relations_give_what_belongs_together_each_once(string script, string expected)
    {
        using var engine = Lab.Connected();

        var outcome = engine.Run(script).Succeeded();

        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), outcome.Output.Select(item => item.ToString()!.Replace(".lab.example", string.Empty, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        var uuid = engine.Run("(Get-GntCluster).Uuid").One<string>();
        Assert.All(outcome.Output, item => Assert.Equal(uuid, ((GntObject)item.BaseObject).ClusterUuid));
    }

    [Fact]
    public void A_guests_nodes_and_a_nodes_guests_are_each_others()
    {
        using var engine = Lab.Connected();

        foreach (var instance in engine.Run("Get-GntInstance -ConfigurationOnly").Succeeded().Of<GntInstance>())
        {
            Assert.Equal(instance.PrimaryNode, engine.Run("$input | Get-GntNode -ConfigurationOnly", instance).Succeeded().One<GntNode>().Name);
            Assert.Equal(instance.PrimaryNode, engine.Run("$input | Get-GntDisk | Get-GntNode -ConfigurationOnly", instance).Succeeded().Of<GntNode>().SingleOrDefault()?.Name ?? instance.PrimaryNode);
            Assert.Contains(instance, engine.Run($"Get-GntInstance -ConfigurationOnly -Node {instance.PrimaryNode!.Split('.')[0]}").Succeeded().Of<GntInstance>());
        }
    }

    [Fact]
    public void The_jobs_of_a_guest_lead_back_to_it_and_to_its_node()
    {
        using var engine = Lab.Connected();

        var jobs = engine.Run("Get-GntInstance vm3 | Get-GntJob").Succeeded().Of<GntJob>();

        Assert.NotEmpty(jobs);
        Assert.All(jobs, job => Assert.Contains(job.InstanceNames, name => name.StartsWith("vm3", StringComparison.Ordinal)));
        Assert.Contains("vm3.lab.example", engine.Run("$input | Get-GntInstance", [.. jobs]).Succeeded().Of<GntInstance>().Select(instance => instance.Name));
        Assert.NotEmpty(engine.Run("$input | Get-GntNode", [.. jobs]).Succeeded().Output);
        Assert.NotEmpty(engine.Run("Get-GntNode h3 | Get-GntJob").Succeeded().Output);
    }

    [Theory]
    [InlineData("Get-GntInstance nosuch", "InstanceNotFound", "nosuch")]
    [InlineData("Get-GntInstance nosuch, vm1", "InstanceNotFound", "nosuch")]
    [InlineData("Get-GntNode vm1", "NodeNotFound", "vm1")]
    [InlineData("Get-GntGroup nosuch", "GroupNotFound", "nosuch")]
    [InlineData("Get-GntNetwork nosuch", "NetworkNotFound", "nosuch")]
    [InlineData("Get-GntInstance -Node nosuch", "NodeNotFound", "nosuch")]
    [InlineData("Get-GntInstance vm", "InstanceNotFound", "vm")]
    public void A_literal_name_that_means_nothing_is_one_error_and_the_rest_goes_on(string script, string id, string target)
    {
        using var engine = Lab.Connected();

        var outcome = engine.Run(script);

        Assert.Equal((ErrorCategory.ObjectNotFound, target), (outcome.FailedWith(id).Error.CategoryInfo.Category, outcome.Error.TargetObject));
        Assert.Equal(script.Contains(", vm1", StringComparison.Ordinal) ? 1 : 0, outcome.Output.Count);
    }

    [Fact]
    public void A_job_that_is_not_there_is_an_error()
    {
        using var engine = Lab.Connected();

        Assert.Equal(999999L, engine.Run("Get-GntJob 999999").FailedWith("JobNotFound").Error.TargetObject);
        engine.Run("Wait-GntJob 999999").FailedWith("JobNotFound");
    }

    [Fact]
    public void A_field_by_Ganetis_own_name_is_an_extra_property_and_an_unknown_one_an_error()
    {
        using var engine = Lab.Connected();

        var instance = Assert.Single(engine.Run("Get-GntInstance vm3 -ConfigurationOnly -Field disk.count, hv/acpi").Succeeded().Output);

        Assert.Equal(2L, instance.Properties["disk.count"].Value);
        Assert.IsType<GntInstance>(instance.BaseObject);
        Assert.Equal("no.such", engine.Run("Get-GntInstance -Field no.such").FailedWith("FieldUnknown").Error.TargetObject);
        Assert.Contains("disk.count", engine.Shown("Get-GntInstance vm3 -ConfigurationOnly -Field disk.count"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_node_does_not_matter_to_the_configuration()
    {
        using var engine = Lab.Connected();
        Lab.Script("cut", "h3");
        try
        {
            var started = System.Diagnostics.Stopwatch.StartNew();
            var outcome = engine.Run("Get-GntInstance -ConfigurationOnly; Get-GntNode -ConfigurationOnly; Get-GntDisk; Get-GntNic").Succeeded();

            Assert.True(started.Elapsed < Lab.AtOnce, $"{started.Elapsed}");
            Assert.Equal(6, outcome.Output.Count(item => item.BaseObject is GntInstance { Status: null, AdminState: not null }));
        }
        finally
        {
            Lab.Script("heal", "h3");
        }
    }

    [Fact]
    public void The_guests_of_a_dead_node_are_shown_as_Ganeti_shows_them_and_the_others_as_they_are()
    {
        using var engine = Lab.Connected();
        Lab.Script("kill-node", "h3");
        try
        {
            var instances = engine.Run("Get-GntInstance").Succeeded().Of<GntInstance>();
            var nodes = engine.Run("Get-GntNode").Succeeded().Of<GntNode>();

            Assert.Equal(Lab.List("gnt-instance", "name,status").Select(row => (row[0], row[1])), instances.Select(instance => (instance.Name!, instance.StatusText ?? "?")));
            Assert.Equal(GntInstanceStatus.ERROR_nodedown, instances.Single(instance => instance.Name == "vm3.lab.example").Status);
            Assert.Null(instances.Single(instance => instance.Name == "vm3.lab.example").MemoryInUse);
            Assert.Equal([true, true, false], nodes.Select(node => node.MemoryTotal is not null));
        }
        finally
        {
            Lab.Script("start-node", "h3");
            foreach (var row in Lab.List("gnt-instance", "name,status").Where(row => row[1].StartsWith("ERROR", StringComparison.Ordinal)))
            {
                Lab.Exec("h1", "gnt-instance", "start", row[0]);
            }
        }
    }

    [Theory]
    [InlineData("Get-GntInstance vm", "vm1.lab.example vm2.lab.example vm3.lab.example vm4.lab.example", "should be up")]
    [InlineData("Move-GntInstance -TargetNode h", "h1.lab.example h2.lab.example h3.lab.example", "group default")]
    [InlineData("Get-GntNode -Group de", "default", "3 nodes")]
    [InlineData("Get-GntInstance -Network n", "net1", "198.51.100.0/24")]
    [InlineData("Get-GntNode -Cluster g", "gnt.lab.example", "h1.lab.example")]
    public void Completion_gives_real_names_with_what_they_are(string line, string names, string toolTip)
    {
        using var engine = Lab.Connected();
        engine.Set("line", line);

        var matches = engine.Run("[System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches").Succeeded().Of<CompletionResult>();

        Assert.Equal(names.Split(' '), matches.Select(match => match.CompletionText).Order(StringComparer.Ordinal));
        Assert.Contains(toolTip, matches[0].ToolTip, StringComparison.Ordinal);
    }

    [Fact]
    public void Verbose_names_the_calls_with_their_duration()
    {
        using var engine = Lab.Connected();

        var outcome = engine.Run("Get-GntNode -ConfigurationOnly -Verbose").Succeeded();

        Assert.Contains(outcome.Verbose, line => line.StartsWith("LUXI Query [", StringComparison.Ordinal) && line.EndsWith(" ms]", StringComparison.Ordinal));
    }

    private static string? Word(Enum? word) => word?.ToString();

    private static string? MiB(long? bytes) => Number(bytes >> 20);

    private static string? Number(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static void Compare<T>(T[] objects, string command, params (string Field, Func<T, string?> Value)[] columns)
        where T : GntObject
    {
        var listed = Lab.List(command, string.Join(',', columns.Select(column => column.Field)));

        Assert.Equal(listed.Length, objects.Length);
        foreach (var (row, item) in listed.OrderBy(row => row[0], StringComparer.Ordinal).Zip(objects.OrderBy(item => item.Key, StringComparer.Ordinal)))
        {
            for (var i = 0; i < columns.Length; i++)
            {
                // What is not available is "-" or "?" there and null here.
                var shown = row[i] is "-" or "?" or "(unavail)" or "(nodata)" or "*" ? string.Empty : row[i];
                Assert.True(shown == (columns[i].Value(item) ?? string.Empty), $"{item}: {command} list shows {columns[i].Field} as '{row[i]}', the object has '{columns[i].Value(item)}'");
            }
        }
    }
}
