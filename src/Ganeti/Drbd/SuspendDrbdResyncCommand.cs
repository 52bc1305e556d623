using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Has resyncs of mirrors held back, one that runs and one that would begin, until they are told to go on or the disk is activated anew. Stands for
/// <c>drbdsetup pause-sync</c>.
/// </summary>
[Cmdlet(VerbsLifecycle.Suspend, "DrbdResync", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DrbdDevice))]
public sealed class SuspendDrbdResyncCommand : DrbdSideChangeCommand
{
    private protected override DrbdSideChange ChangeOf(DrbdPair pair) => new DrbdResyncPause { IsPaused = true };

    private protected override IReadOnlyList<DrbdPair> Meant(IReadOnlyList<DrbdPair> pairs) => OneSideEach(pairs);
}
