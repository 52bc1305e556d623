using System.Net.Sockets;
using Ganeti.Remote;
using Renci.SshNet;

namespace Ganeti.Ssh;

/// <summary>The way from an endpoint to a connection that is logged in.</summary>
internal static class Handshake
{
    private static readonly string[] Outdated =
    [
        "diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1",
        "3des-cbc", "aes128-cbc", "aes192-cbc", "aes256-cbc", "hmac-sha1", "hmac-sha1-etm@openssh.com",
    ];

    /// <summary>Connects, directly or through another host, checks who answers and logs in.</summary>
    /// <exception cref="RemoteException">What went wrong, for the operator.</exception>
    /// <exception cref="OperationCanceledException">The attempt was given up.</exception>
    internal static async Task<SshConnection> ConnectAsync(RemoteEndpoint endpoint, SshHost? via, KeyRing keys, ConnectLimit limit)
    {
        var login = await Authentication.PrepareAsync(endpoint, keys, limit);
        var hostKey = new HostKeyCheck(endpoint, limit, await KnownHostsCommand.ReadAsync(endpoint, "ORDER", null, limit));
        var info = Describe(endpoint, login, hostKey);
        Socket? socket = null;
        ProxyProcess? proxy = null;
        try
        {
            if (via is null && endpoint.ProxyCommand is { } command)
            {
                (socket, proxy) = await ProxyProcess.StartAsync(command, limit.Token);
            }
            else
            {
                socket = via is null
                    ? await Dial.ConnectAsync(endpoint, limit.Token)
                    : await via.OpenTunnelAsync(endpoint.Host, endpoint.Port, limit.Token);
            }

            var connection = await SshConnection.OpenAsync(info, socket, hostKey.Verify, endpoint.KeepAliveInterval, limit.Token);

            // From now on only an exchange of new keys waits.
            info.Timeout = endpoint.ConnectTimeout;

            // Opened anew unseen, it could not ask for a touch.
            if (endpoint.IdleTime > TimeSpan.Zero && !login.HasWantedTouch)
            {
                connection.CloseWhenIdle(endpoint.IdleTime);
            }

            return connection;
        }
        catch (OperationCanceledException e) when (limit.HasTimedOut)
        {
            throw Errors.TimedOut(endpoint, socket is not null, info.ServerVersion, e, login.Waiting);
        }
        catch (Exception e) when (e is not (OperationCanceledException or RemoteException))
        {
            if (proxy is not null && info.ServerVersion is null && await proxy.HasEndedAsync())
            {
                throw Errors.ProxyCommandFailed(endpoint, proxy.ExitStatus, proxy.ErrorText, e);
            }

            throw Errors.NotConnected(endpoint, info, login, e);
        }
        finally
        {
            foreach (var method in login.Methods)
            {
                method.Dispose();
            }
        }
    }

    private static ConnectionInfo Describe(RemoteEndpoint endpoint, Authentication login, HostKeyCheck hostKey)
    {
        var info = new ConnectionInfo(endpoint.Host, endpoint.Port, endpoint.User, login.Methods)
        {
            // SSH.NET's waits; the limit of the whole is ours, and stands still while a person is asked.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        Restrict(endpoint, "kexalgorithms", info.KeyExchangeAlgorithms);
        Restrict(endpoint, "ciphers", info.Encryptions);
        Restrict(endpoint, "macs", info.HmacAlgorithms);
        hostKey.Prefer(info.HostKeyAlgorithms);
        Restrict(endpoint, "hostkeyalgorithms", info.HostKeyAlgorithms);
        return info;
    }

    // The order stays: what is fast in .NET is not what is fast in OpenSSH.
    private static void Restrict<T>(RemoteEndpoint endpoint, string list, IDictionary<string, T> algorithms)
    {
        foreach (var name in algorithms.Keys.ToList())
        {
            // Who has a list has decided about the outdated ones, too: OpenSSH's own has none of them.
            if (!endpoint.Allows(list, name) || (!endpoint.Algorithms.ContainsKey(list) && Outdated.Contains(name)))
            {
                algorithms.Remove(name);
            }
        }

        if (algorithms.Count == 0)
        {
            throw Errors.NoAlgorithmLeft(endpoint, list);
        }
    }
}
