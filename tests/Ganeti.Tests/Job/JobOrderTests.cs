using Ganeti.Tests.Luxi;

namespace Ganeti.Tests.Job;

/// <summary>What is made of the master's answers, which were all seen on a real one.</summary>
[Trait("Kind", "unit")]
public sealed class JobOrderTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, "waiting", true, "Job successfully cancelled", "canceled", null)]
    [InlineData(false, "canceled", false, "Job 17 not found in queue", "canceled", null)]
    [InlineData(false, "success", false, "Job 17 not found in queue", "success", "JobHasEnded")]
    [InlineData(false, "running", false, "Job no longer waiting, can't cancel (informed it anyway)", "running", "JobNotStopped")]
    [InlineData(true, "running", true, "SIGKILL send to the process", "error", null)]
    [InlineData(true, "error", false, "Job 17 not found in queue", "error", "JobHasEnded")]
    public async Task A_stop_is_judged_by_what_has_become_of_the_job(bool kill, string before, bool done, string said, string after, string? error) =>
        Assert.Equal(error, (await Outcome(new JobStop(kill), "CancelJob", new object[] { done, said }, before, after)).Error?.Error.Id);

    [Theory]
    [InlineData(true, "success", null)]
    [InlineData(false, "running", "JobNotEnded")]
    [InlineData(false, "success", "LuxiRequestRefused")]
    public async Task Only_what_has_ended_is_archived(bool done, string state, string? error) =>
        Assert.Equal(error, (await Outcome(new JobArchival(), "ArchiveJob", done, state, state)).Error?.Error.Id);

    [Theory]
    [InlineData(true, "Job 17 with pid 312 signaled", "running", null)]
    [InlineData(false, "Job 17 not found in queue", "success", "JobHasEnded")]
    [InlineData(false, "something new", "queued", "LuxiRequestRefused")]
    public async Task A_priority_is_changed_of_what_has_not_ended(bool done, string said, string state, string? error) =>
        Assert.Equal(error, (await Outcome(new JobPriorityChange(-10), "ChangeJobPriority", new object[] { done, said }, state, state)).Error?.Error.Id);

    [Theory]
    [InlineData(null, 0L)]
    [InlineData(86_400.2, 86_401L)]
    public async Task All_that_have_ended_are_those_of_any_age_and_the_master_is_asked_until_none_is_left(double? seconds, long age)
    {
        var answers = new Queue<object[]>([[300L, 12L], [12L, 0L]]);
        var ages = new List<object?>();
        var master = new ReplayedMaster(request =>
        {
            ages.Add(LuxiFixture.Items(request["args"])[0]);
            return ReplayedMaster.Reply(new GntParameters { ["success"] = true, ["result"] = answers.Dequeue() });
        });

        Assert.Equal(312, await JobArchival.ArchiveOldAsync(master.Connection(), seconds is { } time ? TimeSpan.FromSeconds(time) : null, Stop));
        Assert.Equal([age, age], ages);
    }

    [Fact]
    public async Task A_job_that_is_not_there_is_not_found()
    {
        var outcome = await Outcome(new JobStop(kill: false), "CancelJob", new object[] { false, "Job 17 not found in queue" }, null, null);

        Assert.Equal(("JobNotFound", 17L), (outcome.Error!.Error.Id, outcome.Error.Target));
    }

    [Fact]
    public void What_is_done_can_be_said_as_a_command_line()
    {
        Assert.Equal("gnt-job cancel 17", new JobStop(kill: false).CommandLine(17));
        Assert.Equal("gnt-job cancel --kill --yes-do-it 17", new JobStop(kill: true).CommandLine(17));
        Assert.Equal("gnt-job archive 17", new JobArchival().CommandLine(17));
        Assert.Equal("gnt-job autoarchive 86400", JobArchival.CommandLineFor(TimeSpan.FromDays(1)));
        Assert.Equal("gnt-job autoarchive all", JobArchival.CommandLineFor(null));
        Assert.Equal("gnt-job change-priority --priority=high 17", new JobPriorityChange(-10).CommandLine(17));
        Assert.Equal("gnt-job change-priority --priority=-15 17", new JobPriorityChange(-15).CommandLine(17));
    }

    private static async Task<JobOutcome> Outcome(JobOrder order, string method, object answer, string? before, string? after)
    {
        var isTold = false;
        var master = new ReplayedMaster(request =>
        {
            object? result;
            if ((string)request["method"]! == method)
            {
                isTold = true;
                result = answer;
            }
            else
            {
                var fields = LuxiFixture.Items(LuxiFixture.Items(request["args"])[1]).Cast<string>();
                result = new GntParameters
                {
                    ["data"] = new object[]
                    {
                        fields.Select(object (field) => field switch
                        {
                            "id" => new object?[] { 0L, 17L },
                            "status" when (isTold ? after : before) is { } state => [0L, state],
                            "archived" when after is not null => [0L, answer is true],
                            _ => [3L, null],
                        }).ToArray(),
                    },
                };
            }

            return ReplayedMaster.Reply(new GntParameters { ["success"] = true, ["result"] = result });
        });
        return Assert.Single(await order.RunAsync(master.Connection(), [17], Stop));
    }
}
