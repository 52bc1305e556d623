using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Takes the words of an enum for what can be asked for: not <c>Unrecognized</c>, and no numbers. An empty cell of a CSV file says nothing; one that is
/// no such word is an error, where PowerShell alone would leave the parameter out without a word.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ChoiceAttribute(Type words) : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is null or "")
        {
            return null;
        }

        var known = Enum.GetNames(words).Where(name => name != "Unrecognized").ToArray();
        return Array.Find(known, name => string.Equals(name, value.ToString()?.Trim(), StringComparison.OrdinalIgnoreCase)) is { } word
            ? Enum.Parse(words, word)
            : throw new ArgumentTransformationMetadataException($"'{value}' is none of {string.Join(", ", known)}.");
    }
}
