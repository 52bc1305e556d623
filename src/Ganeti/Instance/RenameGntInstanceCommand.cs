using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gives a stopped guest another name. Stands for <c>gnt-instance rename</c>.</summary>
[Cmdlet(VerbsCommon.Rename, "GntInstance", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntInstance), typeof(GntJob))]
public sealed class RenameGntInstanceCommand : GntInstanceChangeCommand
{
    private readonly Dictionary<string, string> _newNames = new(StringComparer.Ordinal);
    private int _renamed;

    /// <summary>The new name, fully qualified or as the resolver completes it.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string NewName { get; set; } = string.Empty;

    /// <summary>Take the name as it is, without asking the resolver; then no address is checked either.</summary>
    [Parameter]
    public SwitchParameter NoNameCheck { get; set; }

    /// <summary>Do not check whether the name's address is in use.</summary>
    [Parameter]
    public SwitchParameter NoIPCheck { get; set; }

    private protected override string NameAfter(GntInstance instance) => _newNames.GetValueOrDefault(instance.Name!, NewName);

    private protected override Change? ChangeOf(GntConnection connection, GntInstance instance)
    {
        if (_renamed++ > 0)
        {
            throw new GanetiException(GanetiError.ParameterInvalid, $"'{NewName}' can be the name of one guest only; {instance} keeps its name.")
            {
                Target = instance,
                RecommendedAction = "Rename several with ForEach-Object, each to a name of its own.",
            };
        }

        return new Change(new InstanceRename
        {
            InstanceName = instance.Name!,
            NewName = NewName,
            NameCheck = NoNameCheck ? false : null,
            IpCheck = NoIPCheck || NoNameCheck ? false : null,
        });
    }

    private protected override void Succeeded(object subject, GntJob job)
    {
        // The job answers the name as the resolver completed it.
        if (job.Operations?.Select(operation => operation.OpId == "OP_INSTANCE_RENAME" ? operation.Result as string : null).FirstOrDefault(name => name is not null) is { } name)
        {
            _newNames[((GntInstance)subject).Name!] = name;
        }
    }
}
