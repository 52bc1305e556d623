namespace Ganeti;

/// <summary>Before or after which others a job is begun; the numbers are Ganeti's.</summary>
/// <remarks>The numbers are Ganeti's <c>OP_PRIO_SUBMIT_VALID</c> constants.</remarks>
public enum GntJobPriority
{
    /// <summary>As all jobs are.</summary>
    Normal = 0,

    /// <summary>After the others.</summary>
    Low = 10,

    /// <summary>Before the others.</summary>
    High = -10,
}
