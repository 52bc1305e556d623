using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Removes volume groups that have no volumes; their disks stay physical volumes of no group. Stands for <c>vgremove</c>.</summary>
[Cmdlet(VerbsCommon.Remove, "LvmVolumeGroup", DefaultParameterSetName = "Node", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(LvmVolumeGroup))]
public sealed class RemoveLvmVolumeGroupCommand : StorageChangeCommand
{
    /// <summary>The nodes.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>The groups there; these very names.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Node")]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Groups, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmVolumeGroup")]
    [ValidateNotNullOrEmpty]
    public LvmVolumeGroup[]? LvmVolumeGroup { get; set; }

    /// <summary>Do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override void Process()
    {
        if (ParameterSetName == "LvmVolumeGroup")
        {
            ForEach(LvmVolumeGroup!, group => Order(group, group.Node, group, _ => [ChangeOf(group.Node!, group.Name!)]));
            return;
        }

        ForEach(Resolve(Node!, Tables.Nodes), node => ForEach(Name!, name => Order(node, node.Name, name, _ => [ChangeOf(node.Name!, name)])));
    }

    private LvmGroupRemoval ChangeOf(string node, string name) => new() { Node = node, Subject = name, Name = name, Force = Force };
}
