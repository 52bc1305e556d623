namespace Ganeti;

/// <summary>The block devices of a cluster's nodes.</summary>
public sealed class BlockDevices
{
    private static readonly NodeScript Holders = new("Block", "holders");

    private readonly GntConnection _connection;

    internal BlockDevices(GntConnection connection) => _connection = connection;

    /// <summary>Reads the block devices of a node, in one remote call: disks, partitions, arrays, and all that stands on them.</summary>
    /// <param name="node">The node's full name.</param>
    /// <param name="withHealth">Whether SMART and the kernel's log of I/O errors are read too.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The node was not reached.</exception>
    public async Task<IReadOnlyList<BlockDevice>> GetAsync(string node, bool withHealth, CancellationToken cancellationToken) =>
        (await ReadAsync(node, withHealth, cancellationToken).ConfigureAwait(false)).Devices;

    /// <summary>Reads all of a node's storage, in one remote call. Ganeti is not asked: whose the volumes are is not known.</summary>
    /// <param name="node">The node's full name.</param>
    /// <param name="withHealth">Whether SMART and the kernel's log of I/O errors are read too.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The node was not reached.</exception>
    internal async Task<NodeStorage> ReadAsync(string node, bool withHealth, CancellationToken cancellationToken)
    {
        var host = await _connection.OpenNodeAsync(node, cancellationToken).ConfigureAwait(false);
        var result = await GntConnection.RunAsync(host, NodeStorage.Command(withHealth), cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus != 0)
        {
            throw RepairSession.Failure(node, "its storage could not be read", result);
        }

        var storage = NodeStorage.Read(node, result.OutputText);
        foreach (var item in storage.All)
        {
            item.From(_connection.Identity, DateTimeOffset.Now);
        }

        return storage;
    }

    /// <summary>Finds who holds a device of a node, in one remote call that changes nothing.</summary>
    /// <param name="node">The node's full name.</param>
    /// <param name="device">The device: a path, or the kernel's name (<c>drbd1</c>).</param>
    /// <param name="instance">The guest whose disk it is, or null.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <returns>The holders; those that have to let go first come first.</returns>
    /// <exception cref="GanetiException">The node was not reached, or has no such block device.</exception>
    public async Task<IReadOnlyList<BlockHolder>> HoldersAsync(string node, string device, string? instance, CancellationToken cancellationToken)
    {
        var host = await _connection.OpenNodeAsync(node, cancellationToken).ConfigureAwait(false);
        var result = await GntConnection.RunAsync(host, Holders.With(device), cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus == 3)
        {
            throw new GanetiException(GanetiError.BlockDeviceNotFound, $"{node} has no block device {device}.")
            {
                Target = device,
                RecommendedAction = $"See what there is: Get-DrbdDevice {node}, or lsblk on the node.",
            };
        }

        if (result.ExitStatus != 0)
        {
            throw RepairSession.Failure(node, $"it could not be seen who holds {device}", result);
        }

        var holders = HolderLines.Read(node, device.StartsWith('/') ? device : $"/dev/{device}", instance, result.OutputText);
        foreach (var holder in holders)
        {
            holder.From(_connection.Identity, DateTimeOffset.Now);
        }

        return holders;
    }
}
