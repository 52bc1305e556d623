using Ganeti.Luxi;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>The mirrors of a cluster, as its nodes' kernels know them.</summary>
public sealed class DrbdDevices
{
    private readonly GntConnection _connection;

    internal DrbdDevices(GntConnection connection) => _connection = connection;

    /// <summary>Reads the sides that are on a node, in one remote call. Ganeti is not asked: whose disks they are is not known.</summary>
    /// <param name="node">The node's full name.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <returns>By minor number; none where DRBD's module is not loaded.</returns>
    /// <exception cref="GanetiException">The node was not reached, or /proc/drbd could not be read.</exception>
    public async Task<IReadOnlyList<DrbdDevice>> GetAsync(string node, CancellationToken cancellationToken) =>
        (await ExamineAsync(node, DrbdDetail.State, cancellationToken).ConfigureAwait(false)).Devices;

    /// <summary>Reads the sides that are on a node and more about them, in one remote call.</summary>
    /// <param name="node">The node's full name.</param>
    /// <param name="detail">What else.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The node was not reached, or /proc/drbd could not be read.</exception>
    internal async Task<DrbdNode> ExamineAsync(string node, DrbdDetail detail, CancellationToken cancellationToken)
    {
        var host = await _connection.OpenNodeAsync(node, cancellationToken).ConfigureAwait(false);
        var result = await GntConnection.RunAsync(host, DrbdNode.Command(detail), cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus != 0)
        {
            throw new RemoteException(GanetiError.RemoteCommandFailed, host.Name, $"{node} could not be asked for its mirrors: {result.ErrorText.Trim()} (exit status {result.ExitStatus}).")
            {
                ExitStatus = result.ExitStatus,
                StandardError = result.ErrorText,
                Target = node,
                RecommendedAction = "Check that the login has a POSIX shell and may read /proc/drbd.",
            };
        }

        var read = DrbdNode.Read(node, result.OutputText);
        foreach (var device in read.Devices)
        {
            device.From(_connection.Identity, DateTimeOffset.Now);
        }

        return read;
    }

    /// <summary>The mirrors as Ganeti's configuration has them.</summary>
    /// <param name="guests">Guests by full name; one that is gone is left out. None stands for all.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    internal async Task<IReadOnlyList<DrbdMirror>> MirrorsAsync(IReadOnlyCollection<string> guests, CancellationToken cancellationToken) =>
        DrbdMirror.Of(await ConfiguredDisk.ReadAsync(_connection, guests, cancellationToken).ConfigureAwait(false));
}
