using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Waits until jobs have ended and writes them; a job that failed is an error too. Progress is shown, log lines go to the
/// information stream, warnings of the log become warnings. Stands for <c>gnt-job wait</c>.
/// </summary>
[Cmdlet(VerbsLifecycle.Wait, "GntJob", DefaultParameterSetName = "Id")]
[OutputType(typeof(GntJob))]
public sealed class WaitGntJobCommand : GntJobFollowCommand
{
    private protected override void Ended(GntConnection connection, GntJob job) => WriteObject(job);
}
