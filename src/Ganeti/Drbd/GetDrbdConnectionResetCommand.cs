using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Gets the connections of DRBD that nodes hold down at the moment: by <c>Reset-DrbdConnection -Hold</c>, or because a client died in the middle of a reset. The
/// node undoes each by itself at its deadline; a rule that has lost its watchdog is listed without one.
/// </summary>
[Cmdlet(VerbsCommon.Get, "DrbdConnectionReset", DefaultParameterSetName = "Node")]
[OutputType(typeof(DrbdConnectionReset))]
public sealed class GetDrbdConnectionResetCommand : DrbdResetListCommand
{
    private protected override void Found(GntConnection connection, IReadOnlyList<DrbdConnectionReset> resets) => WriteObject(resets, enumerateCollection: true);
}
