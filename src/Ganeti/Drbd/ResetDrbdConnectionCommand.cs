using System.Collections.Concurrent;
using System.Globalization;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Cuts the TCP connection of mirrors so that DRBD makes a new one: what the page does with tcp-reset rules when replication stalls. Exactly the two sockets of
/// one mirror are touched; what has to be undone is undone by the node itself at a deadline, whatever happens to the client. Waits until both sides are
/// connected and in sync again.
/// </summary>
[Cmdlet(VerbsCommon.Reset, "DrbdConnection", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DrbdDevice))]
public sealed class ResetDrbdConnectionCommand : DrbdChangeCommand
{
    private readonly ConcurrentDictionary<string, string> _held = new(StringComparer.Ordinal);

    /// <summary>How it is cut. Auto takes the least invasive that the node can do, and says which.</summary>
    [Parameter]
    public DrbdResetMethod Method { get; set; } = DrbdResetMethod.Auto;

    /// <summary>Keep the link down for so long; a number is seconds. The node's own watchdog ends it, Remove-DrbdConnectionReset ends it earlier.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? Hold { get; set; }

    /// <summary>How long the two sides may take to find each other again; a number is seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Return once they are connected again, and do not follow the resync.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Write both sides as they are afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Do not ask about a healthy connection, and cut one whose both sides are Primary.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override void Begin()
    {
        base.Begin();
        if (Method == DrbdResetMethod.Unrecognized)
        {
            Refuse("There is no such method.", "Leave -Method away");
        }

        if (Hold is { TotalSeconds: < 1 or > 86400 })
        {
            Refuse("A link is held down for a second at least, and for a day at most.", "Give -Hold a time between");
        }

        RefuseTogether(Hold is not null && Method == DrbdResetMethod.Socket, "-Hold", "-Method Socket", "DRBD connects again at once when its sockets are gone");
    }

    private protected override void Change(GntConnection connection, IReadOnlyList<DrbdPair> pairs)
    {
        var approved = Prepared(connection, DrbdPair.Mirrors(pairs)).Where(reset => IsApproved(reset.CommandLine, RiskOf(reset), WarningOf(reset))).ToArray();
        Await(async token =>
        {
            using var throttle = new SemaphoreSlim(ThrottleLimit);
            await Task.WhenAll(approved.GroupBy(reset => reset.Side.InstanceName ?? reset.Side.Id, StringComparer.Ordinal).Select(async ofGuest =>
            {
                await throttle.WaitAsync(token).ConfigureAwait(false);
                try
                {
                    await RunAsync(connection, [.. ofGuest], token).ConfigureAwait(false);
                }
                catch (GanetiException exception)
                {
                    // One that fails does not keep the others from it.
                    Post(() => WriteError(exception, exception.Target ?? ofGuest.First().Side));
                }
                finally
                {
                    throttle.Release();
                }
            })).ConfigureAwait(false);
        });
    }

    private IReadOnlyList<DrbdReset> Prepared(GntConnection connection, IReadOnlyList<DrbdPair> mirrors)
    {
        var prepared = new ConcurrentDictionary<int, DrbdReset>();
        Await(token => Task.WhenAll(mirrors.Select(async (pair, index) =>
        {
            try
            {
                prepared[index] = await DrbdReset.PrepareAsync(connection, pair, Method, Hold, Force, token).ConfigureAwait(false);
            }
            catch (GanetiException exception)
            {
                Post(() => WriteError(exception, pair.Side));
            }
        })));
        return [.. prepared.OrderBy(pair => pair.Key).Select(pair => pair.Value)];
    }

    private static Risk RiskOf(DrbdReset reset) => reset.Pair.IsDualPrimary ? Risk.Data : reset.IsHealthy ? Risk.Stop : Risk.None;

    private static string? WarningOf(DrbdReset reset) =>
        reset.Pair.IsDualPrimary ? $"Both sides of {reset.Pair.Name} are Primary: this makes a split brain of it."
        : reset.IsHealthy ? $"Nothing is wrong with {reset.Pair.Name} ({DrbdWatch.Describe(reset.Pair)})."
        : null;

    private async Task RunAsync(GntConnection connection, IReadOnlyList<DrbdReset> resets, CancellationToken cancellationToken)
    {
        var first = resets[0];
        var order = new RepairOrder
        {
            Cmdlet = MyInvocation.MyCommand.Name,
            Subject = string.Join(", ", resets.Select(reset => reset.Pair.Name)),
            CommandLine = string.Join("; ", resets.Select(reset => reset.CommandLine)),
            InstanceName = first.Side.InstanceName,
            Nodes = [.. resets.SelectMany(reset => reset.Pair.Sides).Select(side => side.Node!).Distinct(StringComparer.Ordinal)],
        };
        await using var session = await RepairSession.BeginAsync(connection, order, cancellationToken).ConfigureAwait(false);
        var cuts = new List<(DrbdReset Reset, DrbdConnectionReset Cut)>();
        foreach (var reset in resets)
        {
            RepairView.Say($"{reset.Pair.Name}: cut by {reset.Method} on {reset.Side.Node}.");
            var cut = await reset.CutAsync(session, cancellationToken).ConfigureAwait(false);
            cuts.Add((reset, cut));
            if (Hold is not null)
            {
                _held[cut.Id!] = string.Create(CultureInfo.InvariantCulture, $"{reset.Pair.Name} is held down by {cut.Node} until {cut.Deadline:HH:mm:ss}. Remove-DrbdConnectionReset -Node {cut.Node} ends it.");
            }
        }

        await HoldAsync(cuts, cancellationToken).ConfigureAwait(false);
        var after = new List<DrbdPair>();
        foreach (var reset in resets)
        {
            after.Add(await DrbdWatch.UntilConnectedAsync(connection, reset.Pair, Timeout, RepairView, cancellationToken).ConfigureAwait(false));
        }

        await session.DoneAsync($"connected again: {string.Join("; ", after.Select(DrbdWatch.Describe))}", cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < resets.Count; i++)
        {
            var pair = NoWait ? after[i] : await DrbdWatch.UntilInSyncAsync(connection, after[i], RepairView, cancellationToken).ConfigureAwait(false);
            if (PassThru)
            {
                Post(() => WriteObject(pair.Sides, enumerateCollection: true));
            }
        }
    }

    private async Task HoldAsync(IReadOnlyList<(DrbdReset Reset, DrbdConnectionReset Cut)> cuts, CancellationToken cancellationToken)
    {
        if (Hold is not { } hold)
        {
            return;
        }

        foreach (var (reset, cut) in cuts)
        {
            for (var left = cut.Deadline!.Value - DateTimeOffset.Now; left > TimeSpan.Zero; left = cut.Deadline.Value - DateTimeOffset.Now)
            {
                RepairView.Progress($"Holding {reset.Pair.Name} down", string.Create(CultureInfo.InvariantCulture, $"until {cut.Deadline:HH:mm:ss}"), 100 * (1 - (left / hold)), left);
                await Task.Delay(left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
            }

            await DrbdResets.RestoreAsync(reset.Connection, cut, cancellationToken).ConfigureAwait(false);
            _held.TryRemove(cut.Id!, out _);
        }
    }

    private protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        foreach (var text in _held.Values)
        {
            SayToHost(text);
        }

        _held.Clear();
    }
}
