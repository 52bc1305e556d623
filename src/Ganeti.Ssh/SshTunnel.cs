using System.Net.Sockets;

namespace Ganeti.Ssh;

/// <summary>A TCP connection that another host makes for us, given to SSH.NET as a socket.</summary>
/// <remarks>Each end closes when the other does, and both when the other host's connection is lost.</remarks>
internal sealed class SshTunnel : IChannelSink
{
    private readonly ByteQueue _incoming = new();

    private SshTunnel()
    {
    }

    /// <summary>Connects the channel that <paramref name="open"/> opens to a new socket.</summary>
    internal static async Task<Socket> OpenAsync(Func<IChannelSink, Task<SshChannel>> open, CancellationToken cancellationToken)
    {
        var tunnel = new SshTunnel();
        var channel = await open(tunnel);
        Socket? ours = null;
        Socket? far = null;
        try
        {
            (ours, far) = await SocketPair.ConnectAsync(cancellationToken);
            _ = tunnel.PumpOutAsync(channel, far);
            _ = tunnel.PumpInAsync(channel, far);
            return ours;
        }
        catch
        {
            channel.Close();
            ours?.Dispose();
            far?.Dispose();
            throw;
        }
    }

    void IChannelSink.OnOutput(ReadOnlySpan<byte> data) => _incoming.Write(data);

    void IChannelSink.OnError(ReadOnlySpan<byte> data)
    {
    }

    void IChannelSink.OnEnd() => _incoming.Complete();

    private async Task PumpOutAsync(SshChannel channel, Socket far)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            int length;
            while ((length = await far.ReceiveAsync(buffer)) > 0)
            {
                await channel.WriteAsync(buffer.AsMemory(0, length), CancellationToken.None);
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // One of the two ends is gone; the other is closed below.
        }

        channel.Close();
        _incoming.Complete();
        far.Dispose();
    }

    private async Task PumpInAsync(SshChannel channel, Socket far)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            int length;
            while ((length = await _incoming.ReadAsync(buffer, CancellationToken.None)) > 0)
            {
                var rest = buffer.AsMemory(0, length);
                while (!rest.IsEmpty)
                {
                    rest = rest[await far.SendAsync(rest)..];
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // As above.
        }

        channel.Close();
        far.Dispose();
    }
}
