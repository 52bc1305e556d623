using System.Globalization;

namespace Ganeti;

/// <summary>What the output of DRBD's tools has in common: <c>key:value</c> words, and KiB.</summary>
internal static class DrbdText
{
    internal const long Kibibyte = 1024;

    internal static string[] Lines(string text) => text.Split('\n').Select(line => line.TrimEnd('\r')).ToArray();

    internal static string[] Words(string line) => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Splits at the first colon; false where there is none or nothing before it.</summary>
    internal static bool TryPair(string word, out string key, out string value)
    {
        var colon = word.IndexOf(':', StringComparison.Ordinal);
        (key, value) = colon > 0 ? (word[..colon], word[(colon + 1)..]) : (string.Empty, string.Empty);
        return colon > 0;
    }

    /// <summary>A whole number, thousands separators allowed; null for anything else, and for one beyond 64 bits.</summary>
    internal static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A number times its unit; null where that is beyond 64 bits.</summary>
    internal static long? Scaled(long? number, long unit) => number is { } value && Math.Abs((decimal)value * unit) <= long.MaxValue ? value * unit : null;

    internal static double? Percent(long? left, long? total) => left >= 0 && left <= total && total > 0 ? 100.0 * (total.Value - left.Value) / total.Value : null;
}
