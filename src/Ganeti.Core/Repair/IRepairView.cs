namespace Ganeti;

/// <summary>Whoever watches a repair; called from any thread.</summary>
internal interface IRepairView
{
    /// <summary>How far it is.</summary>
    /// <param name="activity">What is being done to what.</param>
    /// <param name="status">What is waited for, or seen.</param>
    /// <param name="percent">How much is done, or null.</param>
    /// <param name="left">The time left, or null.</param>
    void Progress(string activity, string status, double? percent = null, TimeSpan? left = null);

    /// <summary>Something that the operator wants to know afterwards.</summary>
    void Say(string text);

    /// <summary>Something that the operator has to know.</summary>
    void Warn(string text);
}
