using System.Net;
using System.Net.Sockets;

namespace Ganeti.Tests.Ssh;

/// <summary>What a network can do to those who talk over it.</summary>
public enum LinkFault
{
    None,

    /// <summary>Nobody listens any more; what is open goes on.</summary>
    Refused,

    /// <summary>What is sent gets lost, and new connections stay silent.</summary>
    Stalled,

    /// <summary>Connections are reset, new ones at once.</summary>
    Reset,

    /// <summary>The server's side of each connection is closed in order; the client's stays open.</summary>
    HalfClosed,

    /// <summary>The client is sent what nobody has written.</summary>
    Garbage,
}

/// <summary>A network in front of a real server on this machine, with the faults that a test wants.</summary>
internal sealed class FaultyLink : IAsyncDisposable
{
    private static readonly byte[] Noise = [.. Enumerable.Range(0, 8192).Select(i => (byte)((i * 37) + 11)), (byte)'\n'];

    private readonly int _server;
    private readonly object _gate = new();
    private readonly List<(Socket Client, Socket Server)> _open = [];
    private Socket _listener;
    private LinkFault _fault;
    private TaskCompletionSource _healed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FaultyLink(int server)
    {
        _server = server;
        _healed.SetResult();
        _listener = Listen(0);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
    }

    public int Port { get; }

    /// <summary>The fault from now on, for connections that are open and those that come.</summary>
    public LinkFault Fault
    {
        get => _fault;
        set
        {
            lock (_gate)
            {
                var before = _fault;
                _fault = value;
                if (value == LinkFault.Stalled)
                {
                    _healed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
                else
                {
                    _healed.TrySetResult();
                }

                if (value == LinkFault.Refused)
                {
                    _listener.Dispose();
                }
                else if (before == LinkFault.Refused)
                {
                    _listener = Listen(Port);
                }

                _open.ForEach(pair => Strike(pair.Client, pair.Server));
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        Fault = LinkFault.Reset;
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }

    private Socket Listen(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen();
        _ = Quietly(async () =>
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptAsync());
            }
        });
        return listener;
    }

    private Task ServeAsync(Socket client) => Quietly(async () =>
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await server.ConnectAsync(IPAddress.Loopback, _server);
        lock (_gate)
        {
            _open.Add((client, server));
            Strike(client, server);
        }

        _ = Quietly(() => PumpAsync(client, server));
        await PumpAsync(server, client);
    });

    private void Strike(Socket client, Socket server)
    {
        try
        {
            switch (_fault)
            {
                case LinkFault.Reset:
                    client.LingerState = new LingerOption(true, 0);
                    client.Dispose();
                    server.Dispose();
                    break;
                case LinkFault.HalfClosed:
                    client.Shutdown(SocketShutdown.Send);
                    break;
                case LinkFault.Garbage:
                    client.Send(Noise);
                    break;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // That one has ended.
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[32 * 1024];
        int length;
        while ((length = await from.ReceiveAsync(buffer)) > 0)
        {
            await _healed.Task;
            for (var sent = 0; sent < length;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, length - sent));
            }
        }

        await _healed.Task;
        to.Shutdown(SocketShutdown.Send);
    }

    private static async Task Quietly(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One of the ends is gone.
        }
    }
}
