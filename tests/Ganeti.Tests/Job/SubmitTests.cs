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
