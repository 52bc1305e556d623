using System.Globalization;
using System.Text.RegularExpressions;

namespace Ganeti.Tests.Drbd;

[Trait("Kind", "unit")]
public sealed partial class DrbdGenerationTests
{
    [Fact]
    public void The_line_of_get_gi_is_read()
    {
        var generation = DrbdGeneration.Parse("9373B717FFDED8ED:F464FF6626A9FFD1:92E5FCD4C783E5B2:68AE263E724DFF4B:1:1:1:0:0:0:0\n")!;

        Assert.Equal(("9373B717FFDED8ED", "F464FF6626A9FFD1", "92E5FCD4C783E5B2", "68AE263E724DFF4B"), (generation.Current, generation.Bitmap, generation.YoungerHistory, generation.OlderHistory));
        Assert.Equal((true, true, true, false, false, false, false), (generation.IsConsistent, generation.WasUpToDate, generation.WasPrimary, generation.WasConnected, generation.NeedsFullResync, generation.IsPeerOutdated, generation.IsCrashedPrimary));
        Assert.Equal("9373B717FFDED8ED:F464FF6626A9FFD1:92E5FCD4C783E5B2:68AE263E724DFF4B", generation.ToString());
    }

    [Fact]
    public void The_drawing_of_show_gi_is_read_too() => Assert.Equal(
        "F464FF6626A9FFD1:0000000000000000:68AE263E724DFF4B:0000000000000004",
        DrbdGeneration.Parse(DrbdFixture.Read("drbdsetup-9.22-show-gi.txt"))!.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("0: Failure: (127) Device minor not allocated")]
    [InlineData("9373B717FFDED8ED:F464FF6626A9FFD1:92E5FCD4C783E5B2")]
    [InlineData("9373B717FFDED8ED00:F464FF6626A9FFD1:92E5FCD4C783E5B2:68AE263E724DFF4B")]
    public void What_is_no_generation_is_none(string text) => Assert.Null(DrbdGeneration.Parse(text));

    [Theory]
    [InlineData("0000000000000004:0:0:0", "0000000000000004:0:0:0", 0, 10, "BothNew")]
    [InlineData("0000000000000004:0:0:0", "B5:0:0:0", -2, 20, "OtherIsNewer")]
    [InlineData("A0:0:0:0", "0:0:0:0", 2, 30, "ThisIsNewer")]
    [InlineData("A1:0:0:0", "A0:0:0:0", 0, 40, "Same")]
    [InlineData("A0:B0:0:0", "A0:0:B0:0", 1, 34, "ThisIsNewer")]
    [InlineData("A0:0:C0:0", "A0:B0:0:0", -1, 37, "OtherIsNewer")]
    [InlineData("A0:0:0:0", "C0:A1:0:0", -1, 50, "OtherIsNewer")]
    [InlineData("A0:0:0:0", "C0:10000000000A0:A0:0", -1, 51, "OtherIsNewer")]
    [InlineData("A0:0:0:0", "C0:B0:A0:0", -2, 60, "OtherIsNewer")]
    [InlineData("C0:10000000000A0:A0:0", "A0:0:0:0", 1, 71, "ThisIsNewer")]
    [InlineData("C0:B0:E0:A0", "A1:0:0:0", 2, 80, "ThisIsNewer")]
    [InlineData("C0:A0:0:0", "D0:A1:0:0", 100, 90, "SplitBrain")]
    [InlineData("C0:0:A0:0", "D0:0:E0:A1", -100, 100, "SplitBrain")]
    [InlineData("C0:0:E0:F0", "D0:0:10:20", -1000, 100, "Unrelated")]
    public void Two_sides_are_compared_by_the_kernels_rules(string self, string peer, int result, int rule, string lineage)
    {
        var comparison = DrbdComparison.Of(Of(self), Of(peer));

        Assert.Equal((result, rule, lineage), (comparison.Result, comparison.Rule, comparison.Lineage.ToString()));
    }

    [Theory]
    [InlineData(true, false, null, null, 1)]
    [InlineData(false, true, null, null, -1)]
    [InlineData(true, false, "Secondary", "Primary", -1)]
    [InlineData(true, true, "Primary", "Primary", -100)]
    public void Of_two_that_stopped_at_once_it_counts_who_was_Primary(bool crashed, bool peerCrashed, string? role, string? peerRole, int result)
    {
        var self = Of("A0:0:0:0");
        var peer = Of("A0:0:0:0");
        (self.IsCrashedPrimary, peer.IsCrashedPrimary) = (crashed, peerCrashed);
        DrbdRole? Role(string? text) => text is null ? null : Enum.Parse<DrbdRole>(text);

        Assert.Equal(result, DrbdComparison.Of(self, peer, Role(role), Role(peerRole)).Result);
    }

    [Fact]
    public void Every_meeting_in_the_recorded_logs_is_judged_as_the_kernel_did()
    {
        foreach (var (path, text) in DrbdFixture.Recorded("*dmesg*.txt"))
        {
            foreach (var meeting in Meeting().Matches(text).Cast<Match>())
            {
                var self = DrbdGeneration.Parse(meeting.Groups["self"].Value)!;
                var peer = DrbdGeneration.Parse(meeting.Groups["peer"].Value)!;
                peer.IsCrashedPrimary = (int.Parse(meeting.Groups["flags"].Value, CultureInfo.InvariantCulture) & 2) != 0;
                var rule = int.Parse(meeting.Groups["rule"].Value, CultureInfo.InvariantCulture);

                // Whether this side was a crashed Primary is not in the log.
                self.IsCrashedPrimary = rule == 40 && meeting.Groups["result"].Value == "1";
                var comparison = DrbdComparison.Of(self, peer);

                Assert.True(
                    (meeting.Groups["result"].Value, rule) == (comparison.Result.ToString(CultureInfo.InvariantCulture), comparison.Rule),
                    $"{path}: {meeting.Value}\n{comparison}");
            }
        }
    }

    [Fact]
    public void No_text_makes_it_fail() => Mutations.OfFixtures("drbdsetup-9.22-show-gi").Sample(text => DrbdGeneration.Parse(text) is not { } found || DrbdComparison.Of(found, found).Rule > 0);

    private static DrbdGeneration Of(string text) => DrbdGeneration.Parse(string.Join(':', text.Split(':').Select(part => part.PadLeft(16, '0'))))!;

    [GeneratedRegex(@"self (?<self>[0-9A-F:]{67}) [^\n]*\n[^\n]*peer (?<peer>[0-9A-F:]{67}) bits:[0-9]+ flags:(?<flags>[0-9]+)\n[^\n]*uuid_compare\(\)=(?<result>-?[0-9]+) by rule (?<rule>[0-9]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Meeting();
}
