using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that change single sides of mirrors by DRBD's own tools: checks, asks, changes, and sees what has come of it.</summary>
public abstract class DrbdSideChangeCommand : DrbdChangeCommand
{
    /// <summary>Write the sides as they are after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>The change of a side.</summary>
    private protected abstract DrbdSideChange ChangeOf(DrbdPair pair);

    /// <summary>The sides that are meant, of those that were named.</summary>
    private protected virtual IReadOnlyList<DrbdPair> Meant(IReadOnlyList<DrbdPair> pairs) => pairs;

    /// <summary>Called for each side that was changed.</summary>
    private protected virtual void Changed(GntConnection connection, DrbdPair pair)
    {
    }

    private protected sealed override void Change(GntConnection connection, IReadOnlyList<DrbdPair> pairs) => ForEach(Meant(pairs), pair => Change(connection, pair));

    /// <summary>Of each mirror one side: the one that was named, and where both were, the one whose copy is not in use.</summary>
    private protected static IReadOnlyList<DrbdPair> OneSideEach(IReadOnlyList<DrbdPair> pairs)
    {
        var named = pairs.Select(pair => pair.Side).ToHashSet();
        return [.. DrbdPair.Mirrors(pairs).Select(pair => pair.Side.Role == DrbdRole.Primary && pair.Other is { Role: not DrbdRole.Primary } other && named.Contains(other) ? new DrbdPair(other, pair.Side) : pair)];
    }

    /// <summary>Says that what was just done to a guest's disk does not last, unless the watcher is kept quiet.</summary>
    private protected void WarnOfTheWatcher(GntConnection connection, DrbdPair pair, string back)
    {
        if (pair.Side.InstanceName is { } guest && !(Await(connection.GetClusterAsync).WatcherPausedUntil > DateTimeOffset.Now))
        {
            WriteWarning($"Ganeti's watcher takes this for a fault of {guest} and undoes it within five minutes, unless it is paused (gnt-cluster watcher pause 2h). By hand: {back}.");
        }
    }

    private void Change(GntConnection connection, DrbdPair pair)
    {
        var change = ChangeOf(pair);
        var after = pair.Side;
        if (change.Missing(pair.Side, pair.Other) is null)
        {
            WriteVerbose($"{DrbdWords.Of(pair.Side)} is so already: {DrbdWords.StateOf(pair.Side)}.");
        }
        else
        {
            change.Check(pair);
            var stake = change.Stake(pair);
            if (!IsApproved(change.CommandLine(pair), stake is { StopsGuest: true } ? Risk.Stop : Risk.None, stake?.Text))
            {
                return;
            }

            after = Await(token => new DrbdRepair(connection, MyInvocation.MyCommand.Name).RunAsync(change, pair, token));
            Changed(connection, pair);
        }

        if (PassThru && after is not null)
        {
            WriteObject(after);
        }
    }
}
