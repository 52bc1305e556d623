using System.Collections.Concurrent;
using System.Diagnostics;

namespace Ganeti.Commands;

/// <summary>
/// Jobs that a cmdlet waits for together: a progress bar for each and one for the whole, log lines as they come, an error for
/// each that fails, and word of those that go on when the operator leaves.
/// </summary>
internal sealed class JobWait(JobWaitView view) : IJobObserver
{
    private readonly ConcurrentDictionary<long, Waited> _jobs = new();
    private readonly GntConnection _connection = view.Connection;
    private readonly long _started = Stopwatch.GetTimestamp();
    private int _overBefore = -1;
    private JobWaitView.State _shown;

    /// <summary>The jobs that were not seen to end.</summary>
    internal IReadOnlyList<long> Unfinished => [.. _jobs.Where(pair => !pair.Value.IsOver).Select(pair => pair.Key).Order()];

    internal GntConnection Connection => _connection;

    /// <summary>Adds a job; what it is about is shown in errors and is their target.</summary>
    internal void Add(long id, object? subject = null) => _jobs.TryAdd(id, new Waited(subject));

    /// <summary>Looks at the jobs once.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var job in await _connection.Jobs.GetAsync(Unfinished, cancellationToken).ConfigureAwait(false))
        {
            Changed(job);
        }
    }

    internal Task RunAsync(CancellationToken cancellationToken) => _connection.Jobs.WaitAsync(Unfinished, this, cancellationToken);

    public void Changed(GntJob job)
    {
        var waited = _jobs[job.Id ?? 0];
        foreach (var entry in job.Log.Where(entry => entry.Serial > waited.LastSerial))
        {
            waited.LastSerial = entry.Serial ?? waited.LastSerial;
            view.Log(entry);
        }

        waited.Status = job.Status;
        waited.Show(view, job, isAlone: _jobs.Count == 1);
        if (job.IsFinished && !waited.IsOver)
        {
            waited.IsOver = true;
            view.Finished(job, job.Status == GntJobStatus.success ? null : JobFailure.Of(job, waited.Subject));
        }

        ShowTotal();
    }

    public void Follows(long id, GntJob parent) => Add(id, _jobs[parent.Id ?? 0].Subject);

    public void Lost(long id)
    {
        _jobs[id].IsOver = true;
        view.Error(new GanetiException(GanetiError.JobNotFound, $"There is no job {id} (any more), neither in the queue nor in the archive.")
        {
            Target = _jobs[id].Subject ?? id,
            RecommendedAction = "See what there is with Get-GntJob.",
        });
        ShowTotal();
    }

    public void CutOff(GanetiException why) => view.Warn($"The master can't be reached ({why.Message.TrimEnd('.')}); the jobs go on, and so does this wait as soon as it can be.");

    public void Reconnected() => view.Warn($"The master is reached again: {_connection.Master}.");

    private void ShowTotal()
    {
        if (_jobs.Count == 1)
        {
            return;
        }

        var over = _jobs.Values.Count(waited => waited.IsOver);
        // What had ended before anybody waited says nothing about the pace.
        _overBefore = _overBefore < 0 ? over : _overBefore;
        var total = new JobWaitView.State(
            $"{over} of {_jobs.Count} ended, {_jobs.Values.Count(waited => waited.Status == GntJobStatus.running)} running",
            100 * over / _jobs.Count,
            Remaining(over));
        if (total.Text != _shown.Text || total.Remaining != _shown.Remaining)
        {
            _shown = total;
            view.Total(total, isOver: over == _jobs.Count);
        }
    }

    // The pace so far, or the slowest of those that say themselves how long they will take.
    private TimeSpan? Remaining(int over)
    {
        var pace = over > _overBefore ? Stopwatch.GetElapsedTime(_started) * (_jobs.Count - over) / (over - _overBefore) : default(TimeSpan?);
        var slowest = _jobs.Values.Where(waited => !waited.IsOver).Max(waited => waited.Remaining);
        var longest = pace is null || slowest > pace ? slowest : pace;
        return longest is { } time ? TimeSpan.FromSeconds(Math.Round(time.TotalSeconds)) : null;
    }

    private sealed class Waited(object? subject)
    {
        private readonly JobProgress _progress = new();
        private JobWaitView.State _shown;

        internal object? Subject { get; } = subject;

        internal GntJobStatus? Status { get; set; }

        internal long LastSerial { get; set; }

        internal bool IsOver { get; set; }

        internal TimeSpan? Remaining => _shown.Remaining;

        internal void Show(JobWaitView view, GntJob job, bool isAlone)
        {
            var (text, percent, remaining) = _progress.Update(job);
            var now = new JobWaitView.State(text is { Length: > 0 } ? text : job.StatusText ?? "…", (int?)percent, remaining);
            // Of many jobs those that are queued are but a number in the total; a bar that has not changed is not drawn again.
            if ((isAlone || job.Status != GntJobStatus.queued) && (now != _shown || job.IsFinished))
            {
                _shown = now;
                view.Progress(job, now);
            }
        }
    }
}
