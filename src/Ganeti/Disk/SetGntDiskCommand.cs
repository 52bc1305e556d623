using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Changes a disk's name, how the guest may use it, and its parameters. Stands for <c>gnt-instance modify --disk N:…</c>.</summary>
[Cmdlet(VerbsCommon.Set, "GntDisk", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntDisk), typeof(GntJob))]
public sealed class SetGntDiskCommand : GntDiskChangeCommand
{
    /// <summary>Places of the disks among the guest's, from 0.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Instance")]
    [ValidateRange(0, int.MaxValue)]
    public int[] Index { get; set; } = [];

    /// <summary>The name; empty takes it away.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? NewName { get; set; }

    /// <summary>Whether the guest may only read it, from its next start on.</summary>
    [Parameter]
    public bool? ReadOnly { get; set; }

    /// <summary>Further parameters of the disk, as a hashtable, for example <c>@{ discard = 'unmap' }</c> (external storage has its own).</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? Parameter { get; set; }

    /// <summary>Write the disks as they are after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override bool IsPassThru => PassThru;

    private protected override int[] Places => Index;

    private protected override void Begin()
    {
        base.Begin();
        if (NewName is null && ReadOnly is null && Parameter is null)
        {
            Refuse("There is nothing to change.", "Say what to change");
        }
    }

    private protected override Change ChangeOf(GntInstance instance, IReadOnlyList<GntDisk> parts)
    {
        var changes = new GntParameters(Parameter ?? []);
        if (NewName is not null)
        {
            // Ganeti's word for no name.
            changes["name"] = NewName.Length == 0 ? "none" : NewName;
        }

        if (ReadOnly is { } readOnly)
        {
            changes["mode"] = readOnly ? "ro" : "rw";
        }

        return new Change(new InstanceSetParams
        {
            InstanceName = instance.Name!,
            Disks = [.. parts.Select(disk => InstanceSetParams.Modify(disk.Index ?? 0, changes))],
        });
    }
}
