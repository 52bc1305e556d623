using Ganeti.Remote;

namespace Ganeti.Ssh;

/// <summary>Sends TERM to programs that this connection has started, by a command on the host.</summary>
/// <remarks>It has a channel of its own beside the limited ones, one at a time for all that wait to be ended.</remarks>
internal sealed class Terminator(SshConnection connection)
{
    // The program is the one of the marked processes whose parent is sshd; it leads a process group, as sshd starts every program
    // in a session of its own. What a script has detached from itself (a watchdog!) has another parent and another group. The mark
    // stands in the environment, and before that in the command line of the login shell that is about to start the program. Our own
    // command line has it, too, and that of the sudo before us: the session that this script runs in is left out.
    private const string Script =
        """
        marks=
        for mark; do marks="$marks -e $mark"; done
        read -r _ _ _ _ _ own _ <"/proc/$$/stat"
        grep -lzF $marks /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | while IFS=/ read -r _ _ process _; do
            parent=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$process/status" 2>/dev/null)
            case $process,$(cat "/proc/$parent/comm" 2>/dev/null) in
                $own,*) ;;
                *,sshd*) kill -s TERM -- "-$process" ;;
            esac
        done
        """;

    private readonly object _gate = new();
    private HashSet<string> _waiting = new(StringComparer.Ordinal);
    private Task _last = Task.CompletedTask;

    /// <summary>Ends the program that carries a mark; done when the host has been told.</summary>
    internal Task EndAsync(string mark, bool sudo)
    {
        lock (_gate)
        {
            _waiting.Add($"{ShellQuote.MarkVariable}={mark}");
            return _last = AfterAsync(_last, sudo);
        }
    }

    private async Task AfterAsync(Task last, bool sudo)
    {
        await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        string[] marks;
        lock (_gate)
        {
            marks = [.. _waiting];
            _waiting = new(StringComparer.Ordinal);
        }

        if (marks.Length == 0)
        {
            return;
        }

        var channel = connection.OpenChannel(new SessionChannel(), new Collector());
        await channel.Opened;
        var command = RemoteCommand.Script(Script, marks);
        if (await channel.RequestAsync(new ExecRequest(ShellQuote.CommandLine(command.Argv, sudo))))
        {
            await channel.Closed;
        }

        channel.Close();
    }
}
