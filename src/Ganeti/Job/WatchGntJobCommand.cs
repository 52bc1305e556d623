using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Writes what jobs log as it comes, from their beginning, until they have ended; a job that failed is an error. Stands for
/// <c>gnt-job watch</c>, for any number of jobs.
/// </summary>
[Cmdlet(VerbsCommon.Watch, "GntJob", DefaultParameterSetName = "Id")]
[OutputType(typeof(GntJobLogEntry))]
public sealed class WatchGntJobCommand : GntJobFollowCommand
{
    private protected override void Logged(GntJobLogEntry entry) => WriteObject(entry);

    private protected override void Ended(GntConnection connection, GntJob job)
    {
    }
}
