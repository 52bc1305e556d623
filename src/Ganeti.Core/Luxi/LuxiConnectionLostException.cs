using Ganeti.Remote;

namespace Ganeti.Luxi;

/// <summary>The connection to the master daemon ended before the reply. Never leaves this assembly as such.</summary>
internal sealed class LuxiConnectionLostException(string standardError, Exception cause) : Exception(cause.Message, cause)
{
    /// <summary>
    /// Whether nothing can have been asked: socat says that it did not get through to the master daemon, that the daemon had closed the socket
    /// before it wrote (a broken pipe takes nothing), or it is not there at all, or sudo did not start it.
    /// </summary>
    internal bool NeverReachedTheMaster =>
        Says(" connect(") || (Says(" write(") && Says("Broken pipe")) || (Says("socat") && (Says("not found") || Says("No such file"))) || Sudo.HasRefused(standardError);

    /// <summary>The error of a login that may not use the socket.</summary>
    internal static RemoteException Denied(RemoteEndpoint login, string? standardError = null, Exception? cause = null) =>
        new(GanetiError.MasterSocketDenied, login.Host, $"{login.User} may not use the master daemon's socket {LuxiClient.QuerySocket} on {login.Host}.", cause)
        {
            RecommendedAction = $"Make {login.User} root by -Sudo, log in as root (-User root), or make {login.User} a member of the socket's group there ('adduser {login.User} gnt-daemons').",
            StandardError = standardError,
        };

    private bool Says(string text) => standardError.Contains(text, StringComparison.OrdinalIgnoreCase);

    // socat writes "2026/11/24 03:40:18 socat[1655] E connect(…): No such file or directory".
    private string Reason() => standardError.Trim().Split(['\n', '\r'])[^1].Split("): ")[^1];

    /// <summary>The error for the operator, by what <c>socat</c> or the connection said.</summary>
    internal Exception Explain(RemoteEndpoint master)
    {
        var host = master.Host;
        // socat that has ended before it was written to is the daemon's fault as much as one that ends after.
        if (InnerException is RemoteException remote && remote.Error != GanetiError.RemoteCommandFailed)
        {
            return remote;
        }

        if (Says("Permission denied"))
        {
            return Denied(master, standardError, InnerException);
        }

        // The pipe does not say how socat has ended.
        if (master.Sudo && Sudo.Refusal(master, standardError) is { } refusal)
        {
            return refusal;
        }

        // As a shell says it, and as env does.
        if (Says("socat: not found") || Says("socat: No such file") || Says("socat': No such file") || Says("socat’: No such file"))
        {
            return new RemoteException(GanetiError.SocatMissing, host, $"{host} has no socat, which carries the master daemon's protocol over SSH.", InnerException)
            {
                RecommendedAction = $"Install it there: ssh {host} apt-get install socat (the ganeti package depends on it).",
                StandardError = standardError,
            };
        }

        return new RemoteException(
            GanetiError.MasterDaemonNotRunning,
            host,
            $"The master daemon on {host} does not answer on {LuxiClient.QuerySocket}" + (Reason() is { Length: > 0 } reason ? $": {reason}." : "."),
            InnerException)
        {
            RecommendedAction = $"Check it there with 'systemctl status ganeti-luxid ganeti-wconfd' (or '/etc/init.d/ganeti status') and start it; after a master failover, connect again to a node that is up.",
            StandardError = standardError,
        };
    }
}
