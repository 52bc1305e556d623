using System.Globalization;
using System.Text.RegularExpressions;

namespace Ganeti;

/// <summary>What the kernel's log of a node tells of its mirrors.</summary>
/// <remarks>
/// Lines of <c>dmesg</c>, plain (seconds since the start, in brackets) or with <c>--time-format iso</c>, and of <c>journalctl -o short-iso-precise</c>. DRBD 8.4 begins
/// them with <c>block drbd0:</c> or <c>drbd resource0:</c> (drbd_int.h, <c>drbd_info</c>); changes are <c>conn( WFConnection -> Connected )</c>, several on a line (drbd_state.c, <c>print_state_change</c>).
/// </remarks>
internal sealed partial class DrbdKernelLog
{
    private static readonly (string Begin, DrbdLogEventKind Kind)[] Tellings =
    [
        ("Starting worker thread", DrbdLogEventKind.Created),
        ("new current UUID ", DrbdLogEventKind.NewGeneration),
        ("uuid_compare()=", DrbdLogEventKind.Handshake),
        ("Split-Brain detected but unresolved", DrbdLogEventKind.SplitBrain),
        ("Split-Brain detected, ", DrbdLogEventKind.SplitBrainSolved),
        ("local WRITE IO error", DrbdLogEventKind.IOError),
        ("local READ IO error", DrbdLogEventKind.IOError),
        ("Local IO failed", DrbdLogEventKind.IOError),
        ("IO ERROR", DrbdLogEventKind.IOError),
        ("meta data update failed", DrbdLogEventKind.IOError),
        ("Remote failed to finish a request", DrbdLogEventKind.RequestTimeout),
        ("PingAck did not arrive", DrbdLogEventKind.PingTimeout),
        ("State change failed: Device is held open", DrbdLogEventKind.HeldOpen),
        ("Online verify found", DrbdLogEventKind.VerifyFound),
        ("Began resync as", DrbdLogEventKind.ResyncBegun),
        ("Resync done", DrbdLogEventKind.ResyncDone),
    ];

    private readonly List<DrbdLogEvent> _events = [];

    internal static DrbdKernelLog Empty { get; } = new();

    /// <summary>In the log's order.</summary>
    internal IReadOnlyList<DrbdLogEvent> Events => _events;

    /// <summary>Reads a log; lines that are not DRBD's are left out.</summary>
    /// <param name="text">What the program printed.</param>
    /// <param name="bootTime">When the node was started, for plain <c>dmesg</c>.</param>
    internal static DrbdKernelLog Parse(string text, DateTimeOffset? bootTime = null)
    {
        var log = new DrbdKernelLog();
        foreach (var line in DrbdText.Lines(text))
        {
            if (Line().Match(line) is { Success: true } match)
            {
                log.Read(match, bootTime);
            }
        }

        return log;
    }

    /// <summary>What is about one mirror, since it was last made on the node: the minor may have been another disk's before.</summary>
    internal DrbdPast PastOf(string? resourceName, int? minor) => new(EventsOf(resourceName, minor));

    /// <summary>When a generation began, wherever in the log that is: its name is the mirror's alone. Null where the log does not reach back.</summary>
    internal DateTimeOffset? BeginningOf(string? generation) =>
        _events.LastOrDefault(happened => happened.Kind == DrbdLogEventKind.NewGeneration && DrbdGeneration.IsSame(happened.To, generation))?.Time;

    private DrbdLogEvent[] EventsOf(string? resourceName, int? minor)
    {
        // What Ganeti calls it, where the kernel has no such resource (any more).
        resourceName ??= minor is null ? null : string.Create(CultureInfo.InvariantCulture, $"resource{minor}");
        var all = _events.Where(happened => happened.Minor is { } its ? its == minor : happened.ResourceName == resourceName).ToArray();
        return all[(Array.FindLastIndex(all, happened => happened.Kind == DrbdLogEventKind.Created) + 1)..];
    }

    private void Read(Match line, DateTimeOffset? bootTime)
    {
        var time = Time(line, bootTime);
        var resource = line.Groups["resource"] is { Success: true } name ? name.Value : null;
        var minor = line.Groups["minor"].Success ? (int?)DrbdText.Number(line.Groups["minor"].Value) : null;
        var text = line.Groups["text"].Value.TrimEnd();
        foreach (var (begin, kind) in Tellings)
        {
            if (text.StartsWith(begin, StringComparison.Ordinal))
            {
                var generation = kind == DrbdLogEventKind.NewGeneration ? text[begin.Length..].Split(':')[0] : null;
                _events.Add(new DrbdLogEvent(time, kind, resource, minor, null, generation, text));
            }
        }

        foreach (var change in Change().EnumerateMatches(text))
        {
            var parts = Change().Match(text[change.Index..(change.Index + change.Length)]).Groups;
            if (KindOf(parts["what"].Value) is { } kind)
            {
                _events.Add(new DrbdLogEvent(time, kind, resource, minor, parts["from"].Value, parts["to"].Value, text));
            }
        }
    }

    private static DrbdLogEventKind? KindOf(string what) => what switch
    {
        "role" => DrbdLogEventKind.Role,
        "peer" => DrbdLogEventKind.PeerRole,
        "conn" => DrbdLogEventKind.Connection,
        "disk" => DrbdLogEventKind.Disk,
        "pdsk" => DrbdLogEventKind.PeerDisk,
        _ => null,
    };

    // dmesg writes the fraction after a comma, journalctl an offset without a colon.
    private static DateTimeOffset? Time(Match line, DateTimeOffset? bootTime)
    {
        if (line.Groups["iso"] is { Success: true } iso)
        {
            return DateTimeOffset.TryParseExact(iso.Value.Replace(',', '.'), ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:sszzz"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;
        }

        return bootTime is { } start && double.TryParse(line.Groups["uptime"].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < 1e10
            ? start.AddSeconds(seconds)
            : null;
    }

    [GeneratedRegex(@"^(\[\s*(?<uptime>[0-9]+\.[0-9]+)\]|(?<iso>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}([.,][0-9]{1,7})?[+-][0-9]{2}:?[0-9]{2})( \S+ kernel:)?) (block drbd(?<minor>[0-9]{1,7}): (?!  )|drbd (?<resource>[^\s:]+): )(?<text>.*)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Line();

    [GeneratedRegex(@"(?<what>[a-z_]+)\( (?<from>\S+) -> (?<to>\S+) \)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Change();
}
