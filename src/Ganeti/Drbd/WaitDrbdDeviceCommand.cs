using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Waits until both sides of mirrors are connected and have the newest data, with progress. What can't come by itself is an error at once.
/// </summary>
[Cmdlet(VerbsLifecycle.Wait, "DrbdDevice", DefaultParameterSetName = "Instance")]
[OutputType(typeof(DrbdDevice))]
public sealed class WaitDrbdDeviceCommand : DrbdChangeCommand
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>How long at most; without it as long as it takes.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? Timeout { get; set; }

    /// <summary>Write the sides that were named once they are in sync.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Change(GntConnection connection, IReadOnlyList<DrbdPair> pairs)
    {
        var named = pairs.Select(pair => pair.Side).ToHashSet();
        Await(token => Task.WhenAll(DrbdPair.Mirrors(pairs).Select(async pair =>
        {
            try
            {
                var (side, other) = await WaitAsync(new DrbdRepair(connection, MyInvocation.MyCommand.Name), pair, token).ConfigureAwait(false);
                Post(() =>
                {
                    foreach (var one in new[] { side, other }.OfType<DrbdDevice>().Where(one => PassThru && named.Contains(one)))
                    {
                        WriteObject(one);
                    }
                });
            }
            catch (GanetiException exception)
            {
                Post(() => WriteError(exception, pair.Side));
            }
        })));
    }

    private async Task<(DrbdDevice Side, DrbdDevice? Other)> WaitAsync(DrbdRepair repair, DrbdPair pair, CancellationToken cancellationToken)
    {
        var activity = $"Waiting until {DrbdWords.Of(pair.Side)} is in sync";
        var sync = new DrbdSync();
        var begun = Environment.TickCount64;
        while (true)
        {
            var (side, other) = await repair.ReadAsync(pair, cancellationToken).ConfigureAwait(false);
            if (DrbdSync.Missing(side, other) is not { } missing)
            {
                RepairView.Progress(activity, "in sync", 100);
                return (side!, other);
            }

            if (sync.Hopeless(side, other) is { } hopeless)
            {
                RepairView.Progress(activity, "given up", 100);
                throw new GanetiException(GanetiError.DrbdWaitHopeless, $"{DrbdWords.Of(pair.Side)} will not come into sync by itself: {hopeless.Why} ({DrbdWords.StateOf(pair, side, other)}).") { Target = side ?? pair.Side, RecommendedAction = hopeless.Next };
            }

            if (Timeout is { } limit && Environment.TickCount64 - begun >= limit.TotalMilliseconds)
            {
                RepairView.Progress(activity, "time is up", 100);
                throw new GanetiException(GanetiError.DrbdWaitTimeout, $"{DrbdWords.Of(pair.Side)} was not in sync within {limit.TotalSeconds:0.#} seconds: {missing}.") { Target = side ?? pair.Side, RecommendedAction = $"Wait longer, or see what it is doing: Get-DrbdDevice {DrbdWords.Parameters(pair.Side)} -Peer." };
            }

            var syncing = side?.IsInResync == true ? side : other;
            RepairView.Progress(activity, missing, side?.ResyncPercent ?? other?.ResyncPercent, syncing?.ResyncTimeLeft ?? side?.ResyncTimeLeft);
            await Task.Delay(Look, cancellationToken).ConfigureAwait(false);
        }
    }
}
