namespace Ganeti.Tests.Drbd;

[Trait("Kind", "unit")]
public sealed class DrbdKernelLogTests
{
    private static readonly DateTimeOffset Boot = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_split_brain_is_seen_with_its_time()
    {
        var past = Log("dmesg-6.1-drbd8.4.11-split-brain.txt").PastOf("resource0", 0);

        Assert.Equal(Boot.AddSeconds(1174.872059), past.SplitBrain!.Time);
        Assert.Equal(["StandAlone -> Unconnected", "Unconnected -> WFConnection", "WFConnection -> WFReportParams", "WFReportParams -> NetworkFailure", "NetworkFailure -> Disconnecting", "Disconnecting -> StandAlone"], past.Events.Where(happened => happened.Kind == DrbdLogEventKind.Connection).Select(happened => $"{happened.From} -> {happened.To}"));
        Assert.Contains("=100 by rule 90", past.Last(DrbdLogEventKind.Handshake)!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_minor_knows_nothing_of_it() => Assert.Empty(Log("dmesg-6.1-drbd8.4.11-split-brain.txt").PastOf("resource1", 1).Events);

    [Fact]
    public void A_split_brain_is_over_when_it_was_solved_or_the_sides_were_connected()
    {
        const string Seen = "[    1.000000] block drbd0: Split-Brain detected but unresolved, dropping connection!\n";

        Assert.NotNull(DrbdKernelLog.Parse(Seen).PastOf(null, 0).SplitBrain);
        Assert.Null(DrbdKernelLog.Parse(Seen + "[    2.000000] block drbd0: Split-Brain detected, manually solved. Sync from this node\n").PastOf(null, 0).SplitBrain);
        Assert.Null(DrbdKernelLog.Parse(Seen + "[    2.000000] block drbd0: peer( Unknown -> Secondary ) conn( WFReportParams -> WFBitMapS ) pdsk( DUnknown -> Consistent ) \n").PastOf(null, 0).SplitBrain);
        Assert.NotNull(DrbdKernelLog.Parse(Seen + "[    2.000000] drbd resource0: conn( WFReportParams -> Disconnecting ) \n").PastOf(null, 0).SplitBrain);
    }

    [Fact]
    public void What_a_minor_was_before_is_not_told_of_what_it_is_now()
    {
        const string Before = "[    1.000000] block drbd0: Split-Brain detected but unresolved, dropping connection!\n";

        Assert.Null(DrbdKernelLog.Parse(Before + "[    2.000000] drbd resource0: Starting worker thread (from drbdsetup-84 [603])\n").PastOf("resource0", 0).SplitBrain);
    }

    [Fact]
    public void A_backing_device_that_failed_is_seen_with_the_kernels_words()
    {
        var past = Log("dmesg-6.1-drbd8.4.11-io-error.txt").PastOf(null, 4);

        Assert.Equal(("Local IO failed in __req_mod. Detaching...", Boot.AddSeconds(1392.893028)), (past.IOError!.Text, past.IOError.Time));
        Assert.Equal(Boot.AddSeconds(1392.894642), past.DisklessSince);
        Assert.NotNull(Log("dmesg-6.1-drbd8.4.11-io-error.txt").PastOf(null, 0).Last(DrbdLogEventKind.ResyncDone));
    }

    [Fact]
    public void A_verify_and_what_it_finds_are_seen()
    {
        var log = Log("dmesg-6.1-drbd8.4.11-verify.txt");

        Assert.NotNull(log.PastOf("resource0", 0).Last(DrbdLogEventKind.Connection, to: "VerifyS"));
        Assert.Equal("Online verify found 320 4k block out of sync!", DrbdKernelLog.Parse("[  540.0] block drbd0: Online verify found 320 4k block out of sync!").PastOf(null, 0).VerifyFound!.Text);
    }

    [Theory]
    [InlineData("dmesg-2.38-iso.txt", "2026-11-25T18:40:45")]
    [InlineData("journalctl-252-kernel.txt", "2026-11-25T17:28:55")]
    public void Times_by_the_nodes_clock_are_read_from_dmesg_and_from_the_journal(string file, string first)
    {
        var past = DrbdKernelLog.Parse(DrbdFixture.Read(file)).PastOf("resource0", 0);

        Assert.Equal(first, past.Events[0].Time!.Value.ToString("yyyy-MM-dd'T'HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));
        Assert.All(past.Events, happened => Assert.NotNull(happened.Time));
        Assert.NotNull(past.PrimarySince);
    }

    [Fact]
    public void When_a_generation_began_is_found_by_its_name()
    {
        var log = DrbdKernelLog.Parse("[  240.808055] block drbd7: new current UUID BED03C595504711D:73421C09823312F7:4C1541B1DF657189:4C1441B1DF657189\n", Boot);

        Assert.Equal(Boot.AddSeconds(240.808055), log.BeginningOf("BED03C595504711C"));
        Assert.Null(log.BeginningOf("73421C09823312F7"));
        Assert.Null(log.BeginningOf(null));
    }

    [Fact]
    public void How_a_connection_was_lost_is_told_until_there_is_another()
    {
        const string Lost = "[    5.000000] drbd resource0: peer( Secondary -> Unknown ) conn( Connected -> Timeout ) pdsk( UpToDate -> DUnknown ) \n[    5.100000] drbd resource0: conn( Timeout -> Unconnected ) \n";

        Assert.Equal("Timeout", DrbdKernelLog.Parse(Lost).PastOf(null, 0).ConnectionLost!.To);
        Assert.Null(DrbdKernelLog.Parse(Lost + "[    6.000000] block drbd0: peer( Unknown -> Secondary ) conn( WFReportParams -> Connected ) pdsk( DUnknown -> UpToDate ) \n").PastOf(null, 0).ConnectionLost);
    }

    [Fact]
    public void Without_a_time_of_the_start_lines_of_plain_dmesg_have_no_time() => Assert.All(DrbdKernelLog.Parse(DrbdFixture.Read("dmesg-6.1-drbd8.4.11-split-brain.txt")).Events, happened => Assert.Null(happened.Time));

    [Fact]
    public void Every_change_in_the_recorded_logs_is_read() => Assert.All(DrbdFixture.Recorded("*dmesg*.txt"), recorded =>
        Assert.Equal(
            recorded.Text.Split('\n').Where(line => line.Contains("] block drbd", StringComparison.Ordinal) || line.Contains("] drbd resource", StringComparison.Ordinal)).Sum(line => line.Split(" -> ").Length - 1 - (line.Contains("_isp( ", StringComparison.Ordinal) ? 1 : 0)),
            DrbdKernelLog.Parse(recorded.Text).Events.Count(happened => happened.From is not null)));

    [Fact]
    public void No_text_makes_it_fail() => Mutations.OfFixtures("dmesg-").Sample(text =>
    {
        var log = DrbdKernelLog.Parse(text, Boot);
        return new[] { 0, 1, 2 }.All(minor => log.PastOf($"resource{minor}", minor).Events is not null) && log.Events.All(happened => happened.Text is not null);
    });

    private static DrbdKernelLog Log(string file) => DrbdKernelLog.Parse(DrbdFixture.Read(file), Boot);
}
