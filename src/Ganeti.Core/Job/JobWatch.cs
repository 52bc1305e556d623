using System.Diagnostics;
using Ganeti.Luxi;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>
/// The one watcher of all jobs that somebody waits for. It looks at all of them together; between two looks it listens to one of them, so that
/// what happens to it is seen at once.
/// </summary>
internal sealed class JobWatch(GntConnection connection, IJobObserver observer)
{
    // So few are read whole with each look; of more only those that have changed are.
    private const int Few = 4;

    // A look at many jobs shall not take more than a fifth of the time, the master's and the line's.
    private const int PausePerLook = 4;

    // How often it is tried in vain before another node is asked who the master is.
    private const int FailuresPerSearch = 3;

    private static readonly TimeSpan ListenAlone = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ListenAmongOthers = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestSearch = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RemindEvery = TimeSpan.FromMinutes(1);

    private static readonly string[] ListenedFields = ["status", "opstatus"];

    // Those that have not ended, each as it was last seen; null: not yet.
    private readonly SortedDictionary<long, GntJob?> _pending = [];

    /// <summary>Watches until all have ended, well or badly.</summary>
    /// <param name="ids">Their numbers.</param>
    /// <param name="cancellationToken">Ends it at once; the jobs go on.</param>
    internal async Task RunAsync(IEnumerable<long> ids, CancellationToken cancellationToken)
    {
        foreach (var id in ids)
        {
            _pending[id] = null;
        }

        var isCutOff = false;
        var lastSaid = 0L;
        var failures = 0;
        while (_pending.Count > 0)
        {
            try
            {
                var started = Stopwatch.GetTimestamp();
                await LookAsync(cancellationToken).ConfigureAwait(false);
                if (isCutOff)
                {
                    isCutOff = false;
                    failures = 0;
                    observer.Reconnected();
                }

                await PauseAsync(Stopwatch.GetElapsedTime(started), cancellationToken).ConfigureAwait(false);
            }
            catch (ObjectDisposedException) when (connection.IsOpen)
            {
                // Somebody else who uses the connection has gone to another master: so does the next look.
            }
            catch (RemoteException exception) when (connection.IsOpen && exception.Error.Class is GanetiErrorClass.ConnectionError or GanetiErrorClass.OperationTimeout)
            {
                // The jobs go on without us; so does the wait as soon as the master can be reached again.
                if (!isCutOff || Environment.TickCount64 - lastSaid > RemindEvery.TotalMilliseconds)
                {
                    isCutOff = true;
                    lastSaid = Environment.TickCount64;
                    observer.CutOff(exception);
                }

                await Task.Delay(ReconnectPause, cancellationToken).ConfigureAwait(false);
                failures++;
                if (failures % FailuresPerSearch == 0)
                {
                    // It may not be the master any more.
                    await SearchMasterAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    private async Task SearchMasterAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestSearch);
        try
        {
            await connection.FollowMasterAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // No node can be reached: the line is down, and may be there again by now.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var (changed, logging) = _pending.Count <= Few ? ([.. _pending.Keys], []) : await ChangedAsync(cancellationToken).ConfigureAwait(false);
        var logs = LogsAsync(logging, cancellationToken);
        var jobs = changed.Count == 0 ? [] : await connection.Jobs.GetAsync(changed, cancellationToken).ConfigureAwait(false);
        foreach (var row in await logs.ConfigureAwait(false))
        {
            var job = _pending[row.Id ?? 0]!;
            job.TakeLog(row);
            observer.Changed(job);
        }

        foreach (var missing in changed.Except(jobs.Select(job => job.Id ?? 0)))
        {
            _pending.Remove(missing);
            observer.Lost(missing);
        }

        foreach (var job in jobs)
        {
            Seen(job);
        }
    }

    private void Seen(GntJob job)
    {
        var id = job.Id ?? 0;
        _pending[id] = job;
        observer.Changed(job);
        if (!job.IsFinished)
        {
            return;
        }

        _pending.Remove(id);
        foreach (var follower in job.FollowingJobIds)
        {
            observer.Follows(follower, job);
            _pending.TryAdd(follower, null);
        }
    }

    // A job's states are a few bytes, its operations and log may be many thousand.
    private async Task<(IReadOnlyCollection<long> Changed, IReadOnlyCollection<long> Logging)> ChangedAsync(CancellationToken cancellationToken)
    {
        var rows = await connection.Jobs.Table
            .ReadOnlyAsync(GntJobs.FilterFor(_pending.Keys), cancellationToken, nameof(GntJob.Id), nameof(GntJob.Status), nameof(GntJob.RawStatuses)).ConfigureAwait(false);
        var states = rows.ToDictionary(row => row.Id ?? 0);
        var isSame = _pending.ToLookup(pair => pair.Value is { } last && states.TryGetValue(pair.Key, out var now)
            && now.StatusText == last.StatusText && (now.RawStatuses ?? []).SequenceEqual(last.RawStatuses ?? []), pair => pair.Key);
        return ([.. isSame[false]], [.. isSame[true].Where(id => _pending[id]!.Status is GntJobStatus.running or GntJobStatus.canceling)]);
    }

    private async Task<IReadOnlyList<GntJob>> LogsAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) => ids.Count == 0
        ? []
        : await connection.Jobs.Table.ReadOnlyAsync(GntJobs.FilterFor(ids), cancellationToken, nameof(GntJob.Id), nameof(GntJob.RawLogs)).ConfigureAwait(false);

    private async Task PauseAsync(TimeSpan look, CancellationToken cancellationToken)
    {
        var next = _pending.Values.FirstOrDefault(job => job is { Status: not GntJobStatus.queued }) ?? _pending.Values.FirstOrDefault();
        if (next is null)
        {
            return;
        }

        var started = Stopwatch.GetTimestamp();
        var pause = _pending.Count == 1 ? ListenAlone : Clamped(look * PausePerLook, ListenAmongOthers);
        await ListenAsync(next, pause, cancellationToken).ConfigureAwait(false);
        var left = Clamped(look * PausePerLook, ShortestPause) - Stopwatch.GetElapsedTime(started);
        if (_pending.Count > Few && left > TimeSpan.Zero)
        {
            await Task.Delay(left, cancellationToken).ConfigureAwait(false);
        }

        static TimeSpan Clamped(TimeSpan time, TimeSpan least) => time < least ? least : time > LongestPause ? LongestPause : time;
    }

    /// <summary>Returns when a job's state or log is no longer what was seen, or after a time.</summary>
    private async Task ListenAsync(GntJob job, TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            await connection.Luxi.AskAsync(
                "WaitForJobChange",
                writer =>
                {
                    writer.WriteValue(job.Id);
                    LuxiJson.WriteValue(writer, ListenedFields);
                    LuxiJson.WriteValue(writer, new object?[] { job.StatusText, job.RawStatuses });
                    writer.WriteValue(job.Log.Select(entry => entry.Serial).LastOrDefault());
                    // Whole seconds: of 0.5 the master makes 0, and answers at once.
                    writer.WriteValue((long)Math.Ceiling(atMost.TotalSeconds));
                },
                LuxiJson.ReadValue,
                cancellationToken).ConfigureAwait(false);
        }
        catch (LuxiException)
        {
            // Archived since it was read (JobLost): the next look says what has become of it.
            await Task.Delay(ReconnectPause, cancellationToken).ConfigureAwait(false);
        }
    }
}
