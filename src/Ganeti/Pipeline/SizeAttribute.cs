using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Ganeti.Commands;

/// <summary>
/// A size in bytes: a number (<c>512MB</c> is one in PowerShell), or text as operators and CSV files have it: <c>10G</c>, <c>512 MiB</c>. Units
/// are powers of 1024, as PowerShell's and Ganeti's are. What is not a multiple of Ganeti's MiB is refused: 256 is a mistake, not 256 bytes.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed partial class SizeAttribute : ArgumentTransformationAttribute
{
    private const long Mebibyte = 1024 * 1024;

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            null => null,
            // An empty cell of a CSV file.
            string text when string.IsNullOrWhiteSpace(text) => null,
            var value => Bytes(value),
        };

    /// <summary>The bytes that a value means.</summary>
    /// <exception cref="ArgumentTransformationMetadataException">It is none, or no multiple of a MiB.</exception>
    internal static long Bytes(object value)
    {
        var bytes = value switch
        {
            double or float when Convert.ToDouble(value, CultureInfo.InvariantCulture) is > long.MaxValue or double.NaN => decimal.MaxValue,
            int or long or short or byte or uint or ulong or double or float or decimal => Convert.ToDecimal(value, CultureInfo.InvariantCulture),
            string text when Text().Match(text) is { Success: true } match => decimal.Parse(match.Groups["number"].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * Unit(match.Groups["unit"].Value),
            _ => throw Refused($"'{value}' is no size: write 512MB or 10G."),
        };
        return bytes switch
        {
            <= 0 or > long.MaxValue => throw Refused($"A size can't be {value}."),
            _ when bytes % Mebibyte != 0 => throw Refused(bytes < Mebibyte && value is not string
                ? $"{value} is {value} bytes, and Ganeti counts in MiB: write {value}MB or {value}GB."
                : $"{value} is no multiple of 1 MiB, in which Ganeti counts."),
            _ => (long)bytes,
        };
    }

    private static decimal Unit(string unit) => char.ToUpperInvariant(unit.FirstOrDefault()) switch
    {
        'K' => 1024m,
        'M' => 1024m * 1024,
        'G' => 1024m * 1024 * 1024,
        'T' => 1024m * 1024 * 1024 * 1024,
        'P' => 1024m * 1024 * 1024 * 1024 * 1024,
        _ => 1m,
    };

    private static ArgumentTransformationMetadataException Refused(string why) => new(why);

    [GeneratedRegex(@"^\s*(?<number>[0-9]{1,12}(\.[0-9]{1,6})?)\s*(?<unit>[KMGTP](i?B)?|B)?\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Text();
}
