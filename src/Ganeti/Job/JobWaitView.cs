using System.Globalization;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>What a waiting cmdlet shows of its jobs; called from the waiting thread.</summary>
internal sealed class JobWaitView(GntConnection connection, Action<Action> post, Cmdlet cmdlet)
{
    private const int TotalActivity = 40_000;

    internal GntConnection Connection { get; } = connection;

    /// <summary>Told of each job that has ended, on the pipeline's thread, with the error when it failed.</summary>
    internal Action<GntJob>? OnFinished { get; init; }

    /// <summary>Told of each line that a job logs, on the pipeline's thread.</summary>
    internal Action<GntJobLogEntry>? OnLogged { get; init; }

    internal void Log(GntJobLogEntry entry) => post(() => OnLogged?.Invoke(entry));

    internal void Progress(GntJob job, State state) => Show(
        ActivityOf(job.Id ?? 0),
        string.Create(CultureInfo.InvariantCulture, $"Job {job.Id} {string.Join(", ", job.Summary ?? [])}"),
        state,
        job.IsFinished);

    internal void Total(State state, bool isOver) => Show(TotalActivity, "Ganeti jobs", state, isOver);

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

    private void Show(int activity, string title, State state, bool isOver) => post(() => cmdlet.WriteProgress(new ProgressRecord(activity, title, state.Text)
    {
        ParentActivityId = -1,
        PercentComplete = state.Percent ?? -1,
        SecondsRemaining = state.Remaining is { } remaining ? (int)remaining.TotalSeconds : -1,
        RecordType = isOver ? ProgressRecordType.Completed : ProgressRecordType.Processing,
    }));

    private static int ActivityOf(long id) => TotalActivity + 1 + (int)(id % 1_000_000);

    /// <summary>What a bar shows.</summary>
    internal readonly record struct State(string Text, int? Percent, TimeSpan? Remaining);
}
