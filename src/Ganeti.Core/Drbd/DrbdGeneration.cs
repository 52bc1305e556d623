using System.Globalization;
using System.Text.RegularExpressions;

namespace Ganeti;

/// <summary>
/// The generation identifiers of one side of a mirror: which state of the data it has, from which one it came, and how it was when last written down. Identifiers are
/// shown as DRBD prints them, 16 hexadecimal digits.
/// </summary>
/// <remarks>The line of <c>drbdsetup get-gi</c> and <c>drbdmeta get-gi</c>, which <c>show-gi</c> has in the midst of its drawing (drbdmeta.c, <c>m_get_gc</c>).</remarks>
public sealed partial class DrbdGeneration
{
    private const int Identifiers = 4;

    /// <summary>The generation of the data that this side has. Its lowest bit is no part of the name: it is set where the side was Primary.</summary>
    public string? Current { get; set; }

    /// <summary>The generation since which changes are noted for the other side; all zeros while the two are the same.</summary>
    public string? Bitmap { get; set; }

    /// <summary>The generation before those.</summary>
    public string? YoungerHistory { get; set; }

    /// <summary>The generation before that.</summary>
    public string? OlderHistory { get; set; }

    /// <summary>Whether the data is consistent.</summary>
    public bool? IsConsistent { get; set; }

    /// <summary>Whether the data was up to date when last known.</summary>
    public bool? WasUpToDate { get; set; }

    /// <summary>Whether this side is or was last Primary.</summary>
    public bool? WasPrimary { get; set; }

    /// <summary>Whether it is or was last connected.</summary>
    public bool? WasConnected { get; set; }

    /// <summary>Whether everything was about to be marked out of sync.</summary>
    public bool? NeedsFullResync { get; set; }

    /// <summary>Whether the other side's data is known to be outdated or inconsistent.</summary>
    public bool? IsPeerOutdated { get; set; }

    /// <summary>Whether this side went down as Primary and has not seen the other one since.</summary>
    public bool? IsCrashedPrimary { get; set; }

    /// <summary>The four identifiers as DRBD prints them.</summary>
    public override string ToString() => $"{Current}:{Bitmap}:{YoungerHistory}:{OlderHistory}";

    /// <summary>The generation in a text that one of the tools printed; null where there is none, as for a side without a disk.</summary>
    internal static DrbdGeneration? Parse(string text) => Line().Match(text) is { Success: true } line ? Of(line) : null;

    /// <summary>The identifiers without their lowest bit, in the order of <see cref="ToString"/>.</summary>
    internal ulong[] Values() => [Value(Current), Value(Bitmap), Value(YoungerHistory), Value(OlderHistory)];

    /// <summary>Whether two identifiers name the same generation; none and all zeros name nothing.</summary>
    internal static bool IsSame(string? one, string? other) => Value(one) is not 0 and var value && value == Value(other);

    private static ulong Value(string? text) => ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value & ~1UL : 0;

    private static DrbdGeneration Of(Match line)
    {
        var identifiers = line.Groups["id"].Captures;
        var flags = line.Groups["flag"].Captures;
        bool? Flag(int index) => index < flags.Count ? flags[index].ValueSpan is "1" : null;
        return new DrbdGeneration
        {
            Current = identifiers[0].Value,
            Bitmap = identifiers[1].Value,
            YoungerHistory = identifiers[2].Value,
            OlderHistory = identifiers[Identifiers - 1].Value,
            IsConsistent = Flag(0),
            WasUpToDate = Flag(1),
            WasPrimary = Flag(2),
            WasConnected = Flag(3),
            NeedsFullResync = Flag(4),
            IsPeerOutdated = Flag(5),
            IsCrashedPrimary = Flag(6),
        };
    }

    [GeneratedRegex("(?<![0-9A-Fa-f:])(?<id>[0-9A-Fa-f]{16})(:(?<id>[0-9A-Fa-f]{16})){3}(:(?<flag>[01]))*(?![0-9A-Fa-f])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Line();
}
