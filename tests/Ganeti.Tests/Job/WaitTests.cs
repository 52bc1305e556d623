using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Job;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class WaitTests
{
    public WaitTests() => Lab.Require();

    [Fact]
    public void Waiting_writes_each_job_when_it_has_ended()
    {
        using var engine = Lab.Connected();
        var (one, two) = (Lab.Delay(0.5), Lab.Delay(1));

        var jobs = engine.Run($"Wait-GntJob {two}, {one}, {one}").Succeeded().Of<GntJob>();

        Assert.Equal([one, two], jobs.Select(job => job.Id!.Value).Order());
        Assert.All(jobs, job => Assert.True(job.Status == GntJobStatus.success && job.IsFinished && job.Duration is not null));
        Assert.Equal(one, engine.Run($"Get-GntJob {one} | Wait-GntJob").Succeeded().One<GntJob>().Id);
    }

    [Fact]
    public void A_wait_that_is_over_before_the_job_is_an_error_and_the_job_goes_on()
    {
        using var engine = Lab.Connected();
        var id = Lab.Delay(3);

        Assert.Equal(id, engine.Run($"Wait-GntJob {id} -Timeout 0.5").FailedWith("JobWaitTimeout").Error.TargetObject);

        Assert.Equal(GntJobStatus.success, engine.Run($"Wait-GntJob {id}").Succeeded().One<GntJob>().Status);
    }

    [Fact]
    public async Task Stopping_the_wait_returns_at_once_and_says_which_job_goes_on()
    {
        using var engine = Lab.Connected();
        var id = Lab.Delay(4);
        using var shell = engine.Shell($"Wait-GntJob {id}");
        var running = shell.BeginInvoke();
        await Task.Delay(500, TestContext.Current.CancellationToken);

        var stopped = System.Diagnostics.Stopwatch.StartNew();
        shell.Stop();

        Assert.True(stopped.Elapsed < Lab.AtOnce, $"{stopped.Elapsed}");
        Assert.True(running.IsCompleted);
        await Lab.EventuallyAsync(() => engine.Host.Text.Contains($"Job {id} on gnt.lab.example goes on without you", StringComparison.Ordinal), $"the host is told: {engine.Host.Text}");
        Assert.Equal(GntJobStatus.success, engine.Run($"Wait-GntJob {id}").Succeeded().One<GntJob>().Status);
    }

    [Fact]
    public async Task A_link_that_is_cut_and_healed_does_not_end_the_wait()
    {
        using var engine = Lab.Connected();
        var id = Lab.Delay(4);
        using var shell = engine.Shell($"Wait-GntJob {id}");
        var running = shell.BeginInvoke();
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Lab.Script("cut", "h1");
        await Task.Delay(2000, TestContext.Current.CancellationToken);
        Lab.Script("heal", "h1");

        var jobs = await Task.Factory.FromAsync(running, shell.EndInvoke).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.Equal(GntJobStatus.success, Assert.IsType<GntJob>(Assert.Single(jobs).BaseObject).Status);
        Assert.Empty(shell.Streams.Error);
    }

    [Fact]
    public async Task A_connection_that_is_lost_in_the_middle_of_a_wait_is_made_again()
    {
        using var engine = Lab.Connected();
        var id = Lab.Delay(4);
        using var shell = engine.Shell($"Wait-GntJob {id}");
        var running = shell.BeginInvoke();
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Lab.Exec("h1", "sh", "-c", "pkill -f '^sshd: root' || pkill -f '^sshd-session: root'");

        var jobs = await Task.Factory.FromAsync(running, shell.EndInvoke).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.Equal(GntJobStatus.success, Assert.IsType<GntJob>(Assert.Single(jobs).BaseObject).Status);
        Assert.Empty(shell.Streams.Error);
        Assert.Equal(3, engine.Run("Get-GntNode -ConfigurationOnly").Succeeded().Output.Count);
    }

    [Fact]
    public async Task A_lock_leads_to_the_job_that_holds_it_and_back_and_to_its_node()
    {
        using var engine = Lab.Connected();
        var id = Lab.Delay(4, "-n", "h2.lab.example");
        try
        {
            GntLock[] locks = [];
            await Lab.EventuallyAsync(() => (locks = engine.Run($"Get-GntJob {id} | Get-GntLock").Succeeded().Of<GntLock>()).Length > 0, "the job has its lock");

            // Ganeti names nodes by their UUIDs here; the object has the name.
            var held = Assert.Single(locks, held => held.ObjectName == "h2.lab.example");
            Assert.Equal("node", held.Level);
            Assert.Equal([id], held.OwnerJobId!);
            Assert.Contains(id, engine.Run("$input | Get-GntJob", held).Succeeded().Of<GntJob>().Select(job => job.Id!.Value));
            Assert.Equal("h2.lab.example", engine.Run("$input | Get-GntNode -ConfigurationOnly", held).Succeeded().One<GntNode>().Name);
            Assert.Contains(held, engine.Run("Get-GntNode h2 | Get-GntLock").Succeeded().Of<GntLock>());
            Assert.DoesNotContain(held, engine.Run("Get-GntNode h1 | Get-GntLock").Succeeded().Of<GntLock>());
        }
        finally
        {
            engine.Run($"Wait-GntJob {id}").Succeeded();
        }
    }
}
