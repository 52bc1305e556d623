using System.Management.Automation;
using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Instance;

/// <summary>Many guests in one pipeline, and what the link to the master does meanwhile. Fifty in tests/soak.sh.</summary>
[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class ManyTests
{
    private static readonly int Many = Soak.Times(1) > 1 ? 50 : 8;

    public ManyTests() => Lab.Require();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_are_created_started_moved_stopped_and_removed_by_one_pipeline_each_with_their_jobs_in_flight_together()
    {
        using var engine = Lab.Connected();
        using var other = Lab.Connected();
        var prefix = $"many{Environment.ProcessId}-";
        engine.Set("names", Enumerable.Range(1, Many).Select(number => $"{prefix}{number}.lab.example").ToArray());
        try
        {
            await FlightAsync(engine, other, "$names | New-GntInstance -OS noop+default -Hypervisor fake -NoInstall -NoNameCheck -NoNic -Memory 64MB -Node h1", "INSTANCE_CREATE");
            await FlightAsync(engine, other, $"Get-GntInstance {prefix}* | Start-GntInstance", "INSTANCE_STARTUP");
            await FlightAsync(engine, other, $"Get-GntInstance {prefix}* | Move-GntInstance -TargetNode h2", "INSTANCE_MIGRATE");

            Assert.All(engine.Run($"Get-GntInstance {prefix}*").Succeeded().Of<GntInstance>(), guest => Assert.Equal((GntInstanceStatus.running, "h2.lab.example"), (guest.Status, guest.PrimaryNode)));
            var last = Lab.LastJob(engine);
            engine.Run($"Get-GntInstance {prefix}* | Set-GntInstance -Memory 1GB -WhatIf").Succeeded();
            Assert.Equal(Many, engine.Host.Text.Split('\n').Count(line => line.StartsWith($"What if: gnt-instance modify -B maxmem=1024,minmem=1024 {prefix}", StringComparison.Ordinal)));
            Assert.Equal(last, Lab.LastJob(engine));

            await FlightAsync(engine, other, $"Get-GntInstance {prefix}* | Stop-GntInstance -Force", "INSTANCE_SHUTDOWN");
            await FlightAsync(engine, other, $"Get-GntInstance {prefix}* | Remove-GntInstance -Force", "INSTANCE_REMOVE");
            Assert.Empty(engine.Run($"Get-GntInstance {prefix}*").Succeeded().Output);
        }
        finally
        {
            engine.Run($"Get-GntInstance {prefix}* -ConfigurationOnly | Remove-GntInstance -Force").Succeeded();
        }
    }

    [Fact]
    public void A_link_that_is_cut_before_the_submission_submits_nothing_and_says_so()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine);
        var before = Lab.LastJob(engine);
        engine.Run($"$guest = Get-GntInstance {guests.Name}").Succeeded();
        Lab.Exec("h1", "sh", "-c", "pkill -f '^sshd: root' || pkill -f '^sshd-session: root'");
        Lab.Script("stop-daemon", "h1", "sshd");
        ErrorRecord error;
        try
        {
            error = engine.Run("$guest | Start-GntInstance").Error;
        }
        finally
        {
            Lab.Script("start-daemon", "h1", "sshd");
        }

        Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);
        Assert.Equal(before, Lab.LastJob(engine));
        engine.Run("$guest | Start-GntInstance").Succeeded();
    }

    // The daemon is frozen before the submission reaches it; the link is lost; only then does it go on and take the job in.
    [Fact]
    public async Task An_answer_that_is_lost_with_the_link_is_found_again_and_nothing_is_submitted_twice()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine);
        engine.Run($"$guest = Get-GntInstance {guests.Name} -ConfigurationOnly").Succeeded();
        var before = Lab.LastJob(engine);
        var daemon = Lab.Exec("h1", "cat", "/run/ganeti/ganeti-luxid.pid").Trim();
        using var shell = engine.Shell("Start-GntInstance $guest -NoWait -Verbose");
        var frozen = new TaskCompletionSource();
        var reads = 0;
        // Told on the pipeline's thread: the cmdlet goes on to the submission only after this.
        shell.Streams.Verbose.DataAdded += (_, added) =>
        {
            if (shell.Streams.Verbose[added.Index].Message.StartsWith("LUXI Query", StringComparison.Ordinal) && ++reads == 2)
            {
                Lab.Exec("h1", "kill", "-STOP", daemon);
                frozen.SetResult();
            }
        };
        var running = Task.Factory.FromAsync(shell.BeginInvoke(), shell.EndInvoke);
        try
        {
            await frozen.Task.WaitAsync(TimeSpan.FromSeconds(20), Stop);
            await Task.Delay(1500, Stop);
            Assert.False(running.IsCompleted);
            Lab.Exec("h1", "sh", "-c", "pkill -KILL -f '^sshd: root' || pkill -KILL -f '^sshd-session: root'");
            await Task.Delay(500, Stop);
        }
        finally
        {
            Lab.Exec("h1", "kill", "-CONT", daemon);
        }

        var written = await running.WaitAsync(TimeSpan.FromSeconds(60), Stop);

        Assert.Empty(shell.Streams.Error);
        var job = Assert.IsType<GntJob>(Assert.Single(written).BaseObject);
        engine.Run("$input | Wait-GntJob", job).Succeeded();
        var submitted = engine.Run("Get-GntJob").Succeeded().Of<GntJob>().Where(candidate => candidate.Id > before && candidate.InstanceNames.Contains(guests.Name));
        Assert.Equal(job, Assert.Single(submitted));
    }

    [Fact]
    public async Task A_link_that_is_lost_while_many_are_waited_for_loses_none_of_them()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, count: 4);
        engine.Set("names", guests.Names);
        using var shell = engine.Shell("Get-GntInstance -ConfigurationOnly | Where-Object { $names -contains $_.Name } | Start-GntInstance -PassThru");
        var running = Task.Factory.FromAsync(shell.BeginInvoke(), shell.EndInvoke);
        await Lab.EventuallyAsync(() => shell.Streams.Progress.Any(record => record.Activity == "Ganeti jobs"), "the wait has begun");
        Lab.Exec("h1", "sh", "-c", "pkill -f '^sshd: root' || pkill -f '^sshd-session: root'");

        var started = await running.WaitAsync(TimeSpan.FromSeconds(90), Stop);

        Assert.Empty(shell.Streams.Error);
        Assert.Equal(4, started.Count);
        Assert.All(started, guest => Assert.Equal(GntInstanceStatus.running, ((GntInstance)guest.BaseObject).Status));
    }

    [Fact]
    public async Task Ctrl_C_returns_at_once_and_says_which_jobs_go_on()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, count: 3);
        var hold = Lab.Delay(5, "-n", "h1.lab.example", "-n", "h2.lab.example", "-n", "h3.lab.example");
        engine.Set("names", guests.Names);
        using var shell = engine.Shell("Get-GntInstance -ConfigurationOnly | Where-Object { $names -contains $_.Name } | Start-GntInstance");
        _ = shell.BeginInvoke();
        await Lab.EventuallyAsync(() => shell.Streams.Progress.Any(record => record.Activity == "Ganeti jobs"), "the wait has begun");

        var stopped = System.Diagnostics.Stopwatch.StartNew();
        shell.Stop();

        Assert.True(stopped.Elapsed < Lab.AtOnce, $"{stopped.Elapsed}");
        await Lab.EventuallyAsync(() => engine.Host.Text.Contains("3 jobs on gnt.lab.example go on without you", StringComparison.Ordinal), $"the host is told: {engine.Host.Text}");
        engine.Run($"Wait-GntJob {hold}; Get-GntJob -Status queued, waiting, running | Wait-GntJob").Succeeded();
        Assert.All(engine.Run("Get-GntInstance | Where-Object { $names -contains $_.Name }").Succeeded().Of<GntInstance>(), guest => Assert.Equal(GntInstanceStatus.running, guest.Status));
    }

    // Its target node refuses the incoming memory: a real reason, as a firewall between nodes is one.
    [Fact]
    public void A_migration_that_fails_for_a_real_reason_is_said_and_cleaned_up()
    {
        using var engine = Lab.Connected();
        var from = engine.Run("(Get-GntInstance kvm2 -ConfigurationOnly).PrimaryNode").Succeeded().One<string>().Split('.')[0];
        var to = from == "h2" ? "h3" : "h2";
        Lab.Exec(to, "iptables", "-I", "INPUT", "-p", "tcp", "--dport", "8102", "-j", "REJECT", "--reject-with", "tcp-reset");
        try
        {
            var failed = engine.Run($"Move-GntInstance kvm2 -TargetNode {to} -PassThru");

            Assert.Empty(failed.Output);
            Assert.Equal("OpExecError", Assert.IsType<GntJobException>(failed.Error.Exception).JobError!.ErrorClass);
            Assert.Contains("Move-GntInstance -Cleanup", failed.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }
        finally
        {
            Lab.Exec(to, "iptables", "-F", "INPUT");
        }

        var cleaned = engine.Run("Move-GntInstance kvm2 -Cleanup -PassThru").Succeeded().One<GntInstance>();
        Assert.Equal((GntInstanceStatus.running, $"{from}.lab.example"), (cleaned.Status, cleaned.PrimaryNode));
        Assert.Equal($"{to}.lab.example", engine.Run($"Move-GntInstance kvm2 -TargetNode {to} -PassThru").Succeeded().One<GntInstance>().PrimaryNode);
    }

    // More than one of the jobs is unfinished at the same time: they are submitted as they come, not one after the other.
    private static async Task FlightAsync(PowerShellEngine engine, PowerShellEngine other, string script, string operation)
    {
        using var shell = engine.Shell(script);
        var running = Task.Factory.FromAsync(shell.BeginInvoke(), shell.EndInvoke);
        var most = 0;
        while (!running.IsCompleted)
        {
            var jobs = other.Run("Get-GntJob").Succeeded().Of<GntJob>();
            most = Math.Max(most, jobs.Count(job => !job.IsFinished && job.Summary![0].StartsWith(operation, StringComparison.Ordinal)));
            await Task.Delay(100, Stop);
        }

        await running;
        Assert.Empty(shell.Streams.Error);
        Assert.True(most > Many / 3, $"{operation}: {most} of {Many} in flight at most");
    }
}
