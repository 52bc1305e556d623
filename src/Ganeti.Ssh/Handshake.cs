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
        var login = new Authentication(endpoint, keys, limit);
        var hostKey = new HostKeyCheck(endpoint, limit);
        var info = Describe(endpoint, login, hostKey);
        Socket? socket = null;
        try
        {
            socket = via is null
                ? await Dial.ConnectAsync(endpoint.Host, endpoint.Port, endpoint.ConnectTimeout, limit.Token)
                : await via.OpenTunnelAsync(endpoint.Host, endpoint.Port, limit.Token);
            var connection = await SshConnection.OpenAsync(info, socket, hostKey.Verify, endpoint.KeepAliveInterval, limit.Token);

            // From now on only an exchange of new keys waits.
            info.Timeout = endpoint.ConnectTimeout;
            return connection;
        }
        catch (OperationCanceledException e) when (limit.HasTimedOut)
        {
            throw Errors.TimedOut(endpoint, socket is not null, info.ServerVersion, e);
        }
        catch (Exception e) when (e is not (OperationCanceledException or RemoteException))
        {
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
        foreach (var name in Outdated)
        {
            info.KeyExchangeAlgorithms.Remove(name);
            info.Encryptions.Remove(name);
            info.HmacAlgorithms.Remove(name);
        }

        hostKey.Prefer(info.HostKeyAlgorithms);
        return info;
    }
}
