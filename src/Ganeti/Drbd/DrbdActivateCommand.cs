using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// The base of the cmdlets that bring sides of mirrors back by having Ganeti activate their guests' disks: the configuration has what the kernel has
/// forgotten, and the job does for each side what it lacks.
/// </summary>
public abstract class DrbdActivateCommand : DrbdChangeCommand
{
    private DrbdRepair? _underWay;

    /// <summary>Write the sides as they are after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>What is not so yet that is to be so; null when nothing is left to do.</summary>
    private protected abstract string? Missing(DrbdRepair repair, DrbdDevice? side, DrbdDevice? other);

    /// <summary>Refuses what would not help.</summary>
    private protected virtual void Check(DrbdRepair repair, DrbdPair pair)
    {
    }

    /// <summary>Brings a side back that is no guest's.</summary>
    private protected virtual void ChangeGuestless(GntConnection connection, DrbdPair pair) =>
        throw new GanetiException(GanetiError.DrbdStateWrong, $"{DrbdWords.Of(pair.Side)} is no guest's disk: Ganeti has nothing in its configuration to bring it back with.")
        {
            Target = pair.Side,
            RecommendedAction = "See Get-DrbdDevice -Peer for what the other side knows of it, and use drbdsetup on the node.",
        };

    private protected override void Change(GntConnection connection, IReadOnlyList<DrbdPair> pairs)
    {
        var repair = new DrbdRepair(connection, MyInvocation.MyCommand.Name);
        var lacking = pairs.ToLookup(pair => Missing(repair, pair.Side, pair.Other) is not null);
        foreach (var pair in lacking[false])
        {
            WriteVerbose($"{DrbdWords.Of(pair.Side)} is so already: {DrbdWords.StateOf(pair.Side)}.");
            Write(pair.Side);
        }

        ForEach(lacking[true].Where(pair => pair.Side.InstanceName is null), pair => ChangeGuestless(connection, pair));
        Each(lacking[true].Where(pair => pair.Side.InstanceName is not null).GroupBy(pair => pair.Side.InstanceName!), ofGuest =>
        {
            // A guest's disks are activated all together: what speaks against one is an error, and speaks against all.
            foreach (var pair in ofGuest)
            {
                Check(repair, pair);
            }

            if (IsApproved(new InstanceActivateDisks { InstanceName = ofGuest.Key }.CommandLine))
            {
                _underWay = repair;
                foreach (var side in Await(token => repair.ActivateAsync(ofGuest.Key, [.. ofGuest], (side, other) => Missing(repair, side, other), token)))
                {
                    Write(side);
                }

                _underWay = null;
            }
        });
    }

    /// <summary>Writes a side that is as it should be, where that was asked for.</summary>
    private protected void Write(DrbdDevice? side)
    {
        if (PassThru && side is not null)
        {
            WriteObject(side);
        }
    }

    private protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (_underWay is { JobUnderWay: > 0 and var job })
        {
            SayToHost($"Job {job} goes on without you. See it with Get-GntJob {job}, wait with Wait-GntJob {job}.");
        }

        _underWay = null;
    }
}
