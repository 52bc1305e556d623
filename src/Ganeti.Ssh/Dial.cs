using System.Net;
using System.Net.Sockets;
using Ganeti.Remote;

namespace Ganeti.Ssh;

/// <summary>Makes TCP connections.</summary>
internal static class Dial
{
    /// <summary>Tries a host's addresses one after the other; none may use up the time of those after it.</summary>
    internal static async Task<Socket> ConnectAsync(RemoteEndpoint endpoint, CancellationToken cancellationToken)
    {
        var addresses = await AddressesAsync(endpoint.Host, endpoint.AddressFamily, cancellationToken);
        var own = endpoint.BindAddress is { } bind ? await AddressesAsync(bind, endpoint.AddressFamily, cancellationToken) : null;
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        SocketException? first = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var share = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            share.CancelAfter(endpoint.ConnectTimeout / addresses.Length);
            try
            {
                if (own is not null)
                {
                    socket.Bind(new IPEndPoint(Array.Find(own, one => one.AddressFamily == address.AddressFamily) ?? throw new SocketException((int)SocketError.AddressNotAvailable), 0));
                }

                await socket.ConnectAsync(new IPEndPoint(address, endpoint.Port), share.Token);
                return socket;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                socket.Dispose();
                first ??= new SocketException((int)SocketError.TimedOut);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                first ??= e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw first!;
    }

    private static async Task<IPAddress[]> AddressesAsync(string host, string? family, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        return [.. addresses.Where(address => family is null || address.AddressFamily == (family == "inet6" ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork))];
    }
}
