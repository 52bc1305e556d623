using System.Collections;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Lets a parameter that takes objects of the module take their names too: text becomes an object that has a name only, which
/// the cmdlet looks up. Objects bind as they are, so a pipeline of objects finds exactly this parameter.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ReferenceAttribute(Type type) : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            string name => Named(name),
            IList list when list.Cast<object?>().Any(item => item is string or PSObject { BaseObject: string }) =>
                list.Cast<object?>().Select(item => Transform(engineIntrinsics, item)).ToArray(),
            _ => inputData,
        };
    }

    private object Named(string name)
    {
        var reference = Activator.CreateInstance(type)!;
        type.GetProperty("Name")!.SetValue(reference, name);
        return reference;
    }
}
