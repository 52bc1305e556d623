using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Lets resyncs of mirrors go on that were held back on their sides. Stands for <c>drbdsetup resume-sync</c>.</summary>
[Cmdlet(VerbsLifecycle.Resume, "DrbdResync", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DrbdDevice))]
public sealed class ResumeDrbdResyncCommand : DrbdSideChangeCommand
{
    private protected override DrbdSideChange ChangeOf(DrbdPair pair) => new DrbdResyncPause { IsPaused = false };
}
