namespace Ganeti;

/// <summary>What a procedure of several steps tells, and asks; called from any thread.</summary>
internal interface IProcedureView : IRepairView
{
    /// <summary>Asks whether a step is wanted.</summary>
    /// <param name="commandLine">The command line that it stands for.</param>
    /// <param name="warning">What it does that has to be asked for, or null.</param>
    /// <param name="losesData">Whether what it does is a loss of data.</param>
    Task<bool> ApproveAsync(string commandLine, string? warning, bool losesData = false);

    /// <summary>A step was made.</summary>
    void Made(GntRepairStep step);

    /// <summary>The jobs that go on when the operator leaves now.</summary>
    void GoesOn(params long[] jobs);
}
