namespace Ganeti.Tests.Job;

[Trait("Kind", "unit")]
public sealed class JobProgressTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1795460500);

    private readonly JobProgress _progress = new();

    private JobProgress.State After(double seconds, string? message) => _progress.Update(new GntJob
    {
        Operations = [new GntJobOperation { Log = message is null ? [] : [new GntJobLogEntry { Serial = 1, Time = Start.AddSeconds(seconds), Message = message }] }],
    });

    private JobProgress.State AfterAll(params string[] messages) => _progress.Update(new GntJob
    {
        Operations = [new GntJobOperation { Log = [.. messages.Select((message, i) => new GntJobLogEntry { Serial = i + 1, Time = Start, Message = message })] }],
    });

    [Fact]
    public void A_job_without_a_log_has_nothing_to_show() => Assert.Equal(default, After(0, null));

    [Fact]
    public void A_line_without_a_number_is_shown_without_its_bullet() =>
        Assert.Equal(new JobProgress.State("starting memory transfer", null, null), After(0, "* starting memory transfer"));

    [Fact]
    public void Memory_transfer_has_a_percentage_and_from_the_second_line_a_time_left()
    {
        Assert.Equal((10.0, null), (After(0, "* memory transfer progress: 10.00 %").Percent, After(0, "* memory transfer progress: 10.00 %").Remaining));

        var second = After(10, "* memory transfer progress: 30.00 %");

        Assert.Equal(("memory transfer progress: 30.00 %", 30.0, TimeSpan.FromSeconds(35)), (second.Text, second.Percent, second.Remaining));
    }

    [Theory]
    [InlineData("* memory transfer progress: 600.12 %")]
    [InlineData("* memory transfer progress: 100.01 %")]
    public void More_than_100_percent_means_that_the_guest_is_faster_than_the_transfer(string line)
    {
        var state = After(0, line);

        Assert.Equal((99.0, null), (state.Percent, state.Remaining));
        Assert.Contains("faster than it is transferred", state.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_sync_states_its_own_time_left_which_is_taken_when_nothing_better_is_known()
    {
        var first = After(0, "- device disk/0: 12.30% done, 1m 5s remaining (estimated)");

        Assert.Equal((12.3, TimeSpan.FromSeconds(65)), (first.Percent, first.Remaining));
        Assert.Equal(TimeSpan.FromSeconds(3605), After(0, "- device disk/1: 0.10% done, 1h 0m 5s remaining (estimated)").Remaining);
    }

    [Fact]
    public void A_new_phase_or_a_step_back_begins_the_estimate_anew()
    {
        After(0, "- device disk/0: 50.00% done, 1s remaining (estimated)");

        Assert.Null(After(10, "* memory transfer progress: 60.00 %").Remaining);
        Assert.Null(After(20, "* memory transfer progress: 20.00 %").Remaining);
        Assert.Equal(TimeSpan.FromSeconds(70), After(30, "* memory transfer progress: 30.00 %").Remaining);
    }

    [Fact]
    public void Disks_that_are_synchronised_together_are_one_bar_and_the_slowest_says_how_long()
    {
        var state = AfterAll(
            " - INFO: - device disk/0: 10.00% done, 50s remaining (estimated)",
            " - INFO: - device disk/1:  1.00% done, 1d 1h 0m 0s remaining (estimated)",
            " - INFO: - device disk/0: 40.00% done, 30s remaining (estimated)",
            " - INFO: - device disk/1: 20.00% done, 2m 0s remaining (estimated)");

        Assert.Equal((30.0, TimeSpan.FromMinutes(2)), (state.Percent, state.Remaining));
    }

    [Fact]
    public void A_disk_that_is_done_counts_no_more()
    {
        var state = AfterAll(
            " - INFO: - device disk/0: 98.00% done, 1s remaining (estimated)",
            " - INFO: - device disk/1: 10.00% done, 50s remaining (estimated)",
            " - INFO: - device disk/1: 20.00% done, no time estimate");

        Assert.Equal((20.0, null), (state.Percent, state.Remaining));
    }

    [Fact]
    public void An_export_says_how_far_it_is_too()
    {
        var state = After(0, "Disk 0 sent 1.2G, 55.3 MiB/s, 45%, ETA 1m 5s");

        Assert.Equal((45.0, TimeSpan.FromSeconds(65)), (state.Percent, state.Remaining));
        Assert.Null(After(1, "Disk 0 sent 1.2G, 55.3 MiB/s").Percent);
    }

    [Fact]
    public void Two_lines_of_the_same_moment_give_no_endless_estimate()
    {
        After(0, "* memory transfer progress: 10.00 %");

        Assert.Null(After(0, "* memory transfer progress: 20.00 %").Remaining);
        Assert.Null(After(5, "* memory transfer progress: 10.00 %").Remaining);
    }
}
