using System.Diagnostics;

namespace Ganeti.Remote;

/// <summary>Work over a link that may break: done again until it is done, or until it has not got on for too long.</summary>
internal static class BrokenLink
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>Does it.</summary>
    /// <param name="work">The work, which goes on where it was.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="patience">How long it may get on no further, from when the link broke.</param>
    /// <param name="broken">Is told, once an outage.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="RemoteException">The link stayed broken.</exception>
    internal static async Task<T> SurviveAsync<T>(Func<Task<T>> work, Func<long> progress, TimeSpan patience, Action<RemoteException> broken, CancellationToken cancellationToken)
    {
        var (had, pause) = (progress(), FirstPause);
        long? since = null;
        while (true)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (RemoteException exception) when (exception.Error.Class is GanetiErrorClass.ConnectionError or GanetiErrorClass.OperationTimeout)
            {
                if (since is null || progress() > had)
                {
                    (since, had, pause) = (Stopwatch.GetTimestamp(), progress(), FirstPause);
                    broken(exception);
                }
                else if (Stopwatch.GetElapsedTime(since.Value) > patience)
                {
                    throw;
                }

                await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }
}
