using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Gets who holds block devices of nodes, so that they can't be taken down: processes, QEMU, mounts of all namespaces, swap, partition mappings, logical volumes, loop
/// devices, DRBD itself. Stands for <c>fuser -vm</c>, <c>lsof</c>, <c>dmsetup deps</c>, <c>/sys/block/…/holders</c>.
/// </summary>
[Cmdlet(VerbsCommon.Get, "BlockHolder", DefaultParameterSetName = "Node")]
[OutputType(typeof(BlockHolder))]
public sealed class GetBlockHolderCommand : GntClusterCommand
{
    private readonly List<(GntConnection Connection, string Node, string Device, string? Instance, object Target)> _asked = [];

    /// <summary>Sides of mirrors, whose devices are meant.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "DrbdDevice")]
    [ValidateNotNullOrEmpty]
    public DrbdDevice[]? DrbdDevice { get; set; }

    /// <summary>Logical volumes, whose devices are meant.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmVolume")]
    [ValidateNotNullOrEmpty]
    public LvmVolume[]? LvmVolume { get; set; }

    /// <summary>Block devices.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "BlockDevice")]
    [ValidateNotNullOrEmpty]
    public BlockDevice[]? BlockDevice { get; set; }

    /// <summary>Nodes on which to look.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Devices on those nodes, by path or by the kernel's name.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Node")]
    [ValidateNotNullOrEmpty]
    public string[]? Device { get; set; }

    /// <summary>How many devices are asked about at once.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "DrbdDevice":
                ForEach(DrbdDevice!, side => _asked.Add((ConnectionFor(side), side.Node!, side.Device!, side.InstanceName, side)));
                break;
            case "LvmVolume":
                ForEach(LvmVolume!, volume => _asked.Add((ConnectionFor(volume), volume.Node!, volume.Path!, volume.InstanceName, volume)));
                break;
            case "BlockDevice":
                ForEach(BlockDevice!, device => _asked.Add((ConnectionFor(device), device.Node!, device.Path!, null, device)));
                break;
            default:
                ForEach(Resolve(Node!, Tables.Nodes), node => _asked.AddRange(Device!.Select(device => (ConnectionFor(node), node.Name!, device, (string?)null, (object)device))));
                break;
        }
    }

    private protected override void End() => Await(async token =>
    {
        using var throttle = new SemaphoreSlim(ThrottleLimit);
        await Task.WhenAll(_asked.Select(async asked =>
        {
            await throttle.WaitAsync(token).ConfigureAwait(false);
            try
            {
                var holders = await asked.Connection.Block.HoldersAsync(asked.Node, asked.Device, asked.Instance, token).ConfigureAwait(false);
                Post(() => WriteObject(holders, enumerateCollection: true));
            }
            catch (GanetiException exception)
            {
                Post(() => WriteError(exception, asked.Target));
            }
            finally
            {
                throttle.Release();
            }
        })).ConfigureAwait(false);
    });
}
