using System.Globalization;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// A duration is a <see cref="TimeSpan"/>, text of one, or a bare number of seconds (PowerShell alone would take 30 for 3 µs).
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        var seconds = value switch
        {
            int or long or double or decimal or float or short or byte => Convert.ToDouble(value, CultureInfo.InvariantCulture),
            // A bare "-5" on the command line comes as text too.
            string text when double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
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
}
