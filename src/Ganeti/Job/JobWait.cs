using System.Collections.Concurrent;
using System.Globalization;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Jobs that a cmdlet waits for together: a progress bar for each and one for the whole, log lines as they come, an error for
/// each that fails, and word of those that go on when the operator leaves.
/// </summary>
internal sealed class JobWait(JobWaitView view) : IJobObserver
{
    private readonly ConcurrentDictionary<long, Waited> _jobs = new();
    private readonly GntConnection _connection = view.Connection;

    /// <summary>The jobs that have ended, by number.</summary>
    internal IEnumerable<GntJob> Finished => _jobs.Values.Select(waited => waited.Job).OfType<GntJob>().Where(job => job.IsFinished);

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
            view.Log(job, entry);
        }

        waited.Job = job;
        view.Progress(job, waited.Progress.Update(job));
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
        view.Error(new GanetiException(GanetiError.JobNotFound, $"There is no job {id} in the queue (any more).")
        {
            Target = _jobs[id].Subject ?? id,
            RecommendedAction = "An archived job is shown by 'gnt-job info' only.",
        });
        ShowTotal();
    }

    public void CutOff(GanetiException why) => view.Warn($"The master can't be reached ({why.Message.TrimEnd('.')}); the jobs go on, and so does this wait as soon as it can be.");

    public void Reconnected() => view.Warn("The master is reached again.");

    private void ShowTotal()
    {
        if (_jobs.Count > 1)
        {
            view.Total(_jobs.Values.Count(waited => waited.IsOver), _jobs.Count);
        }
    }

    private sealed class Waited(object? subject)
    {
        internal object? Subject { get; } = subject;

        internal GntJob? Job { get; set; }

        internal long LastSerial { get; set; }

        internal bool IsOver { get; set; }

        internal JobProgress Progress { get; } = new();
    }
}

/// <summary>What a waiting cmdlet shows of its jobs; called from the waiting thread.</summary>
internal sealed class JobWaitView(GntConnection connection, Action<Action> post, Cmdlet cmdlet)
{
    private const int TotalActivity = 40_000;

    internal GntConnection Connection { get; } = connection;

    /// <summary>Told of each job that has ended, on the pipeline's thread, with the error when it failed.</summary>
    internal Action<GntJob>? OnFinished { get; init; }

    internal void Log(GntJob job, GntJobLogEntry entry) => post(() =>
    {
        var line = $"Job {job.Id}: {entry.Message}";
        if (entry.IsWarning)
        {
            cmdlet.WriteWarning(line);
        }
        else
        {
            cmdlet.WriteInformation(new InformationRecord(line, "Ganeti") { TimeGenerated = (entry.Time ?? DateTimeOffset.Now).LocalDateTime, Tags = { "GntJobLog" } });
        }
    });

    internal void Progress(GntJob job, JobProgress.State state) => post(() => cmdlet.WriteProgress(new ProgressRecord(
        ActivityOf(job.Id ?? 0),
        string.Create(CultureInfo.InvariantCulture, $"Job {job.Id} {string.Join(", ", job.Summary ?? [])}"),
        state.Text is { Length: > 0 } text ? text : job.StatusText ?? "…")
    {
        ParentActivityId = -1,
        PercentComplete = state.Percent is { } percent ? (int)percent : -1,
        SecondsRemaining = state.Remaining is { } remaining ? (int)remaining.TotalSeconds : -1,
        RecordType = job.IsFinished ? ProgressRecordType.Completed : ProgressRecordType.Processing,
    }));

    internal void Total(int over, int all) => post(() => cmdlet.WriteProgress(new ProgressRecord(TotalActivity, "Ganeti jobs", $"{over} of {all} ended")
    {
        PercentComplete = 100 * over / all,
        RecordType = over == all ? ProgressRecordType.Completed : ProgressRecordType.Processing,
    }));

    internal void Finished(GntJob job, GanetiException? failure) => post(() =>
    {
        if (failure is not null)
        {
            cmdlet.WriteError(Pipeline.ErrorRecords.From(failure));
        }

        OnFinished?.Invoke(job);
    });

    internal void Error(GanetiException exception) => post(() => cmdlet.WriteError(Pipeline.ErrorRecords.From(exception)));

    internal void Warn(string text) => post(() => cmdlet.WriteWarning(text));

    private static int ActivityOf(long id) => TotalActivity + 1 + (int)(id % 1_000_000);
}
