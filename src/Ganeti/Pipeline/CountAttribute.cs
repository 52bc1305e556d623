using System.Globalization;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// A whole number from 1 on, or text of one as CSV files have it. An empty cell says nothing; what is no number is an error, where PowerShell alone would leave the
/// parameter out without a word.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class CountAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value is null || (value is string text && string.IsNullOrWhiteSpace(text)) ? null
            : !LanguagePrimitives.TryConvertTo<int>(value, CultureInfo.InvariantCulture, out var number) ? throw new ArgumentTransformationMetadataException($"'{value}' is no number.")
            : number < 1 ? throw new ArgumentTransformationMetadataException($"{number} is less than 1.")
            : number;
    }
}
