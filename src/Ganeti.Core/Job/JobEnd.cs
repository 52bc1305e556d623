namespace Ganeti;

/// <summary>Keeps what a job was when it was last looked at, and shows how it goes.</summary>
/// <param name="view">Who wants to see it; null for nobody.</param>
/// <param name="activity">What it is a part of, for people.</param>
internal sealed class JobEnd(IRepairView? view = null, string activity = "") : IJobObserver
{
    private readonly JobProgress _progress = new();

    /// <summary>The job; null when it is not in the queue.</summary>
    internal GntJob? Job { get; private set; }

    public void Changed(GntJob job)
    {
        Job = job;
        var state = _progress.Update(job);
        view?.Progress(activity, $"job {job.Id}: {state.Text ?? job.StatusText}", state.Percent is { } percent ? Math.Min(percent, 99.9) : null, state.Remaining);
    }

    public void Follows(long id, GntJob parent)
    {
    }

    public void Lost(long id) => Job = null;

    public void CutOff(GanetiException why) => view?.Say(why.Message);

    public void Reconnected()
    {
    }
}
