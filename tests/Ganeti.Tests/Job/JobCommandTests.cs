using System.Globalization;
using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Job;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class JobCommandTests
{
    public JobCommandTests() => Lab.Require();

    [Theory]
    [InlineData("--running", "-Status running")]
    [InlineData("--error", "-Status error")]
    [InlineData("--pending", "-Pending")]
    [InlineData("--finished", "-Finished")]
    [InlineData("--archived", "-Archived")]
    public void Jobs_are_filtered_as_gnt_job_list_filters_them(string option, string parameters)
    {
        using var engine = Lab.Connected();
        engine.Run($"Wait-GntJob {Lab.Delay(0.1)} | Remove-GntJob").Succeeded();

        var jobs = engine.Run($"Get-GntJob {parameters}").Succeeded().Of<GntJob>();

        Assert.Equal(Lab.List("gnt-job", "id", option).Select(row => long.Parse(row[0], CultureInfo.InvariantCulture)).Order(), jobs.Select(job => job.Id!.Value).Order());
    }

    [Fact]
    public void A_query_is_filtered_by_the_master()
    {
        using var engine = Lab.Connected();

        var debug = engine.Run("Get-GntJob -Status error -Newer 1h -Debug").Succeeded().Debug;

        Assert.Contains(debug, line => line.Contains("""["=","status","error"]""", StringComparison.Ordinal) && line.Contains("""[">=","received_ts",""", StringComparison.Ordinal));
        Assert.DoesNotContain(debug, line => line.Contains("archived", StringComparison.Ordinal));
    }

    [Fact]
    public void Jobs_go_by_their_age_and_by_what_they_do()
    {
        using var engine = Lab.Connected();
        var id = Lab.Delay(0.1);
        var job = engine.Run($"Wait-GntJob {id}").Succeeded().One<GntJob>();
        engine.Set("time", job.Received);

        Assert.Contains(job, engine.Run("Get-GntJob -Newer 1m -Operation test_delay").Succeeded().Of<GntJob>());
        Assert.Contains(job, engine.Run("Get-GntJob -Since $time -Operation OP_TEST_*").Succeeded().Of<GntJob>());
        Assert.DoesNotContain(job, engine.Run("Get-GntJob -Before $time").Succeeded().Of<GntJob>());
        Assert.DoesNotContain(job, engine.Run("Get-GntJob -Older 1h").Succeeded().Of<GntJob>());
        Assert.DoesNotContain(job, engine.Run("Get-GntJob -Operation INSTANCE_*").Succeeded().Of<GntJob>());
        Assert.Equal([id], engine.Run($"Get-GntJob {id} -Field received_ts").Succeeded().Output.Select(found => found.Properties["Id"].Value));
    }

    [Fact]
    public void An_archived_job_is_found_by_its_number_and_listed_with_the_archive_only()
    {
        using var engine = Lab.Connected();
        var id = Lab.Delay(0.1);

        engine.Run($"Wait-GntJob {id} | Remove-GntJob").Succeeded();

        Assert.True(engine.Run($"Get-GntJob {id}").Succeeded().One<GntJob>().IsArchived);
        Assert.Equal(GntJobStatus.success, engine.Run($"Wait-GntJob {id}").Succeeded().One<GntJob>().Status);
        Assert.DoesNotContain(engine.Run("Get-GntJob").Succeeded().Of<GntJob>(), job => job.Id == id);
        Assert.Contains(engine.Run("Get-GntJob -Archived").Succeeded().Of<GntJob>(), job => job is { IsArchived: true } && job.Id == id);
        engine.Run($"Remove-GntJob {id}").Succeeded();
        Assert.Equal(999_999L, engine.Run("Get-GntJob 999999").FailedWith("JobNotFound").Error.TargetObject);
        engine.Run("Remove-GntJob 999999").FailedWith("JobNotFound");
    }

    [Fact]
    public void Old_jobs_are_archived_together()
    {
        using var engine = Lab.Connected();
        var id = Lab.Delay(0.1);
        engine.Run($"Wait-GntJob {id}").Succeeded();

        Assert.Equal("gnt-job autoarchive 86400", WhatIf(engine, "Remove-GntJob -Older 1d"));
        Assert.Equal("gnt-job autoarchive all", WhatIf(engine, "Remove-GntJob -All"));
        // Not all of them: other tests look for the jobs that made the lab.
        Assert.Contains(engine.Run("Remove-GntJob -Older 1d -Verbose; Remove-GntJob -All:$false").Succeeded().Verbose, line => line.EndsWith("0 jobs of gnt.lab.example were archived.", StringComparison.Ordinal));
        Assert.False(engine.Run($"Get-GntJob {id}").Succeeded().One<GntJob>().IsArchived);
    }

    [Fact]
    public async Task A_job_that_waits_is_canceled_one_that_runs_is_not_but_can_be_killed()
    {
        using var engine = Lab.Connected();
        var holder = Lab.Delay(60, "-n", "h2.lab.example");
        await Lab.EventuallyAsync(() => engine.Run($"Get-GntJob {holder}").Succeeded().One<GntJob>().Status == GntJobStatus.running, "the first job runs");
        var waiter = Lab.Delay(1, "-n", "h2.lab.example");
        await Lab.EventuallyAsync(() => engine.Run($"Get-GntJob {waiter}").Succeeded().One<GntJob>().Status == GntJobStatus.waiting, "the second job waits");

        Assert.Equal($"gnt-job cancel {waiter}", WhatIf(engine, $"Get-GntJob {waiter} | Stop-GntJob"));
        Assert.Equal(GntJobStatus.waiting, engine.Run($"Get-GntJob {waiter}").Succeeded().One<GntJob>().Status);
        engine.Run($"Get-GntJob {waiter} | Set-GntJob -Priority High").Succeeded();
        await Lab.EventuallyAsync(() => engine.Run($"Get-GntJob {waiter}").Succeeded().One<GntJob>().Priority == -10, "the job has taken over its priority");
        Assert.Equal(waiter, engine.Run($"Set-GntJob {waiter} 19 -PassThru").Succeeded().One<GntJob>().Id);
        engine.Run($"Set-GntJob {waiter} 20").FailedWith("ParameterArgumentValidationError");
        Assert.Equal(GntJobStatus.canceled, engine.Run($"Get-GntJob {waiter} | Stop-GntJob -PassThru").Succeeded().One<GntJob>().Status);
        engine.Run($"Remove-GntJob {holder}").FailedWith("JobNotEnded");
        Assert.Contains("no longer waiting", engine.Run($"Stop-GntJob {holder}").FailedWith("JobNotStopped").Error.Exception.Message, StringComparison.Ordinal);

        engine.Run($"Stop-GntJob {holder} -Kill").FailedWith("ConfirmationImpossible");
        engine.Run($"Stop-GntJob {holder} -Kill -Confirm:$false").FailedWith("ConfirmationImpossible");
        Assert.Equal($"gnt-job cancel --kill --yes-do-it {holder}", WhatIf(engine, $"Stop-GntJob {holder} -Kill"));
        Assert.Equal(GntJobStatus.error, engine.Run($"Stop-GntJob {holder} -Kill -Force -PassThru").Succeeded().One<GntJob>().Status);
        engine.Run($"Stop-GntJob {holder}").FailedWith("JobHasEnded");
        engine.Run($"Set-GntJob {holder} Low").FailedWith("JobHasEnded");
        engine.Run("Stop-GntJob 999999").FailedWith("JobNotFound");
    }

    [Fact]
    public async Task Watching_writes_the_lines_of_a_log_and_an_error_for_what_has_failed()
    {
        using var engine = Lab.Connected();
        var job = engine.Run("Move-GntInstance vm1 -Failover -Confirm:$false -NoWait").Succeeded().One<GntJob>();

        var watched = engine.Run($"Watch-GntJob {job.Id}").Succeeded().Of<GntJobLogEntry>();

        Assert.NotEmpty(watched);
        Assert.All(watched, entry => Assert.Equal((job.Id, "INSTANCE_FAILOVER(vm1.lab.example)"), (entry.JobId, entry.Operation)));
        Assert.Equal(watched.Select(entry => entry.Message), engine.Run($"(Get-GntJob {job.Id}).Log").Succeeded().Of<GntJobLogEntry>().Select(entry => entry.Message));

        var failed = Lab.Delay(60, "-n", "h2.lab.example");
        await Lab.EventuallyAsync(() => engine.Run($"Get-GntJob {failed}").Succeeded().One<GntJob>().Status == GntJobStatus.running, "the job runs");
        engine.Run($"Stop-GntJob {failed} -Kill -Force").Succeeded();
        var both = engine.Run($"{failed}, {job.Id} | Watch-GntJob");
        Assert.Equal(watched.Length, both.Output.Count);
        both.FailedWith("JobFailed");
    }

    [Fact]
    public void Twenty_jobs_are_waited_for_with_few_questions_and_one_bar_for_the_whole()
    {
        using var engine = Lab.Connected();
        var ids = Enumerable.Range(0, 20).Select(_ => Lab.Delay(1, "-l")).ToArray();

        var outcome = engine.Run($"{string.Join(',', ids)} | Wait-GntJob -Verbose").Succeeded();

        Assert.Equal(ids, outcome.Of<GntJob>().Select(job => job.Id!.Value).Order());
        // Each that has begun or ended is read once; nothing is asked again and again for each.
        Assert.True(outcome.Verbose.Count(line => line.StartsWith("LUXI", StringComparison.Ordinal)) < 200, $"{outcome.Verbose.Count} calls");
        Assert.Contains(outcome.Progress, bar => bar.Activity == "Ganeti jobs" && bar.StatusDescription.StartsWith("20 of 20 ended", StringComparison.Ordinal));
        Assert.Equal(20, outcome.Progress.Where(bar => bar.Activity.StartsWith("Job ", StringComparison.Ordinal)).Select(bar => bar.Activity).Distinct().Count());
    }

    private static string WhatIf(PowerShellEngine engine, string script)
    {
        var before = engine.Host.Text.Length;
        engine.Run($"{script} -WhatIf").Succeeded();
        return engine.Host.Text[before..].Trim().Replace("What if: ", string.Empty, StringComparison.Ordinal);
    }
}
