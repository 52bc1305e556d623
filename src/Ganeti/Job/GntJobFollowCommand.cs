using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that follow jobs, named or from the pipeline, until they have ended.</summary>
public abstract class GntJobFollowCommand : GntJobWaitCommand
{
    /// <summary>Job numbers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Id")]
    [ArgumentCompleter(typeof(JobCompleter))]
    [ValidateNotNullOrEmpty]
    public long[] Id { get; set; } = [];

    /// <summary>Jobs, as <c>Get-GntJob</c> and <c>-NoWait</c> write them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Job")]
    [ValidateNotNullOrEmpty]
    public GntJob[] Job { get; set; } = [];

    /// <summary>How long to wait at most; a number is seconds. A job that has not ended by then is an error, and goes on.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? Timeout { get; set; }

    private protected override void Process()
    {
        foreach (var id in Id)
        {
            WaitFor(ConnectionFor(), id);
        }

        ForEach(Job.Where(job => job.Id is not null), job => WaitFor(ConnectionFor(job), job.Id!.Value));
    }

    private protected override void End() => WaitForAll(Timeout);
}
