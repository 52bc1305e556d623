using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Ganeti.Commands;

/// <summary>
/// A duration is a <see cref="TimeSpan"/>, text of one, a number with a unit as <c>gnt-*</c> takes it (<c>90s</c>, <c>30m</c>, <c>12h</c>, <c>1d</c>, <c>4w</c>), or a
/// bare number of seconds (PowerShell alone would take 30 for 3 µs).
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed partial class DurationAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? AsWritten(wrapped) : inputData;
        var seconds = value switch
        {
            int or long or double or decimal or float or short or byte => Convert.ToDouble(value, CultureInfo.InvariantCulture),
            // A bare "-5" on the command line comes as text too.
            string text when double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
            string text when WithUnit().Match(text) is { Success: true } match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * UnitOf(match.Groups[2].Value),
            string text when TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration) => duration.TotalSeconds,
            TimeSpan duration => duration.TotalSeconds,
            _ => default(double?),
        };
        return seconds switch
        {
            null => inputData,
            < 0 => throw new ArgumentTransformationMetadataException($"A duration can't be negative: {value}."),
            >= 1e11 => TimeSpan.MaxValue,
            _ => TimeSpan.FromSeconds(seconds.Value),
        };
    }

    // To PowerShell 1d is the decimal number 1, and 90s a short one; what was written is kept beside it.
    private static object AsWritten(PSObject value) => value.ToString() is { } text && WithUnit().IsMatch(text) ? text : value.BaseObject;

    // ParseTimespec in Ganeti's lib/cli.py.
    private static double UnitOf(string unit) => unit.ToLowerInvariant() switch
    {
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        _ => 1,
    };

    [GeneratedRegex(@"^\s*([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*([smhdw])\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WithUnit();
}
