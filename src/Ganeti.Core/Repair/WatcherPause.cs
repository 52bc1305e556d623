using System.Runtime.CompilerServices;
using Ganeti.Luxi;

namespace Ganeti;

/// <summary>
/// Keeps Ganeti's watcher quiet for a time that runs out by itself: StandAlone and Diskless are exactly what it "repairs". What was there before
/// is left as it was. Repairs that go on at the same time share it. Stands for <c>gnt-cluster watcher pause</c>.
/// </summary>
internal sealed class WatcherPause
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan EnoughLeft = TimeSpan.FromMinutes(5);
    private static readonly ConditionalWeakTable<GntConnection, WatcherPause> Shared = [];

    private static readonly SemaphoreSlim Turn = new(1, 1);

    private readonly GntConnection _connection;
    private int _users;
    private DateTimeOffset? _before;
    private DateTimeOffset? _ours;

    private WatcherPause(GntConnection connection) => _connection = connection;

    /// <summary>Begins one, or joins it.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="clock">The master's clock: by it the watcher goes.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    internal static async Task<WatcherPause> BeginAsync(GntConnection connection, DateTimeOffset clock, CancellationToken cancellationToken)
    {
        var pause = Shared.GetValue(connection, static connection => new WatcherPause(connection));
        await InTurnAsync(
            async () =>
            {
                if (pause._users == 0)
                {
                    var now = await pause.ReadAsync(cancellationToken).ConfigureAwait(false);
                    // One of ours that could not be ended is nobody's.
                    pause._before = now is not null && now == pause._ours ? pause._before : now;
                    pause._ours = null;
                    if (!(pause._before > clock + Length))
                    {
                        await pause.SetAsync(clock + Length, cancellationToken).ConfigureAwait(false);
                    }
                }
                else
                {
                    await pause.ProlongAsync(clock, cancellationToken).ConfigureAwait(false);
                }

                Interlocked.Increment(ref pause._users);
            },
            cancellationToken).ConfigureAwait(false);
        return pause;
    }

    /// <summary>Makes it last, when it would run out soon. </summary>
    internal Task RenewAsync(DateTimeOffset clock, CancellationToken cancellationToken) => InTurnAsync(() => ProlongAsync(clock, cancellationToken), cancellationToken);

    /// <summary>Leaves the watcher as it was, when the last repair has ended.</summary>
    internal async Task EndAsync(CancellationToken cancellationToken)
    {
        var hasLeft = false;
        try
        {
            await InTurnAsync(
                async () =>
                {
                    // In turn: who begins meanwhile must not take our pause for what was there before.
                    hasLeft = true;
                    var isLast = Interlocked.Decrement(ref _users) == 0;
                    for (var attempt = 1; isLast && _ours is not null && await ReadAsync(cancellationToken).ConfigureAwait(false) == _ours; attempt++)
                    {
                        try
                        {
                            await WriteAsync(_before, cancellationToken).ConfigureAwait(false);
                            return;
                        }
                        catch (GanetiException) when (attempt < 3)
                        {
                            // The master tells its candidates, and a busy one may not answer in time.
                        }
                    }
                },
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!hasLeft)
            {
                Interlocked.Decrement(ref _users);
            }
        }
    }

    // Whoever's it is: it must not run out in the middle of a repair.
    private async Task ProlongAsync(DateTimeOffset clock, CancellationToken cancellationToken)
    {
        var now = await ReadAsync(cancellationToken).ConfigureAwait(false);
        if (!(now > clock + EnoughLeft))
        {
            await SetAsync(clock + Length, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task InTurnAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        await Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await work().ConfigureAwait(false);
        }
        finally
        {
            Turn.Release();
        }
    }

    private async Task<DateTimeOffset?> ReadAsync(CancellationToken cancellationToken) =>
        (await _connection.GetClusterAsync(cancellationToken).ConfigureAwait(false)).WatcherPausedUntil;

    private async Task SetAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        await WriteAsync(until, cancellationToken).ConfigureAwait(false);
        _ours = until;
    }

    // Half a second more: the master hands it on as a fraction that its nodes cut to a whole second, at times to the one before.
    private Task<object?> WriteAsync(DateTimeOffset? until, CancellationToken cancellationToken) => _connection.Luxi.AskAsync(
        "SetWatcherPause",
        writer => LuxiJson.WriteValue(writer, until?.ToUnixTimeSeconds() + 0.5),
        LuxiJson.ReadValue,
        cancellationToken);
}
