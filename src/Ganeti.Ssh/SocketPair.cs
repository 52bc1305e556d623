using System.Net;
using System.Net.Sockets;

namespace Ganeti.Ssh;

/// <summary>Two sockets that are connected to each other.</summary>
/// <remarks>
/// SSH.NET speaks over sockets only, so a loopback connection lies between it and whatever else carries the bytes: the port listens until our own
/// end has connected and no longer, and nobody else is let in.
/// </remarks>
internal static class SocketPair
{
    internal static async Task<(Socket Ours, Socket Far)> ConnectAsync(CancellationToken cancellationToken)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var ours = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await ours.ConnectAsync(listener.LocalEndPoint!, cancellationToken);
            while (true)
            {
                var far = await listener.AcceptAsync(cancellationToken);
                if (far.RemoteEndPoint!.Equals(ours.LocalEndPoint))
                {
                    far.NoDelay = true;
                    return (ours, far);
                }

                far.Dispose();
            }
        }
        catch
        {
            ours.Dispose();
            throw;
        }
    }
}
