using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Cancels jobs that wait, or kills those that run. Stands for <c>gnt-job cancel</c>.</summary>
[Cmdlet(VerbsLifecycle.Stop, "GntJob", DefaultParameterSetName = "Id", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntJob))]
public sealed class StopGntJobCommand : GntJobOrderCommand
{
    /// <summary>End jobs that run already, at once and half-way: their processes are killed.</summary>
    [Parameter]
    public SwitchParameter Kill { get; set; }

    /// <summary>Do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Write the jobs as they are now.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override bool IsForced => Force;

    private protected override JobOrder Order => new JobStop(Kill);

    private protected override (Risk Risk, string? Warning) RiskOf(long id) => Kill
        ? (Risk.Wreckage, $"Job {id} is ended at once, and what it was doing is left half-done.")
        : (Risk.None, null);

    private protected override void Done(GntJob job)
    {
        if (PassThru)
        {
            WriteObject(job);
        }
    }
}
