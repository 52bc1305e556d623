using System.Net.Sockets;
using Ganeti.Remote;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Ganeti.Ssh;

/// <summary>What went wrong, told to the operator.</summary>
internal static class Errors
{
    internal static RemoteException NotConnected(
        RemoteEndpoint endpoint, ConnectionInfo info, Authentication login, Exception cause) => cause switch
    {
        SocketException e when info.ServerVersion is null => Unreached(endpoint, e.SocketErrorCode, e.Message, e),
        SshAuthenticationException => login.Refused(cause),
        SshConnectionException when login.HasBegun && cause.Message.Contains("authentication", StringComparison.OrdinalIgnoreCase) =>
            login.Refused(cause),
        SshOperationTimeoutException => TimedOut(endpoint, isConnected: true, info.ServerVersion, cause),
        SshException when cause.Message.StartsWith("No matching ", StringComparison.Ordinal) =>
            NoCommonAlgorithm(endpoint, cause),
        SshConnectionException when info.ServerVersion is null => NotSsh(endpoint, cause),
        _ => Make(
            GanetiError.ConnectionLost,
            endpoint,
            $"{endpoint.Host} ended the connection while it was being set up: {Reason(cause)}.",
            $"Look at the log of sshd on {endpoint.Host}.",
            cause),
    };

    internal static RemoteException TimedOut(RemoteEndpoint endpoint, bool isConnected, string? serverVersion, Exception cause, string? waiting = null) => Make(
        GanetiError.ConnectionTimeout,
        endpoint,
        (isConnected, serverVersion) switch
        {
            (false, _) => $"No connection to {endpoint.Host} port {endpoint.Port} could be made within {Seconds(endpoint.ConnectTimeout)}.",
            (true, null) => $"{endpoint.Host} port {endpoint.Port} took the connection but did not say that it is an SSH server within {Seconds(endpoint.ConnectTimeout)}.",
            _ => $"Logging in on {endpoint.Host} was not done within {Seconds(endpoint.ConnectTimeout)}" + (waiting is null ? "." : $": it waited for {waiting}."),
        },
        waiting is not null
            ? "Touch the key or answer the agent in time, give more time with -Timeout, or connect again with Connect-GntCluster, which says what it waits for."
            : isConnected
            ? $"Check that {endpoint.Host} is not overloaded and that port {endpoint.Port} is its SSH port."
            : $"Check that {endpoint.Host} is up, and that no firewall lies between ('ping {endpoint.Host}').",
        cause);

    internal static RemoteException TunnelRefused(RemoteEndpoint via, TunnelChannel tunnel, ChannelRefusedException cause)
    {
        var target = new RemoteEndpoint { Host = tunnel.Host, Port = tunnel.Port };
        var by = $" (seen from {via.Host})";
        return cause switch
        {
            { Reason: ChannelRefusedException.Prohibited } => Make(
                GanetiError.ForwardingRefused,
                target,
                $"{via.Host} does not let connections to {tunnel.Host} port {tunnel.Port} pass through: {cause.Message}.",
                $"Set 'AllowTcpForwarding' to 'yes' or 'local' in the sshd_config of {via.Host}.",
                cause),
            // As getaddrinfo says it: "Could not resolve", "Name or service not known", "Temporary failure in name resolution".
            _ when cause.Message.Contains("resol", StringComparison.OrdinalIgnoreCase)
                || cause.Message.Contains("not known", StringComparison.OrdinalIgnoreCase) =>
                Unreached(target, SocketError.HostNotFound, cause.Message + by, cause),
            _ when cause.Message.Contains("refused", StringComparison.OrdinalIgnoreCase) =>
                Unreached(target, SocketError.ConnectionRefused, cause.Message + by, cause),
            _ when cause.Message.Contains("timed out", StringComparison.OrdinalIgnoreCase) =>
                Unreached(target, SocketError.TimedOut, cause.Message + by, cause),
            _ => Unreached(target, SocketError.HostUnreachable, cause.Message + by, cause),
        };
    }

    internal static RemoteException OnTheWay(RemoteEndpoint endpoint, RemoteEndpoint jump, RemoteException cause) =>
        new(cause.Error, jump.Host, $"{cause.Message} ({jump.Host} is a jump host on the way to {endpoint.Host}.)", cause) { RecommendedAction = cause.RecommendedAction };

    internal static RemoteException ProxyCommandFailed(RemoteEndpoint endpoint, int? exitStatus, string errorText, Exception cause) =>
        new(
            GanetiError.ProxyCommandFailed,
            endpoint.Host,
            $"The ProxyCommand that leads to {endpoint.Host} has ended{Tail(exitStatus, RemoteText.Printable(errorText))}",
            cause)
        {
            ExitStatus = exitStatus,
            StandardError = errorText,
            RecommendedAction = $"Try it by hand: {endpoint.ProxyCommand}",
        };

    internal static RemoteException KnownHostsCommandFailed(RemoteEndpoint endpoint, string why, Exception? cause = null) => Make(
        GanetiError.SshConfigInvalid,
        endpoint,
        $"The identity of {endpoint.Host} can't be known: the KnownHostsCommand of ssh_config {why}.",
        $"Try it by hand: {RemoteText.Printable(string.Join(' ', endpoint.KnownHostsCommand!))}",
        cause);

    internal static RemoteException NoAlgorithmLeft(RemoteEndpoint endpoint, string list) => Make(
        GanetiError.NoCommonAlgorithm,
        endpoint,
        $"ssh_config allows for {endpoint.Host} no {list} that this module has: {string.Join(", ", endpoint.Algorithms[list])}.",
        $"Allow one more in ssh_config.",
        null);

