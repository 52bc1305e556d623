using Ganeti.Remote;

namespace Ganeti;

/// <summary>A virtual machine that was started frozen, and what lets it go on.</summary>
/// <remarks>
/// Ganeti starts a guest frozen (<c>startup --paused</c>) and lets it go on when its console is opened, by the command <c>c</c> to its monitor
/// (<c>tools/kvm-console-wrapper</c>); it has no other way. A machine that is the left-over side of a migration is frozen too, in states of their own:
/// to let such a one go on would have two machines write to one disk.
/// </remarks>
internal static class FrozenGuest
{
    private const string Monitors = "/run/ganeti/kvm-hypervisor/ctrl";

    private const string Script =
        """
        [ -S "$1" ] || { echo none; exit; }
        status() { echo 'info status' | timeout 10 socat -t 1 - "UNIX-CONNECT:$1" | tr -d '\r' | sed -n 's/^VM status: //p'; }
        before=$(status "$1")
        echo "$before"
        case $before in
          paused | 'paused (prelaunch)') ;;
          *) exit ;;
        esac
        ! command -v logger >/dev/null || logger -t ganeti-powershell "$2"
        echo c | timeout 10 socat -t 1 - "UNIX-CONNECT:$1" >/dev/null
        status "$1"
        """;

    /// <summary>Lets a guest go on.</summary>
    /// <exception cref="GanetiException">It is not frozen, or frozen for another reason, or can't be reached.</exception>
    internal static async Task ResumeAsync(GntConnection connection, GntInstance instance, string cmdlet, CancellationToken cancellationToken)
    {
        var host = await connection.OpenNodeAsync(instance.PrimaryNode!, cancellationToken).ConfigureAwait(false);
        var note = $"{cmdlet} {instance.Name} by {ThisOperator.Name}";
        var result = await GntConnection.RunAsync(host, RemoteCommand.Script(Script, MonitorOf(instance), note), cancellationToken).ConfigureAwait(false);
        var said = result.OutputText.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        switch (said)
        {
            case [_, "running"]:
                return;
            case ["none"]:
                throw new GanetiException(GanetiError.StateWrong, $"{instance.Name} does not run on {instance.PrimaryNode}: it has no monitor there.")
                {
                    Target = instance,
                    RecommendedAction = "Start it: Start-GntInstance.",
                };
            case ["running"]:
                throw new GanetiException(GanetiError.StateWrong, $"{instance.Name} is not frozen.") { Target = instance };
            case [var state]:
                throw new GanetiException(GanetiError.StateWrong, $"{instance.Name} is in state '{state}' on {instance.PrimaryNode}, which is not that of a guest started with -Paused; it is left as it is.")
                {
                    Target = instance,
                    RecommendedAction = "After a migration that was broken off: Move-GntInstance -Cleanup.",
                };
            default:
                throw new RemoteException(GanetiError.RemoteCommandFailed, host.Name, $"{instance.Name} was told to go on, but its monitor says '{string.Join(' ', said)}'. {result.ErrorText.Trim()}")
                {
                    ExitStatus = result.ExitStatus,
                    StandardError = result.ErrorText,
                    RecommendedAction = "Open its console (Get-GntConsole), which does the same.",
                };
        }
    }

    internal static string CommandLine(GntInstance instance) => $"ssh {instance.PrimaryNode} \"echo c | socat - UNIX-CONNECT:{MonitorOf(instance)}\"";

    private static string MonitorOf(GntInstance instance) => $"{Monitors}/{instance.Name}.monitor";
}
