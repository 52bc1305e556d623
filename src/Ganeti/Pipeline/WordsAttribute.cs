using System.Collections;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Words, in a list or in one text with commas or spaces between them as CSV files have it; empty ones are left out.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WordsAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        var items = value is IList list ? list.Cast<object?>() : [value];
        return items
            .SelectMany(item => (item?.ToString() ?? string.Empty).Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .ToArray();
    }
}
