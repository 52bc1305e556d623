using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Removes what Get-GntLeftover found. Each is looked at a second time just before, and left alone when it is not a leftover any more; then it is removed under a lease, told
/// in the node's journal, and seen to be gone.
/// </summary>
[Cmdlet(VerbsCommon.Remove, "GntLeftover", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveGntLeftoverCommand : GntChangeCommand
{
    /// <summary>What is removed, from Get-GntLeftover.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public GntLeftover[] Leftover { get; set; } = [];

    /// <summary>How old one has to be at the second look, where its age is known; a number is seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan OlderThan { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override void Process() => Each(Leftover, leftover =>
    {
        var connection = ConnectionFor(leftover);
        if (leftover is not { Node: not null, Kind: not null, Name: not null })
        {
            throw new GanetiException(GanetiError.ParameterInvalid, "This is no leftover that Get-GntLeftover has found.") { Target = leftover, RecommendedAction = "Pipe what Get-GntLeftover writes." };
        }

        var isData = leftover.Kind is GntLeftoverKind.OrphanVolume or GntLeftoverKind.ExportSnapshot or GntLeftoverKind.ImportVolume;
        if (IsApproved($"{leftover.Node}: {leftover.Command}", isData ? Risk.Data : Risk.None, $"{leftover}: {leftover.Reason}.{(isData ? " It is removed with all data." : string.Empty)}"))
        {
            Await(token => new Leftovers(connection) { OlderThan = OlderThan }.RemoveAsync(leftover, MyInvocation.MyCommand.Name, token));
        }
    });
}
