using Ganeti.Luxi;

namespace Ganeti;

/// <summary>
/// Keeps Ganeti's watcher quiet for a time that runs out by itself: StandAlone and Diskless are exactly what it "repairs". What was there before
/// is left as it was. Stands for <c>gnt-cluster watcher pause</c>.
/// </summary>
internal sealed class WatcherPause
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan EnoughLeft = TimeSpan.FromMinutes(5);

    private readonly GntConnection _connection;
    private readonly DateTimeOffset? _before;
    private DateTimeOffset? _ours;

    private WatcherPause(GntConnection connection, DateTimeOffset? before)
    {
        _connection = connection;
        _before = before;
    }

    /// <summary>Begins one.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="clock">The master's clock: by it the watcher goes.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    internal static async Task<WatcherPause> BeginAsync(GntConnection connection, DateTimeOffset clock, CancellationToken cancellationToken)
    {
        var pause = new WatcherPause(connection, await ReadAsync(connection, cancellationToken).ConfigureAwait(false));
        if (!(pause._before > clock + Length))
        {
            await pause.SetAsync(clock + Length, cancellationToken).ConfigureAwait(false);
        }

        return pause;
    }

    /// <summary>Makes it last, when it would run out soon.</summary>
    internal async Task RenewAsync(DateTimeOffset clock, CancellationToken cancellationToken)
    {
        if (_ours < clock + EnoughLeft && await ReadAsync(_connection, cancellationToken).ConfigureAwait(false) == _ours)
        {
            await SetAsync(clock + Length, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Leaves the watcher as it was. One that somebody has set meanwhile is somebody's.</summary>
    internal async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_ours is not null && await ReadAsync(_connection, cancellationToken).ConfigureAwait(false) == _ours)
        {
            await WriteAsync(_before, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<DateTimeOffset?> ReadAsync(GntConnection connection, CancellationToken cancellationToken) =>
        (await connection.GetClusterAsync(cancellationToken).ConfigureAwait(false)).WatcherPausedUntil;

    private async Task SetAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        await WriteAsync(until, cancellationToken).ConfigureAwait(false);
        _ours = until;
    }

    private Task<object?> WriteAsync(DateTimeOffset? until, CancellationToken cancellationToken) => _connection.Luxi.AskAsync(
        "SetWatcherPause",
        writer => LuxiJson.WriteValue(writer, until?.ToUnixTimeSeconds()),
        LuxiJson.ReadValue,
        cancellationToken);
}
