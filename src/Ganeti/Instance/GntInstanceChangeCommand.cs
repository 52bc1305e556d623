using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets after which a guest is there as before, but changed.</summary>
public abstract class GntInstanceChangeCommand : GntInstancesCommand
{
    /// <summary>Write the guest as it is after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Begin() => RefuseTogether(NoWait && PassThru, "-NoWait", "-PassThru", "the guest has not changed yet when the job is written");

    /// <summary>The name that a guest has once it is changed.</summary>
    private protected virtual string NameAfter(GntInstance instance) => instance.Name!;

    private protected override void WriteChanged(GntConnection connection, IReadOnlyList<object> subjects)
    {
        if (PassThru)
        {
            WriteAsTheyAre(connection, [.. subjects.Cast<GntInstance>().Select(NameAfter)]);
        }
    }

    /// <summary>Writes the parts of changed guests that were not there before.</summary>
    private protected void WriteNewParts<T>(GntConnection connection, IReadOnlyList<object> subjects, Func<GntInstance, IReadOnlyList<T>> parts, IReadOnlySet<string?> before)
        where T : GntInstancePart
    {
        if (!PassThru)
        {
            return;
        }

        var names = subjects.Cast<GntInstance>().Select(instance => instance.Name!).ToHashSet(StringComparer.Ordinal);
        foreach (var instance in Await(token => connection.Instances.Table.ReadExactAsync(names, configurationOnly: true, [], token)))
        {
            WriteObject(parts(instance).Where(part => !before.Contains(part.Uuid)), enumerateCollection: true);
        }
    }
}
