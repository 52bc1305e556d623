using System.Globalization;
using Ganeti.Luxi;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>
/// A repair outside Ganeti's own jobs, kept from racing with Ganeti and with other operators: it holds a lease on the master that others
/// see, keeps the watcher quiet, and tells the nodes' journals what is done. Lease and quiet end by themselves when the client dies.
/// </summary>
internal sealed class RepairSession : IAsyncDisposable
{
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(30);

    private readonly GntConnection _connection;
    private readonly RepairOrder _order;
    private readonly string _about;
    private readonly CancellationTokenSource _over = new();
    private readonly HashSet<long> _ownJobs = [];
    private WatcherPause? _pause;
    private Task _renewing = Task.CompletedTask;
    private bool _isDone;
    private string? _lastStep;

    private RepairSession(GntConnection connection, RepairOrder order)
    {
        _connection = connection;
        _order = order;
        _ownJobs.UnionWith(order.JobId is { } job ? [job] : []);
        _about = Entry(GntHistoryEvent.UnderWay, order.CommandLine).ToJson();
    }

    /// <summary>Marks the repair in the journals, the lease, and whatever its steps leave on nodes for a time.</summary>
    internal string Id { get; } = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..16];

    /// <summary>Begins one.</summary>
    /// <exception cref="GanetiException">Somebody else repairs the same, a job holds the guest, or the master was not reached.</exception>
    internal static async Task<RepairSession> BeginAsync(GntConnection connection, RepairOrder order, CancellationToken cancellationToken)
    {
        var session = new RepairSession(connection, order);
        try
        {
            var clock = await session.TakeLeaseAsync(cancellationToken).ConfigureAwait(false);
            session._pause = order.PausesWatcher ? await WatcherPause.BeginAsync(connection, clock, cancellationToken).ConfigureAwait(false) : null;
            await session.LookAgainAsync(cancellationToken).ConfigureAwait(false);
            session._renewing = session.RenewAsync(session._over.Token);
            await session.TellAsync(GntHistoryEvent.Begun, order.CommandLine, cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.EndAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Looks again before a step: Ganeti is not to be raced.</summary>
    /// <exception cref="GanetiException">A job works on the guest, or waits to.</exception>
    private async Task LookAgainAsync(CancellationToken cancellationToken)
    {
        // A client that slept may have lost it.
        await TakeLeaseAsync(cancellationToken).ConfigureAwait(false);
        var guests = _order.OtherGuests.Append(_order.InstanceName).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (guests.Count == 0)
        {
            return;
        }

        var jobs = _connection.Jobs.Table.ReadOnlyAsync(
            new JobSelection { States = [.. JobSelection.Pending, GntJobStatus.running] }.Filter,
            cancellationToken,
            nameof(GntJob.Id),
            nameof(GntJob.Status),
            nameof(GntJob.Summary),
            nameof(GntJob.RawOperations));
        var locks = await _connection.Locks.GetAsync([.. guests.Select(guest => new NamePattern($"instance/{NamePattern.Escape(guest)}"))], cancellationToken).ConfigureAwait(false);
        var unfinished = (await jobs.ConfigureAwait(false)).Where(job => !_ownJobs.Contains(job.Id ?? 0)).ToArray();
        var holders = locks.SelectMany(held => held.OwnerJobId ?? []).ToHashSet();
        // Anybody's Get-DrbdDevice asks Ganeti by a job that touches nothing.
        var busy = Array.Find(unfinished, job => holders.Contains(job.Id ?? 0) || (job.InstanceNames.Any(guests.Contains) && !Array.TrueForAll(job.Operations ?? [], static operation => operation.OpId == "OP_INSTANCE_QUERY_DATA")));
        if (busy is not null)
        {
            var guest = busy.InstanceNames.FirstOrDefault(guests.Contains) ?? guests.First();
            throw new GanetiException(GanetiError.InstanceBusy, $"Job {busy.Id} ({string.Join(", ", busy.Summary ?? [])}, {busy.StatusText}) works on {guest}, or is about to; {_order.Subject} is left alone.")
            {
                Target = busy,
                RecommendedAction = $"Wait for it: Wait-GntJob {busy.Id}. A migration that hangs is cured by Repair-GntMigration {guest}.",
            };
        }
    }

    /// <summary>Tells of a job that is part of the repair: it may hold the guest.</summary>
    internal void Owns(long job) => _ownJobs.Add(job);

    /// <summary>The jobs that are part of the repair, ended or not.</summary>
    internal IReadOnlyCollection<long> OwnJobs => _ownJobs;

    /// <summary>Tells of a step that is made by a session of its own, or by a job.</summary>
    internal void Made(string commandLine) => _lastStep = commandLine;

    /// <summary>Makes a step on a node, having looked again; its journal is told before.</summary>
    /// <param name="node">The node.</param>
    /// <param name="commandLine">The command that it stands for, for the journal.</param>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    internal async Task<RemoteResult> RunAsync(string node, string commandLine, RemoteCommand command, CancellationToken cancellationToken)
    {
        await LookAgainAsync(cancellationToken).ConfigureAwait(false);
        _lastStep = commandLine;
        await _connection.History.AddAsync(node, Entry(GntHistoryEvent.Step, commandLine), cancellationToken).ConfigureAwait(false);
        var host = await _connection.OpenNodeAsync(node, cancellationToken).ConfigureAwait(false);
        return await GntConnection.RunAsync(host, command, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Says that it is done and was verified.</summary>
    internal async Task DoneAsync(string what, CancellationToken cancellationToken)
    {
        _isDone = true;
        await TellAsync(GntHistoryEvent.Done, what, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends it: the lease is given back and the watcher left as it was.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(Farewell);
        if (!_isDone)
        {
            await Quietly(TellAsync(GntHistoryEvent.Failed, _lastStep is null ? "nothing was changed" : $"broken off or failed after: {_lastStep}", limit.Token)).ConfigureAwait(false);
        }

        await EndAsync().ConfigureAwait(false);
    }

    /// <summary>What is wrong when a node's command failed.</summary>
    internal static RemoteException Failure(string node, string what, RemoteResult result) =>
        new(GanetiError.RemoteCommandFailed, node, $"On {node} {what}: {RemoteText.Printable((result.ErrorText + result.OutputText).Trim())} (exit status {(result.ExitStatus is { } status ? status : result.Signal)}).")
        {
            ExitStatus = result.ExitStatus,
            StandardError = result.ErrorText,
        };

    private async Task EndAsync()
    {
        await _over.CancelAsync().ConfigureAwait(false);
        await Quietly(_renewing).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(Farewell);
        if (_pause is not null)
        {
            await Quietly(_pause.EndAsync(limit.Token)).ConfigureAwait(false);
        }

        await Quietly(OnMasterAsync(GntHistory.Lease.With("release", _order.LeaseName, Id), limit.Token)).ConfigureAwait(false);
        _over.Dispose();
    }

    // What is not given back ends by itself.
    private static async Task Quietly(Task task)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is GanetiException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }

    private async Task<DateTimeOffset> TakeLeaseAsync(CancellationToken cancellationToken)
    {
        var seconds = ((int)LeaseTime.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var result = await OnMasterAsync(GntHistory.Lease.With("take", _order.LeaseName, Id, seconds, _about), cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus == 9)
        {
            var holder = _connection.History.LeaseOf(result.OutputText.Trim());
            throw new GanetiException(GanetiError.RepairUnderWay, $"{holder?.Operator ?? "Somebody"} is repairing {_order.InstanceName ?? _order.Subject} with {holder?.Cmdlet ?? "another cmdlet"} right now.")
            {
                Target = _order.Subject,
                RecommendedAction = $"Talk to each other; see Get-GntHistory -UnderWay. The lease of a client that died ends by itself ({holder?.LeaseEnds:HH:mm:ss}).",
            };
        }

        return result.ExitStatus == 0 && long.TryParse(result.OutputText, CultureInfo.InvariantCulture, out var clock)
            ? DateTimeOffset.FromUnixTimeSeconds(clock)
            : throw Failure(_connection.Master, "no lease could be taken", result);
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Renewal, cancellationToken).ConfigureAwait(false);
            try
            {
                var clock = await TakeLeaseAsync(cancellationToken).ConfigureAwait(false);
                if (_pause is not null)
                {
                    await _pause.RenewAsync(clock, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (GanetiException)
            {
                // The master may be cut off for the moment; the next one may succeed.
            }
        }
    }

    private Task<RemoteResult> OnMasterAsync(RemoteCommand command, CancellationToken cancellationToken) => GntConnection.RunAsync(_connection.MasterHost, command, cancellationToken);

    private Task TellAsync(GntHistoryEvent what, string message, CancellationToken cancellationToken) =>
        Task.WhenAll(_order.Nodes.Distinct(StringComparer.Ordinal).Select(node => _connection.History.AddAsync(node, Entry(what, message), cancellationToken)));

    private GntHistoryEntry Entry(GntHistoryEvent what, string message) => new()
    {
        Id = Id,
        Operator = ThisOperator.Name,
        Cmdlet = _order.Cmdlet,
        InstanceName = _order.InstanceName,
        Subject = _order.Subject,
        Event = what,
        EventText = what.ToString(),
        Message = message,
    };
}
