using Ganeti.Remote;

namespace Ganeti.Ssh;

/// <summary>A program that was started in a channel, and how it is made to end when nobody wants it any more.</summary>
internal sealed class RunningProgram(SshChannel channel, string mark, bool sudo, Task<bool> started)
{
    private static readonly TimeSpan TimeToLeave = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private const int Tries = 6;

    internal SshChannel Channel => channel;

    /// <summary>Whether the server has started it.</summary>
    internal Task<bool> Started => started;

    /// <summary>Tells it that there is no more input, and ends it when it does not end by itself; returns at once.</summary>
    internal void Leave()
    {
        channel.SendEnd();
        _ = InBackgroundAsync(async () =>
        {
            if (!await IsOverWithinAsync(TimeToLeave))
            {
                await TerminateAsync();
            }

            channel.Close();
        });
    }

    /// <summary>Has it sent TERM, and closes its channel; returns at once.</summary>
    internal void Terminate() => _ = InBackgroundAsync(TerminateAsync);

    private static async Task InBackgroundAsync(Func<Task> action)
    {
        try
        {
            await action().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The connection is gone, or will be: there is nobody left to tell.
        }
    }

    private async Task<bool> IsOverWithinAsync(TimeSpan time)
    {
        try
        {
            await channel.Closed.WaitAsync(time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task TerminateAsync()
    {
        // sshd passes no signals on for root's logins ("session signalling requires privilege separation"), and says so. Of what sudo
        // runs it may reach sudo only, which tells the program but not the program's children. Then the program is looked for and sent
        // the signal on the host. It may not be there yet: the login shell takes its time to start it.
        if (await started && (sudo || !await channel.RequestAsync(new SignalRequest("TERM"))))
        {
            var pause = FirstPause;
            for (var tries = 0; tries < Tries && !channel.Closed.IsCompleted; tries++, pause *= 2)
            {
                await channel.Connection.Terminator.EndAsync(mark, sudo);
                await IsOverWithinAsync(pause);
            }
        }

        channel.Close();
    }
}
