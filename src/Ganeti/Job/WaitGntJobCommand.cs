using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Waits until jobs have ended and writes them; a job that failed is an error too. Progress is shown, log lines go to the
/// information stream, warnings of the log become warnings. Stands for <c>gnt-job watch</c> and <c>gnt-job wait</c>.
/// </summary>
[Cmdlet(VerbsLifecycle.Wait, "GntJob", DefaultParameterSetName = "Id")]
[OutputType(typeof(GntJob))]
public sealed class WaitGntJobCommand : GntJobWaitCommand
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

    private protected override void Ended(GntConnection connection, GntJob job) => WriteObject(job);
}
