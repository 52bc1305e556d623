using System.Globalization;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>What was done on nodes by this module, and what is being done.</summary>
public sealed class GntHistory
{
    internal static readonly NodeScript Journal = new("Repair", "journal");
    internal static readonly NodeScript Lease = new("Repair", "lease");

    private readonly GntConnection _connection;

    internal GntHistory(GntConnection connection) => _connection = connection;

    /// <summary>Reads a node's journal.</summary>
    /// <param name="node">The node's full name.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <returns>Its entries, oldest first. Lines that are none are left out.</returns>
    /// <exception cref="GanetiException">The node was not reached.</exception>
    public async Task<IReadOnlyList<GntHistoryEntry>> GetAsync(string node, CancellationToken cancellationToken)
    {
        var lines = await RunAsync(node, Journal.With("read"), cancellationToken).ConfigureAwait(false);
        var entries = new List<GntHistoryEntry>();
        foreach (var line in lines.Skip(1))
        {
            if (line.Split('\t', 2) is [var time, var json] && GntHistoryEntry.Parse(json) is { } entry && Time(time) is { } at)
            {
                entry.Node = node;
                entry.Time = at;
                entry.From(_connection.Identity, DateTimeOffset.Now);
                entries.Add(entry);
            }
        }

        // The node's own entries have nothing but an id, which begins with the repair's.
        var begun = entries.Where(entry => entry is { Id: not null, Operator: not null }).DistinctBy(entry => entry.Id).ToArray();
        foreach (var entry in entries.Where(entry => entry.Operator is null))
        {
            var repair = Array.Find(begun, one => entry.Id?.StartsWith(one.Id!, StringComparison.Ordinal) == true);
            (entry.Operator, entry.Cmdlet, entry.InstanceName, entry.Subject) = (repair?.Operator, repair?.Cmdlet, repair?.InstanceName, repair?.Subject);
        }

        return entries;
    }

    /// <summary>Reads what is under way: the leases on the master.</summary>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master was not reached.</exception>
    public async Task<IReadOnlyList<GntHistoryEntry>> GetUnderWayAsync(CancellationToken cancellationToken)
    {
        var lines = await RunAsync(_connection.Master, Lease.With("list"), cancellationToken).ConfigureAwait(false);
        return [.. lines.Select(LeaseOf).OfType<GntHistoryEntry>()];
    }

    /// <summary>Tells a node's journal.</summary>
    /// <exception cref="GanetiException">It can't be written, so that nothing more may be done there.</exception>
    internal async Task AddAsync(string node, GntHistoryEntry entry, CancellationToken cancellationToken)
    {
        var host = await _connection.OpenNodeAsync(node, cancellationToken).ConfigureAwait(false);
        var result = await GntConnection.RunAsync(host, Journal.With("add", entry.ToJson()), cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus != 0)
        {
            throw RepairSession.Failure(node, "the journal can't be written, so nothing more is done", result);
        }
    }

    /// <summary>A lease from its line: the seconds that it has left, a tab, who has it.</summary>
    internal GntHistoryEntry? LeaseOf(string line)
    {
        if (line.Split('\t', 2) is not [var left, var json] || GntHistoryEntry.Parse(json) is not { } entry || !double.TryParse(left, CultureInfo.InvariantCulture, out var seconds))
        {
            return null;
        }

        entry.Node = _connection.Master;
        entry.LeaseEnds = DateTimeOffset.Now.AddSeconds(seconds);
        entry.From(_connection.Identity, DateTimeOffset.Now);
        return entry;
    }

    private async Task<string[]> RunAsync(string node, RemoteCommand command, CancellationToken cancellationToken)
    {
        var host = await _connection.OpenNodeAsync(node, cancellationToken).ConfigureAwait(false);
        var result = await GntConnection.RunAsync(host, command, cancellationToken).ConfigureAwait(false);
        return result.ExitStatus == 0 ? result.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries) : throw RepairSession.Failure(node, "its journal could not be read", result);
    }

    private static DateTimeOffset? Time(string seconds) =>
        double.TryParse(seconds, CultureInfo.InvariantCulture, out var since) ? DateTimeOffset.UnixEpoch.AddMilliseconds(Math.Round(since * 1000)) : null;
}
