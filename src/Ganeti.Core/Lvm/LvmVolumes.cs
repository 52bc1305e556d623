using Ganeti.Luxi;

namespace Ganeti;

/// <summary>The logical volumes of a cluster's nodes.</summary>
public sealed class LvmVolumes
{
    private static readonly NodeScript Configured = new("Lvm", "detached");

    private readonly GntConnection _connection;

    internal LvmVolumes(GntConnection connection) => _connection = connection;

    /// <summary>Reads the volumes of a node, in one remote call, hidden ones included. Ganeti is not asked: whose they are is not known.</summary>
    /// <param name="node">The node's full name.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The node was not reached.</exception>
    public async Task<IReadOnlyList<LvmVolume>> GetAsync(string node, CancellationToken cancellationToken) =>
        (await _connection.Block.ReadAsync(node, withHealth: false, cancellationToken).ConfigureAwait(false)).Volumes;

    /// <summary>Whose volumes are whose by Ganeti's configuration: one job, which takes no lock and asks no node.</summary>
    /// <param name="guests">Guests by full name; one that is gone is left out. None stands for all.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    internal async Task<IReadOnlyList<LvmOwner>> OwnersAsync(IReadOnlyCollection<string> guests, CancellationToken cancellationToken) =>
        LvmOwner.Of(await _connection.Drbd.ConfiguredAsync(guests, "Get-LvmVolume", cancellationToken).ConfigureAwait(false));

    /// <summary>The volumes of all disks that the configuration has, attached or not, from the file that only the master has: no query tells of those that are not.</summary>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    internal async Task<IReadOnlyList<LvmOwner>> ConfiguredAsync(CancellationToken cancellationToken)
    {
        var result = await GntConnection.RunAsync(_connection.MasterHost, Configured.With(), cancellationToken).ConfigureAwait(false);
        return result.ExitStatus == 0
            ? LvmOwner.Lines(result.OutputText)
            : throw RepairSession.Failure(_connection.Master, "Ganeti's configuration could not be read for disks that are attached to no guest", result);
    }
}
