namespace Ganeti;

/// <summary>The logical volumes of a cluster's nodes.</summary>
public sealed class LvmVolumes
{
    private readonly GntConnection _connection;

    internal LvmVolumes(GntConnection connection) => _connection = connection;

    /// <summary>Reads the volumes of a node, in one remote call, hidden ones included. Ganeti is not asked: whose they are is not known.</summary>
    /// <param name="node">The node's full name.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The node was not reached.</exception>
    public async Task<IReadOnlyList<LvmVolume>> GetAsync(string node, CancellationToken cancellationToken) =>
        (await _connection.Block.ReadAsync(node, withHealth: false, cancellationToken).ConfigureAwait(false)).Volumes;

    /// <summary>Whose volumes are whose by Ganeti's configuration.</summary>
    /// <param name="guests">Guests by full name; one that is gone is left out. None stands for all disks, attached or not.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    internal async Task<IReadOnlyList<LvmOwner>> OwnersAsync(IReadOnlyCollection<string> guests, CancellationToken cancellationToken) =>
        LvmOwner.Of(await ConfiguredDisk.ReadAsync(_connection, guests, cancellationToken).ConfigureAwait(false));
}
