using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Moves jobs that have ended out of the queue, to the archive. Stands for <c>gnt-job archive</c> and <c>gnt-job autoarchive</c>.
/// </summary>
[Cmdlet(VerbsCommon.Remove, "GntJob", DefaultParameterSetName = "Id", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveGntJobCommand : GntJobOrderCommand
{
    /// <summary>All that have ended this long ago or longer; a number is seconds.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Older")]
    [Duration]
    public TimeSpan Older { get; set; }

    /// <summary>All that have ended.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "All")]
    public SwitchParameter All { get; set; }

    private protected override JobOrder Order => new JobArchival();

    private protected override void Process()
    {
        if (ParameterSetName is not ("Older" or "All"))
        {
            base.Process();
            return;
        }

        var age = ParameterSetName == "All" ? default(TimeSpan?) : Older;
        var connection = ConnectionFor();
        if ((age is not null || All) && IsApproved(JobArchival.CommandLineFor(age)))
        {
            var archived = Await(token => JobArchival.ArchiveOldAsync(connection, age, token));
            WriteVerbose($"{archived} jobs of {connection.Name} were archived.");
        }
    }
}
