using System.Globalization;
using System.Text.RegularExpressions;

namespace Ganeti;

/// <summary>How far a job is, read off its log.</summary>
/// <remarks>
/// Ganeti logs <c>* memory transfer progress: 12.34 %</c> while a guest's memory moves, <c>- device disk/0: 12.30% done, 1m 5s remaining (estimated)</c>
/// for each disk that is synchronised, or <c>- progress: 12.3%</c> for all of them, and <c>Disk 0 sent 1.2G, 55.3 MiB/s, 45%, ETA 1m 5s</c> for each that is
/// exported (lib/cmdlib/instance_migration.py, instance_storage.py, lib/masterd/instance.py).
/// </remarks>
internal sealed partial class JobProgress
{
    private readonly Dictionary<string, (DateTimeOffset Time, double Percent)> _first = new(StringComparer.Ordinal);

    /// <summary>What to show.</summary>
    /// <param name="Text">The last line of the log.</param>
    /// <param name="Percent">How much of the present phase is done, 0 to 100, or null.</param>
    /// <param name="Remaining">The time left of it, or null.</param>
    internal readonly record struct State(string? Text, double? Percent, TimeSpan? Remaining);

    internal State Update(GntJob job)
    {
        var last = job.Log.LastOrDefault()?.Message;
        var round = LastRound(job.Log);
        if (round.Count == 0)
        {
            _first.Clear();
            return new State(Trimmed(last), null, null);
        }

        if (round.Exists(line => line.Percent > 100))
        {
            // A guest that writes memory faster than it is transferred: Ganeti counts what it had to send again.
            return new State($"{Trimmed(last)} (the guest changes its memory faster than it is transferred)", 99, null);
        }

        return new State(Trimmed(last), Math.Round(round.Average(line => line.Percent), 2), round.Max(line => Remaining(line) ?? Stated(line.Text)));
    }

    // The lines about the same moment at the end of the log: one of each disk.
    private static List<Line> LastRound(GntJobLogEntry[] log)
    {
        var round = new List<Line>();
        for (var i = log.Length - 1; i >= 0 && Line.Of(log[i]) is { } line && !round.Exists(later => later.Phase == line.Phase); i--)
        {
            round.Add(line);
        }

        return round;
    }

    private static string? Trimmed(string? text) => text?.Trim(' ', '*', '-');

    private TimeSpan? Remaining(Line line)
    {
        if (!_first.TryGetValue(line.Phase, out var first) || line.Percent < first.Percent)
        {
            _first[line.Phase] = (line.Time, line.Percent);
            return null;
        }

        var rate = (line.Percent - first.Percent) / (line.Time - first.Time).TotalSeconds;
        return double.IsFinite(rate) && rate > 0 ? TimeSpan.FromSeconds(Math.Min((100 - line.Percent) / rate, TimeSpan.FromDays(30).TotalSeconds)) : null;
    }

    private static TimeSpan? Stated(string text)
    {
        var match = RemainingText().Match(text);
        double Part(string name) => match.Groups[name] is { Success: true } group ? double.Parse(group.Value, CultureInfo.InvariantCulture) : 0;
        return match.Success ? TimeSpan.FromDays(Part("d")) + TimeSpan.FromHours(Part("h")) + TimeSpan.FromMinutes(Part("m")) + TimeSpan.FromSeconds(Part("s")) : null;
    }

    [GeneratedRegex(@"^(?<phase>.*?progress:|.*?device \S+:|Disk \S+ sent )(?<rate>\S+, \S+ MiB/s, |\s*)(?<percent>[0-9]{1,9}(\.[0-9]+)?)\s*%", RegexOptions.CultureInvariant)]
    private static partial Regex PercentLine();

    [GeneratedRegex(@"(ETA )?((?<d>[0-9]{1,6})d )?((?<h>[0-9]{1,6})h )?((?<m>[0-9]{1,6})m )?(?<s>[0-9]{1,6})s( remaining|$)", RegexOptions.CultureInvariant)]
    private static partial Regex RemainingText();

    /// <summary>A line of a log that says how much is done.</summary>
    private sealed record Line(string Text, string Phase, double Percent, DateTimeOffset Time)
    {
        internal static Line? Of(GntJobLogEntry entry) => Trimmed(entry.Message) is { } text && PercentLine().Match(text) is { Success: true } match
            ? new Line(text, match.Groups["phase"].Value, double.Parse(match.Groups["percent"].Value, CultureInfo.InvariantCulture), entry.Time ?? DateTimeOffset.Now)
            : null;
    }
}
