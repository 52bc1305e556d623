using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Puts jobs that wait before or after others. Stands for <c>gnt-job change-priority</c>.</summary>
[Cmdlet(VerbsCommon.Set, "GntJob", DefaultParameterSetName = "Id", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(GntJob))]
public sealed class SetGntJobCommand : GntJobOrderCommand
{
    /// <summary><c>High</c> (-10), <c>Normal</c> (0), <c>Low</c> (10), or a number from -20 (first) to 19 (last).</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [JobPriority]
    [ArgumentCompleter(typeof(JobPriorityCompleter))]
    [ValidateRange(JobPriorityChange.Highest, JobPriorityChange.Lowest)]
    public int Priority { get; set; }

    /// <summary>Write the jobs as they are now.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override JobOrder Order => new JobPriorityChange(Priority);

    private protected override void Done(GntJob job)
    {
        if (PassThru)
        {
            WriteObject(job);
        }
    }
}
