using Ganeti.Luxi;
using Ganeti.Tests.Luxi;

namespace Ganeti.Tests.Job;

/// <summary>What no real master can be made to do at a given moment: lose the answer to a submission.</summary>
[Trait("Kind", "unit")]
public sealed class SubmitTests
{
    private static readonly JobChain Migration = new(new InstanceMigrate { InstanceName = "vm1" });

    private int _submissions;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_is_found_again_by_its_reason_when_the_answer_got_lost()
    {
        var master = Losing(isThere: true);

        Assert.Equal([17], await master.Connection().Jobs.SubmitAsync(Migration, LuxiReason.For("Move-GntInstance"), Stop));
        Assert.Equal(1, _submissions);
    }

    [Fact]
    public async Task A_job_that_is_not_found_is_unknown_and_is_not_submitted_again()
    {
        var reason = LuxiReason.For("Move-GntInstance");

        var error = await Assert.ThrowsAsync<GanetiException>(() => Losing(isThere: false).Connection().Jobs.SubmitAsync(Migration, reason, Stop));

        Assert.Equal(("SubmissionUnknown", "gnt-instance migrate -f vm1"), (error.Error.Id, error.Target));
        Assert.Contains(reason.Id.ToString("D"), error.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(1, _submissions);
    }

    [Fact]
    public async Task A_chain_is_submitted_in_one_call_and_each_job_waits_for_the_one_before()
    {
        object?[] submitted = [];
        var master = new ReplayedMaster(request =>
        {
            Assert.Equal("SubmitManyJobs", request["method"]);
            submitted = [.. LuxiFixture.Items(LuxiFixture.Items(request["args"])[0])];
            return ReplayedMaster.Reply(new GntParameters { ["success"] = true, ["result"] = new object[] { new object[] { true, 17L }, new object[] { true, 18L }, new object[] { true, 19L } } });
        });
        var chain = new JobChain(new InstanceShutdown { InstanceName = "vm1" }).Then(new InstanceRemove { InstanceName = "vm1" }).Finally(new InstanceStartup { InstanceName = "vm1" });

        Assert.Equal([17, 18, 19], await master.Connection().Jobs.SubmitAsync(chain, LuxiReason.For("Set-GntInstance"), Stop));

        var depends = submitted.Select(job => LuxiJson.ToText(((GntParameters)Assert.Single(LuxiFixture.Items(job))!).GetValueOrDefault("depends"))).ToArray();
        Assert.Equal(["null", "[[-1,[\"success\"]]]", "[[-1,[\"success\",\"error\",\"canceled\"]]]"], depends);
        Assert.Equal("gnt-instance shutdown vm1; gnt-instance remove -f vm1; gnt-instance startup vm1", chain.ToString());
    }

    [Fact]
    public async Task A_job_of_a_chain_that_is_not_taken_is_an_error()
    {
        var master = new ReplayedMaster(_ => ReplayedMaster.Reply(new GntParameters { ["success"] = true, ["result"] = new object[] { new object[] { true, 17L }, new object[] { false, "the queue is full" } } }));
        var chain = new JobChain(new InstanceShutdown { InstanceName = "vm1" }).Then(new InstanceStartup { InstanceName = "vm1" });

        var error = await Assert.ThrowsAsync<GanetiException>(() => master.Connection().Jobs.SubmitAsync(chain, LuxiReason.For("Set-GntInstance"), Stop));

        Assert.Contains("the queue is full", error.Message, StringComparison.Ordinal);
    }

    private ReplayedMaster Losing(bool isThere)
    {
        object? submitted = null;
        return new ReplayedMaster(request =>
        {
            var arguments = LuxiFixture.Items(request["args"]);
            if ((string)request["method"]! == "SubmitJob")
            {
                _submissions++;
                submitted = arguments[0];
                return null;
            }

            var row = LuxiFixture.Items(arguments[1]).Select(object (field) => (string)field! switch
            {
                "id" => new object?[] { 0L, 17L },
                "ops" => [0L, isThere ? submitted : Array.Empty<object>()],
                "summary" => [0L, new object[] { "INSTANCE_MIGRATE(vm1)" }],
                _ => [2L, null],
            }).ToArray();
            return ReplayedMaster.Reply(new GntParameters { ["success"] = true, ["result"] = new GntParameters { ["data"] = new object[] { row } } });
        });
    }
}
