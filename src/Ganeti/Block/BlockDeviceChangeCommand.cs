using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that take disks offline or away.</summary>
public abstract class BlockDeviceChangeCommand : StorageChangeCommand
{
    /// <summary>The node that the disks are in.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? Node { get; set; }

    /// <summary>The disks there, by the kernel's name, by path, or by serial number; these very names.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Node")]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Disks, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "BlockDevice")]
    [ValidateNotNullOrEmpty]
    public BlockDevice[]? BlockDevice { get; set; }

    /// <summary>Also where something dies with it; and do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override bool WithSides => true;

    private protected abstract bool Delete { get; }

    private protected override void Process()
    {
        if (ParameterSetName == "BlockDevice")
        {
            // The disk that was meant, though another may have its name now.
            ForEach(BlockDevice!, device => Order(device, device.Node, device, _ => [ChangeOf(device.Node!, device.Name!, device.Serial)]));
            return;
        }

        ForEach(Resolve([Node!], Tables.Nodes), node => ForEach(Name!, name => Order(node, node.Name, name, storage =>
        {
            var named = storage.Named(name);
            return [ChangeOf(node.Name!, named?.Name ?? name, named?.Serial)];
        })));
    }

    private BlockDeviceChange ChangeOf(string node, string name, string? serial) => new() { Node = node, Subject = name, Name = name, Serial = serial, Delete = Delete, Force = Force };
}
