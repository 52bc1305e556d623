using System.Collections;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Keeps a parameter of names for names: PowerShell would turn any object into text to make it bind, so that a network piped in would be
/// taken for a guest of that name.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NameTextAttribute : ArgumentTransformationAttribute
{
    /// <summary>
    /// Whether an object is refused at once: where names bind by property name too, a node piped in would otherwise be taken for a guest of its name.
    /// </summary>
    public bool RefuseObjects { get; init; }

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var items = inputData is IList list ? list.Cast<object?>() : [inputData];
        foreach (var item in items)
        {
            if ((item is PSObject wrapped ? wrapped.BaseObject : item) is not (null or string or ValueType) and { } other && (other is not PSCustomObject || !RefuseObjects))
            {
                // The binder goes on to the other parameters only after a failed cast.
                var cast = new PSInvalidCastException(other is GntObject or GntConnection
                    ? $"A {other.GetType().Name} is no name: pipe it in, or give it to the parameter for its kind."
                    : $"A {(other is PSCustomObject ? "row" : other.GetType().Name)} is no name: pipe the names, … | ForEach-Object Name.");
                throw RefuseObjects ? new ArgumentTransformationMetadataException(cast.Message) : new ArgumentTransformationMetadataException(cast.Message, cast);
            }
        }

        return inputData;
    }
}
