namespace Ganeti;

/// <summary>Is told what happens to jobs that are waited for. Called from any thread, one call at a time.</summary>
internal interface IJobObserver
{
    /// <summary>Somebody who only wants to know when they have ended.</summary>
    internal static IJobObserver Nobody { get; } = new NobodyObserves();

    /// <summary>A job was looked at; it may not have changed.</summary>
    void Changed(GntJob job);

    /// <summary>A job that has ended has submitted another, which is waited for too.</summary>
    void Follows(long id, GntJob parent);

    /// <summary>A job is not in the queue (any more).</summary>
    void Lost(long id);

    /// <summary>The master can't be reached; the wait goes on trying.</summary>
    void CutOff(GanetiException why);

    /// <summary>The master is reached again.</summary>
    void Reconnected();
}

internal sealed class NobodyObserves : IJobObserver
{
    public void Changed(GntJob job)
    {
    }

    public void Follows(long id, GntJob parent)
    {
    }

    public void Lost(long id)
    {
    }

    public void CutOff(GanetiException why)
    {
    }

    public void Reconnected()
    {
    }
}
