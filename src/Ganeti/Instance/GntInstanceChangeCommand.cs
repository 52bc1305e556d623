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

    private protected sealed override void WriteChanged(GntConnection connection, IReadOnlyList<object> subjects)
    {
        if (PassThru)
        {
            WriteAsTheyAre(connection, [.. subjects.Cast<GntInstance>().Select(NameAfter)]);
        }
    }
}
