using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Takes the disk of sides of mirrors away: a side works over the network from the other one's data then. Stands for <c>drbdsetup detach</c>.
/// </summary>
[Cmdlet(VerbsData.Dismount, "DrbdDisk", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DrbdDevice))]
public sealed class DismountDrbdDiskCommand : DrbdSideChangeCommand
{
    /// <summary>Also where there is no other good copy within reach: what uses it gets I/O errors then.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override DrbdSideChange ChangeOf(DrbdPair pair) => new DrbdDetach { Force = Force };

    private protected override IReadOnlyList<DrbdPair> Meant(IReadOnlyList<DrbdPair> pairs)
    {
        // Which of the two is to work on over the network is for the operator to say.
        var named = pairs.Select(pair => pair.Side).ToHashSet();
        var both = pairs.Where(pair => pair.Other is { } other && named.Contains(other)).ToArray();
        foreach (var mirror in DrbdPair.Mirrors(both))
        {
            WriteError(new GanetiException(GanetiError.ParameterInvalid, $"{mirror.Name} was named with both its sides, {mirror.Side.Id} and {mirror.Other!.Id}; one of them has to keep its disk.")
            {
                Target = mirror.Side,
                RecommendedAction = $"Name the side: {DrbdWords.Parameters(mirror.Side)}, or {DrbdWords.Parameters(mirror.Other)}.",
            });
        }

        return [.. pairs.Except(both)];
    }

    private protected override void Changed(GntConnection connection, DrbdPair pair) => WarnOfTheWatcher(connection, pair, $"Mount-DrbdDisk {DrbdWords.Parameters(pair.Side)}");
}
