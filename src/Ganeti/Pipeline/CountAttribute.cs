using System.Globalization;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// A whole number, or text of one as CSV files have it. An empty cell says nothing; what is no number is an error, where PowerShell alone would leave the
/// parameter out without a word.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class CountAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
    {
        string text when string.IsNullOrWhiteSpace(text) => null,
        string text => int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ArgumentTransformationMetadataException($"'{text}' is no number."),
        var value => value,
    };
}
