namespace Ganeti;

/// <summary>Is told what happens to jobs that are waited for. Called from any thread, one call at a time.</summary>
internal interface IJobObserver
{
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
