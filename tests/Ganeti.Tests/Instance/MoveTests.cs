using System.Management.Automation;
using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Instance;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class MoveTests
{
    public MoveTests() => Lab.Require();

    [Fact]
    public void WhatIf_shows_the_command_line_and_submits_nothing()
    {
        using var engine = Lab.Connected();
        var before = Lab.LastJob(engine);

        engine.Run("Get-GntInstance kvm* | Move-GntInstance -AllowFailover -WhatIf").Succeeded();

        Assert.Contains("gnt-instance migrate -f --allow-failover kvm1.lab.example", engine.Host.Text, StringComparison.Ordinal);
        Assert.Contains("gnt-instance migrate -f --allow-failover kvm2.lab.example", engine.Host.Text, StringComparison.Ordinal);
        Assert.Equal(before, Lab.LastJob(engine));
    }

    [Fact]
    public void A_running_machine_moves_live_and_is_written_as_it_is_then()
    {
        using var engine = Lab.Connected();
        var from = NodeOf(engine, "kvm2");
        var to = from == "h1" ? "h2" : "h1";
        Assert.Equal((1, 0), (Machines(from, "kvm2"), Machines(to, "kvm2")));

        var moved = engine.Run($"Get-GntInstance kvm2 | Move-GntInstance -TargetNode {to} -PassThru").Succeeded().One<GntInstance>();

        Assert.Equal(($"{to}.lab.example", GntInstanceStatus.running), (moved.PrimaryNode, moved.Status));
        Assert.Equal((0, 1), (Machines(from, "kvm2"), Machines(to, "kvm2")));
        var job = engine.Run("Get-GntInstance kvm2 | Get-GntJob").Succeeded().Of<GntJob>().MaxBy(job => job.Id)!;
        var reason = job.Operations![0].Reason![0];
        Assert.Equal("powershell:Move-GntInstance", reason.Source);
        Assert.Contains(Environment.UserName, reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_move_together_with_a_progress_bar_each_and_without_output()
    {
        using var engine = Lab.Connected();
        var from = new[] { "kvm1", "kvm2" }.Select(name => NodeOf(engine, name)).ToArray();
        var to = new[] { "h1", "h2", "h3" }.Except(from).First();

        var outcome = engine.Run($"Get-GntInstance kvm* | Move-GntInstance -TargetNode {to}").Succeeded();

        Assert.Empty(outcome.Output);
        Assert.Equal((1, 1), (Machines(to, "kvm1"), Machines(to, "kvm2")));
        Assert.Contains(outcome.Progress, record => record.Activity.Contains("kvm1", StringComparison.Ordinal) && record.PercentComplete > 0);
        Assert.Contains(outcome.Progress, record => record.Activity.Contains("kvm2", StringComparison.Ordinal));
        Assert.Contains(outcome.Progress, record => record.Activity == "Ganeti jobs");
        Assert.All(outcome.Progress.GroupBy(record => record.ActivityId), bar => Assert.Equal(ProgressRecordType.Completed, bar.Last().RecordType));
        Assert.Contains(outcome.Information, line => line.Tags.Contains("GntJobLog"));
    }

    [Fact]
    public void NoWait_writes_the_job_and_Wait_GntJob_takes_it()
    {
        using var engine = Lab.Connected();
        var to = NodeOf(engine, "vm2") == "h2" ? "h1" : "h2";

        var job = engine.Run($"Move-GntInstance vm2 -TargetNode {to} -NoWait").Succeeded().One<GntJob>();
        var ended = engine.Run("$input | Wait-GntJob", job).Succeeded().One<GntJob>();

        Assert.Equal((job.Id, GntJobStatus.success), (ended.Id, ended.Status));
        Assert.Equal(to, NodeOf(engine, "vm2"));
    }

    [Fact]
    public void A_failover_asks_and_No_changes_nothing()
    {
        using var engine = Lab.Connected(new RecordingHost { Answer = "No" });
        var before = Lab.LastJob(engine);

        engine.Run("Move-GntInstance vm1 -Failover").Succeeded();

        Assert.Contains("vm1", Assert.Single(engine.Host.Questions), StringComparison.Ordinal);
        Assert.Equal(before, Lab.LastJob(engine));
    }

    [Fact]
    public void A_failover_on_a_host_that_can_not_ask_is_an_error_and_Force_answers_it()
    {
        using var engine = Lab.Connected();
        var before = Lab.LastJob(engine);
        var to = NodeOf(engine, "vm1") == "h2" ? "h1" : "h2";

        Assert.Contains("-Force", engine.Run("Move-GntInstance vm1 -Failover").FailedWith("ConfirmationImpossible").Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(before, Lab.LastJob(engine));

        var moved = engine.Run($"Move-GntInstance vm1 -Failover -TargetNode {to} -ShutdownTimeout 5 -Force -PassThru").Succeeded().One<GntInstance>();
        Assert.Equal(($"{to}.lab.example", GntInstanceStatus.running), (moved.PrimaryNode, moved.Status));
    }

    [Fact]
    public void A_cleanup_of_a_healthy_guest_moves_nothing()
    {
        using var engine = Lab.Connected();
        var on = NodeOf(engine, "kvm2");

        engine.Run($"Move-GntInstance kvm2 -Cleanup").Succeeded();

        Assert.Equal(on, NodeOf(engine, "kvm2"));
        Assert.Equal(1, Machines(on, "kvm2"));
    }

    [Fact]
    public void What_Ganeti_refuses_is_an_error_with_its_class_and_code_and_the_others_move()
    {
        using var engine = Lab.Connected();
        var to = NodeOf(engine, "vm2") == "h2" ? "h1" : "h2";

        // vm4's disks are files of its node.
        var outcome = engine.Run($"Get-GntInstance vm4, vm2 | Move-GntInstance -TargetNode {to} -PassThru");

        var failure = Assert.IsType<GntJobException>(outcome.Error.Exception);
        Assert.Equal("OpPrereqError", failure.JobError!.ErrorClass);
        Assert.NotNull(failure.JobError.Code);
        Assert.Equal("vm4.lab.example", outcome.Error.TargetObject.ToString());
        Assert.Equal($"{to}.lab.example", outcome.One<GntInstance>().PrimaryNode);
    }

    [Fact]
    public void A_node_that_is_not_there_is_an_error_and_nothing_moves()
    {
        using var engine = Lab.Connected();

        var outcome = engine.Run("Move-GntInstance vm2 -TargetNode nosuch");

        Assert.Equal(ErrorCategory.ObjectNotFound, outcome.Error.CategoryInfo.Category);
    }

    private static string NodeOf(PowerShellEngine engine, string instance) => engine.Run($"(Get-GntInstance {instance} -ConfigurationOnly).PrimaryNode").One<string>().Split('.')[0];

    private static int Machines(string node, string instance) =>
        int.Parse(Lab.Exec(node, "sh", "-c", $"pgrep -fc '^/usr/bin/qemu-system-x86_64.*-name {instance}' || true").Trim(), System.Globalization.CultureInfo.InvariantCulture);
}
