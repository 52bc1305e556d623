namespace Ganeti.Tests.Job;

[Trait("Kind", "unit")]
public sealed class JobSelectionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_the_master_can_judge_is_left_to_it()
    {
        Assert.Null(new JobSelection { Operations = [new NamePattern("INSTANCE_*")] }.Filter);
        Assert.Equal("""["=","status","error"]""", new JobSelection { States = [GntJobStatus.error] }.Filter!.ToString());
        Assert.Equal("""["|",["=","status","queued"],["=","status","waiting"],["=","status","canceling"]]""", new JobSelection { States = JobSelection.Pending }.Filter!.ToString());
        Assert.Equal(
            """["&",["=","status","success"],[">=","received_ts",1795521600],["<=","received_ts",1795525200]]""",
            new JobSelection { States = [GntJobStatus.success], Since = Noon.AddMilliseconds(300), Before = Noon.AddHours(1) }.Filter!.ToString());
    }

    [Fact]
    public void The_parts_of_a_second_are_judged_here()
    {
        var selection = new JobSelection { Since = Noon.AddMilliseconds(300), Before = Noon.AddMilliseconds(600) };

        Assert.Equal([false, true, true, false], new[] { 200, 300, 599, 600 }.Select(milliseconds => selection.Includes(new GntJob { Received = Noon.AddMilliseconds(milliseconds) })));
        Assert.False(selection.Includes(new GntJob()));
    }

    [Theory]
    [InlineData("INSTANCE_MIGRATE", true)]
    [InlineData("instance_migrate", true)]
    [InlineData("OP_INSTANCE_MIGRATE", true)]
    [InlineData("*_migrate", true)]
    [InlineData("INSTANCE", false)]
    [InlineData("TAGS_*", false)]
    public void An_operation_goes_by_its_id_with_or_without_its_beginning(string pattern, bool isWanted)
    {
        var job = new GntJob { Operations = [new GntJobOperation { OpId = "OP_TEST_DELAY" }, new GntJobOperation { OpId = "OP_INSTANCE_MIGRATE" }] };

        Assert.Equal(isWanted, new JobSelection { Operations = [new NamePattern(pattern)] }.Includes(job));
    }
}
