using System.Globalization;
using System.Text.RegularExpressions;

namespace Ganeti;

/// <summary>How far a job is, read off its log.</summary>
/// <remarks>
/// Ganeti logs <c>* memory transfer progress: 12.34 %</c> while a guest's memory moves and <c>- progress: 12.3%</c> or <c>- device disk/0: 12.30% done, 1m 5s remaining (estimated)</c>
/// while disks are synchronised (lib/cmdlib/instance_migration.py, instance_storage.py).
/// </remarks>
internal sealed partial class JobProgress
{
    private string? _phase;
    private (DateTimeOffset Time, double Percent)? _first;

    /// <summary>What to show.</summary>
    /// <param name="Text">The last line of the log.</param>
    /// <param name="Percent">How much of the present phase is done, 0 to 100, or null.</param>
    /// <param name="Remaining">The time left of it, or null.</param>
    internal readonly record struct State(string? Text, double? Percent, TimeSpan? Remaining);

    internal State Update(GntJob job)
    {
        var last = job.Log.LastOrDefault();
        var text = last?.Message?.Trim(' ', '*', '-');
        if (last is null || text is null || PercentLine().Match(text) is not { Success: true } match)
        {
            _first = null;
            return new State(text, null, null);
        }

        var percent = double.Parse(match.Groups["percent"].Value, CultureInfo.InvariantCulture);
        if (percent > 100)
        {
            // A guest that writes memory faster than it is transferred: Ganeti counts what it had to send again.
            return new State($"{text} (the guest changes its memory faster than it is transferred)", 99, null);
        }

        return new State(text, percent, Remaining(match.Groups["phase"].Value, last.Time ?? DateTimeOffset.Now, percent) ?? Stated(text));
    }

    private TimeSpan? Remaining(string phase, DateTimeOffset time, double percent)
    {
        if (_first is not { } first || _phase != phase || percent < first.Percent)
        {
            _phase = phase;
            _first = (time, percent);
            return null;
        }

        var rate = (percent - first.Percent) / (time - first.Time).TotalSeconds;
        return double.IsFinite(rate) && rate > 0 ? TimeSpan.FromSeconds(Math.Min((100 - percent) / rate, TimeSpan.FromDays(30).TotalSeconds)) : null;
    }

    private static TimeSpan? Stated(string text)
    {
        var match = RemainingText().Match(text);
        double Part(string name) => match.Groups[name] is { Success: true } group ? double.Parse(group.Value, CultureInfo.InvariantCulture) : 0;
        return match.Success ? TimeSpan.FromHours(Part("h")) + TimeSpan.FromMinutes(Part("m")) + TimeSpan.FromSeconds(Part("s")) : null;
    }

    [GeneratedRegex(@"^(?<phase>.*?progress:|.*?device \S+:)\s*(?<percent>[0-9]{1,9}(\.[0-9]+)?)\s*%", RegexOptions.CultureInvariant)]
    private static partial Regex PercentLine();

    [GeneratedRegex(@"((?<h>[0-9]{1,6})h )?((?<m>[0-9]{1,6})m )?(?<s>[0-9]{1,6})s remaining", RegexOptions.CultureInvariant)]
    private static partial Regex RemainingText();
}
