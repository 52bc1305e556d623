using Ganeti.Luxi;
using Ganeti.Tests.Luxi;

namespace Ganeti.Tests.Job;

[Trait("Kind", "unit")]
public sealed class RecordedJobTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Task<IReadOnlyList<GntJob>> ReadAsync(string file) => ReplayedMaster.Of(LuxiFixture.Result(file)).Connection().Jobs.GetAsync(null, Stop);

    [Fact]
    public async Task Jobs_have_operations_with_parameters_logs_results_and_times()
    {
        var jobs = await ReadAsync("luxi-query-job.json");

        Assert.Equal(Enumerable.Range(1, 11).Select(id => (long?)id), jobs.Select(job => job.Id));
        var migration = jobs[10];
        var operation = Assert.Single(migration.Operations!);
        Assert.Equal((GntJobStatus.success, "success", true), (migration.Status, migration.StatusText, migration.IsFinished));
        Assert.Equal(("OP_INSTANCE_MIGRATE", "INSTANCE_MIGRATE(gv1.lab.example)", GntJobStatus.success), (operation.OpId, operation.Summary, operation.Status));
        Assert.Equal(["gv1.lab.example"], migration.InstanceNames);
        Assert.Equal("gv1.lab.example", operation.Parameters!["instance_name"]);
        Assert.Contains(migration.Log, entry => entry.Message == "* memory transfer complete");
        Assert.Equal("gnt:client:gnt-instance", operation.Reason![0].Source);
        Assert.True(migration.Duration > TimeSpan.Zero && operation.Duration > TimeSpan.Zero);
        Assert.True(migration.Received < migration.Started && migration.Started < migration.Ended);
        Assert.Equal(["g2.lab.example"], jobs[1].NodeNames);
        // It has no answer, not the answer "null".
        Assert.Null(jobs[1].Operations![0].Result);
        Assert.Equal(true, jobs[0].Operations![0].Result);
    }

    [Fact]
    public async Task How_long_a_job_was_queued_and_waited_for_locks_is_known()
    {
        var migration = (await ReadAsync("luxi-query-job.json"))[10];

        Assert.Equal(migration.Started - migration.Received, migration.QueueTime);
        Assert.Equal(migration.Operations![0].Executed - migration.Operations[0].Started, migration.LockWaitTime);
        Assert.True(migration.QueueTime > TimeSpan.Zero && migration.LockWaitTime > TimeSpan.Zero && migration.LockWaitTime < migration.Duration);
        Assert.Equal(migration.Ended, migration.StatusSince);
    }

    [Theory]
    [InlineData(GntJobStatus.queued, 10)]
    [InlineData(GntJobStatus.waiting, 20)]
    [InlineData(GntJobStatus.running, 30)]
    [InlineData(GntJobStatus.success, 40)]
    [InlineData(GntJobStatus.canceling, null)]
    public void A_job_says_since_when_it_is_in_its_state(GntJobStatus status, int? seconds)
    {
        static DateTimeOffset At(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);
        var job = new GntJob { Status = status, Received = At(10), Started = At(11), RawStarts = [new object?[] { 11L, 0L }, new object?[] { 20L, 0L }, null], RawExecutions = [new object?[] { 30L, 0L }, null], Ended = status == GntJobStatus.success ? At(40) : null };

        job.Complete();

        Assert.Equal(seconds is { } time ? At(time) : default(DateTimeOffset?), job.StatusSince);
    }

    [Fact]
    public async Task A_line_of_a_log_knows_its_job_and_operation() => Assert.All(
        (await ReadAsync("luxi-query-job.json"))[10].Log,
        entry => Assert.Equal((11, "INSTANCE_MIGRATE(gv1.lab.example)"), (entry.JobId, entry.Operation)));

    [Fact]
    public async Task The_archive_is_read_only_when_it_is_asked_for()
    {
        var master = ReplayedMaster.Of(LuxiFixture.Result("luxi-query-job.json"));
        var jobs = master.Connection().Jobs;

        await jobs.GetAsync(null, Stop);
        Assert.DoesNotContain("archived", master.Requests[^1], StringComparison.Ordinal);
        var read = await jobs.WithArchive.ReadAsync(null, configurationOnly: true, [], Stop);

        Assert.Contains("archived", master.Requests[^1], StringComparison.Ordinal);
        Assert.All(read, job => Assert.NotNull(job.IsArchived));
    }

    [Fact]
    public async Task A_job_that_never_had_its_locks_has_no_time_of_execution()
    {
        var failed = (await ReadAsync("luxi-query-job.json"))[3];

        Assert.Null(failed.Operations![0].Executed);
        Assert.NotNull(failed.Operations[0].Started);
    }

    [Fact]
    public async Task A_failed_job_becomes_an_error_with_Ganetis_class_code_and_text()
    {
        var failed = (await ReadAsync("luxi-query-job.json"))[3];

        var error = Assert.IsType<GntJobException>(JobFailure.Of(failed, subject: null));

        Assert.Equal(("OpPrereqError", "unknown_entity", "Instance 'gv1' not known"), (error.JobError!.ErrorClass, error.JobError.Code, error.JobError.Message));
        Assert.Equal(("EntityUnknown", GanetiErrorClass.ObjectNotFound), (error.Error.Id, error.Error.Class));
        Assert.Contains("Job 4 (INSTANCE_MIGRATE(gv1)) failed: Instance 'gv1' not known", error.Message, StringComparison.Ordinal);
        Assert.Same(failed, error.Target);
        Assert.NotEmpty(error.RecommendedAction!);
    }

    [Theory]
    [InlineData("luxi-job-instance-query-data.json")]
    [InlineData("luxi-job-node-query-storage.json")]
    [InlineData("luxi-job-node-query-volumes.json")]
    [InlineData("luxi-job-os-diagnose.json")]
    [InlineData("luxi-job-verify-disks.json")]
    public async Task The_answers_of_jobs_that_ask_are_kept_as_they_are(string file)
    {
        var job = Assert.Single(await ReadAsync(file));

        Assert.Equal(GntJobStatus.success, job.Status);
        Assert.NotNull(Assert.Single(job.RawResults!));
    }

    [Fact]
    public void A_failed_startup_is_decoded_from_its_result()
    {
        var row = Assert.Single(LuxiFixture.Rows(LuxiFixture.Result("luxi-job-failed-startup.json")));

        var error = GntJobError.Of(LuxiFixture.Items(row["opresult"][1])[0]);

        Assert.Equal(("OpPrereqError", "unknown_entity", "Instance 'nosuch.lab.example' not known"), (error.ErrorClass, error.Code, error.Message));
    }

    [Fact]
    public void The_log_of_a_long_poll_has_serials_times_kinds_and_texts()
    {
        var answer = LuxiFixture.Items(LuxiFixture.Reply("luxi-wait-for-job-change.json")["result"]);

        var log = LuxiFixture.Items(answer[1]).Select(GntJobLogEntry.Of).ToArray();

        Assert.Equal(18, log.Length);
        Assert.Equal((1L, "message", "Migrating instance gv1.lab.example"), (log[0]!.Serial, log[0]!.Kind, log[0]!.Message));
        Assert.True(log[0]!.Time < log[17]!.Time);
        Assert.DoesNotContain(log, entry => entry!.IsWarning);
    }

    [Theory]
    [InlineData(" - WARNING: Could not prepare block device", true)]
    [InlineData("Warning: x", true)]
    [InlineData("* warming up", false)]
    [InlineData(" - INFO: no warning", false)]
    [InlineData("* warning: hypervisor version mismatch between source and target", true)]
    [InlineData("      Hint: If the message above refers to a bad IP", true)]
    [InlineData("Hint at nothing", false)]
    public void A_warning_of_the_log_is_one(string message, bool isWarning) => Assert.Equal(isWarning, new GntJobLogEntry { Message = message }.IsWarning);

    [Fact]
    public async Task A_job_that_is_not_there_is_no_job()
    {
        // For a number that it does not know the master answers a row in which only the number is normal.
        var master = new ReplayedMaster(request => ReplayedMaster.Reply(new GntParameters
        {
            ["success"] = true,
            ["result"] = new GntParameters
            {
                ["data"] = new object?[] { LuxiFixture.Items(LuxiFixture.Items(request["args"])[1]).Select(object (field) => (string)field! == "id" ? new object?[] { 0L, 999L } : [3L, null]).ToArray() },
            },
        }));

        Assert.Empty(await master.Connection().Jobs.GetAsync([999], Stop));
    }
}