    internal static RemoteException SessionRefused(RemoteEndpoint endpoint, ChannelRefusedException cause) => Make(
        GanetiError.ConnectionLost,
        endpoint,
        $"{endpoint.Host} does not let {endpoint.User} run anything on the connection: {cause.Message}.",
        $"Check 'MaxSessions' in the sshd_config of {endpoint.Host}, and the restrictions in the authorized_keys of {endpoint.User}.",
        cause);

    internal static RemoteException ExecRefused(RemoteEndpoint endpoint, RemoteCommand command) => Make(
        GanetiError.RemoteCommandFailed,
        endpoint,
        $"{endpoint.Host} refused to run '{command}'.",
        $"Check the log of sshd on {endpoint.Host}, the login shell of {endpoint.User}, and restrictions in its authorized_keys.",
        null);

    internal static RemoteException NoExitStatus(RemoteEndpoint endpoint, RemoteCommand command) => Make(
        GanetiError.ConnectionLost,
        endpoint,
        $"{endpoint.Host} ended '{command}' without saying how it went: whether it has done its work is not known.",
        $"Look on {endpoint.Host} at what the command has done before it is run again.",
        null);

    internal static RemoteException LostBeforeRunning(RemoteEndpoint endpoint, ConnectionEndedException cause) => Make(
        GanetiError.ConnectionLost,
        endpoint,
        $"The connection to {endpoint.Host} was lost before the command was sent: {Reason(cause)}.",
        "It was not run; try again.",
        cause);

    internal static RemoteException LostWhileRunning(RemoteEndpoint endpoint, RemoteCommand command, ConnectionEndedException cause) => Make(
        GanetiError.ConnectionLost,
        endpoint,
        $"The connection to {endpoint.Host} was lost while '{command}' was running: {Reason(cause)}. Whether it has done its work is not known.",
        $"Look on {endpoint.Host} at what the command has done before it is run again.",
        cause);

    internal static RemoteException PipeEnded(RemoteEndpoint endpoint, RemoteCommand command, int? exitStatus, string errorText) =>
        new(GanetiError.RemoteCommandFailed, endpoint.Host, $"'{command}' on {endpoint.Host} has ended{Tail(exitStatus, errorText)}")
        {
            ExitStatus = exitStatus,
            StandardError = errorText,
            RecommendedAction = "Try again.",
        };

    internal static RemoteException Closed(RemoteEndpoint endpoint) => Make(
        GanetiError.NotConnected, endpoint, $"The connection to {endpoint.Host} was closed.", "Connect again.", null);

    private static RemoteException NotSsh(RemoteEndpoint endpoint, Exception cause) => Make(
        GanetiError.NotAnSshServer,
        endpoint,
        $"What answers at {endpoint.Host} port {endpoint.Port} is not an SSH server: {Reason(cause)}.",
        $"Check the port. A busy sshd (MaxStartups) or one that bans this address hangs up in the same way.",
        cause);

    private static RemoteException NoCommonAlgorithm(RemoteEndpoint endpoint, Exception cause) => Make(
        GanetiError.NoCommonAlgorithm,
        endpoint,
        $"{endpoint.Host} and this side have no algorithm in common: {Reason(cause)}.",
        $"Allow one of OpenSSH's default algorithms in the sshd_config of {endpoint.Host}.",
        cause);

    private static RemoteException Unreached(RemoteEndpoint endpoint, SocketError error, string reason, Exception cause)
    {
        var to = $"{endpoint.Host} port {endpoint.Port}";
        return error switch
        {
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery => Make(
                GanetiError.HostNotFound,
                endpoint,
                $"The name {endpoint.Host} could not be resolved: {reason}.",
                "Check the spelling, /etc/hosts and the name servers, or give the address.",
                cause),
            SocketError.ConnectionRefused => Make(
                GanetiError.ConnectionRefused,
                endpoint,
                $"{to} refused the connection: {reason}.",
                $"Check that sshd is running on {endpoint.Host} ('systemctl status ssh') and that it listens on port {endpoint.Port}.",
                cause),
            SocketError.TimedOut => Make(
                GanetiError.ConnectionTimeout,
                endpoint,
                $"{to} did not answer: {reason}.",
                $"Check that {endpoint.Host} is up, and that no firewall lies between ('ping {endpoint.Host}').",
                cause),
            SocketError.ConnectionReset or SocketError.ConnectionAborted => Make(
                GanetiError.ConnectionLost,
                endpoint,
                $"{to} took the connection and dropped it at once: {reason}.",
                $"Look at the log of sshd on {endpoint.Host}; it may be too busy (MaxStartups) or ban this address.",
                cause),
            _ => Make(
                GanetiError.HostUnreachable,
                endpoint,
                $"{to} can't be reached: {reason}.",
                $"Check that {endpoint.Host} is up and that there is a route to it ('ping {endpoint.Host}').",
                cause),
        };
    }

    private static RemoteException Make(GanetiError error, RemoteEndpoint endpoint, string message, string action, Exception? cause) =>
        new(error, endpoint.Host, message, cause) { RecommendedAction = action };

    private static string Reason(Exception cause) =>
        (cause is ConnectionEndedException { InnerException: { } inner } ? inner : cause).Message.TrimEnd('.', ' ');

    private static string Seconds(TimeSpan time) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");

    private static string Tail(int? exitStatus, string errorText)
    {
        var status = exitStatus is null ? string.Empty : string.Create(System.Globalization.CultureInfo.InvariantCulture, $" with exit status {exitStatus}");
        var lines = errorText.Trim();
        return lines.Length == 0 ? $"{status}." : $"{status}: {lines}";
    }
}
