using System.Collections.Concurrent;
using System.Diagnostics;
using Ganeti.Remote;
using Newtonsoft.Json;

namespace Ganeti.Luxi;

/// <summary>
/// Calls to the master daemon. Each runs on a connection of its own from a small pool, so that calls run side by side;
/// a connection that the server has closed is replaced unseen.
/// </summary>
internal sealed class LuxiClient : IAsyncDisposable
{
    /// <summary>Where Debian's and upstream's Ganeti 3.0 and 3.1 have the socket.</summary>
    internal const string QuerySocket = "/run/ganeti/socket/ganeti-query";

    private const int Version = 3_000_000;

    // Below the sessions of one SSH connection, so that commands still find room beside them.
    private const int MaxChannels = 5;

    // The server closes after some three minutes; a channel is not trusted for that long.
    private const long MaxIdleMilliseconds = 150_000;

    private readonly IRemoteHost _host;
    private readonly bool _asLogin;
    private readonly ConcurrentBag<LuxiChannel> _idle = [];
    private readonly SemaphoreSlim _slots = new(MaxChannels, MaxChannels);
    private volatile bool _disposed;

    /// <param name="host">The master.</param>
    /// <param name="asLogin">Whether the login opens the socket itself, though other commands need sudo.</param>
    internal LuxiClient(IRemoteHost host, bool asLogin = false) => (_host, _asLogin) = (host, asLogin);

    /// <summary>Finds who is asked now where this host's daemon does not answer any more, or was left; null when nobody is.</summary>
    internal Func<LuxiClient, CancellationToken, Task<LuxiClient?>>? FindSuccessor { get; set; }

    /// <summary>Makes a call that may be repeated: asking changes nothing. After a master failover the new master is asked.</summary>
    /// <param name="method">The method's name.</param>
    /// <param name="arguments">Writes the arguments array's elements.</param>
    /// <param name="read">Reads the result; the reader stands on its first token.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    internal async Task<T> AskAsync<T>(string method, Action<JsonTextWriter> arguments, Func<JsonTextReader, T> read, CancellationToken cancellationToken)
    {
        try
        {
            return await AskHereAsync(method, arguments, read, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or RemoteException { Error.Id: nameof(GanetiError.MasterDaemonNotRunning) } && FindSuccessor is not null)
        {
            if (await FindSuccessor(this, cancellationToken).ConfigureAwait(false) is { } successor)
            {
                return await successor.AskHereAsync(method, arguments, read, cancellationToken).ConfigureAwait(false);
            }

            if (exception is RemoteException)
            {
                throw;
            }

            throw new RemoteException(GanetiError.NotConnected, _host.Name, $"The connection to {_host.Name} was closed.", exception) { RecommendedAction = "Connect again." };
        }
    }

    /// <summary>The same, of this host only.</summary>
    internal async Task<T> AskHereAsync<T>(string method, Action<JsonTextWriter> arguments, Func<JsonTextReader, T> read, CancellationToken cancellationToken)
    {
        var request = Request(method, arguments);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await CallAsync(method, request, read, cancellationToken).ConfigureAwait(false);
            }
            catch (LuxiConnectionLostException) when (attempt == 1)
            {
                // Closed while idle, or the link dropped: once more on a new connection.
            }
            catch (LuxiConnectionLostException lost)
            {
                throw lost.Explain(_host.Endpoint);
            }
        }
    }

    /// <summary>Makes a call that must not be repeated.</summary>
    /// <exception cref="LuxiConnectionLostException">The answer got lost; whether the call was carried out is not known.</exception>
    internal Task<T> TellAsync<T>(string method, Action<JsonTextWriter> arguments, Func<JsonTextReader, T> read, CancellationToken cancellationToken) =>
        CallAsync(method, Request(method, arguments), read, cancellationToken);

    private static byte[] Request(string method, Action<JsonTextWriter> arguments) => LuxiJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName("method");
        writer.WriteValue(method);
        writer.WritePropertyName("args");
        writer.WriteStartArray();
        arguments(writer);
        writer.WriteEndArray();
        writer.WritePropertyName("version");
        writer.WriteValue(Version);
        writer.WriteEndObject();
    });

    private async Task<T> CallAsync<T>(string method, byte[] request, Func<JsonTextReader, T> read, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var started = Stopwatch.GetTimestamp();
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        LuxiChannel? channel = null;
        ReadOnlyMemory<byte> reply = default;
        try
        {
            channel = TakeIdle() ?? new LuxiChannel(await OpenPipeAsync(cancellationToken).ConfigureAwait(false));
            try
            {
                reply = await channel.ExchangeAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is EndOfStreamException or RemoteException)
            {
                // The idle ones lead to the same daemon: a second attempt shall not find another dead one.
                DropIdle();
                throw new LuxiConnectionLostException(channel.ErrorText, exception);
            }

            return ReadReply(method, reply, read);
        }
        finally
        {
            if (channel is { IsUsable: true } && !_disposed)
            {
                _idle.Add(channel);
            }
            else if (channel is not null)
            {
                // Its end is nobody's concern any more, and must not keep the slot.
                _ = channel.DisposeAsync().AsTask().ContinueWith(static task => task.Exception, TaskScheduler.Default);
            }

            _slots.Release();
            CallLog.Current?.LuxiCalled(method, request, reply, Stopwatch.GetElapsedTime(started));
        }
    }

    private Task<IRemotePipe> OpenPipeAsync(CancellationToken cancellationToken) =>
        // After the server's end the other half is not kept open: the default of half a second would hide a closed socket for as long.
        _host.OpenPipeAsync(new RemoteCommand("socat", "-t", "0.05", "-", $"UNIX-CONNECT:{QuerySocket}") { AsLogin = _asLogin }, cancellationToken);

    private LuxiChannel? TakeIdle()
    {
        while (_idle.TryTake(out var channel))
        {
            if (channel.IsUsable && Environment.TickCount64 - channel.LastUsed < MaxIdleMilliseconds)
            {
                return channel;
            }

            _ = channel.DisposeAsync().AsTask();
        }

        return null;
    }

    private void DropIdle()
    {
        while (_idle.TryTake(out var channel))
        {
            _ = channel.DisposeAsync().AsTask();
        }
    }

    private static T ReadReply<T>(string method, ReadOnlyMemory<byte> reply, Func<JsonTextReader, T> read)
    {
        try
        {
            using var reader = LuxiJson.Reader(reply, LuxiNames.Shared);
            if (!reader.Read() || reader.TokenType != JsonToken.StartObject)
            {
                throw new JsonReaderException("The reply is not an object.");
            }

            var success = SuccessOf(reply);
            while (reader.Read() && reader.TokenType == JsonToken.PropertyName)
            {
                var name = (string)reader.Value!;
                reader.Read();
                if (name != "result")
                {
                    reader.Skip();
                    continue;
                }

                return success ? read(reader) : throw LuxiException.Decode(LuxiJson.ReadValue(reader), GanetiError.LuxiRequestRefused);
            }

            throw new JsonReaderException("The reply has no result.");
        }
        catch (JsonException exception)
        {
            throw new GanetiException(GanetiError.LuxiProtocolError, $"The master daemon's reply to {method} could not be understood: {exception.Message}", exception)
            {
                RecommendedAction = "Check with -Debug what was answered; a master daemon newer than Ganeti 3.1 may need a newer module.",
            };
        }
    }

    // A pass of its own, so that the order of the reply's members does not matter; Ganeti writes this one first.
    private static bool SuccessOf(ReadOnlyMemory<byte> reply)
    {
        using var reader = LuxiJson.Reader(reply, LuxiNames.Shared);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonToken.PropertyName)
        {
            var name = (string)reader.Value!;
            reader.Read();
            if (name == "success")
            {
                return reader.Value is true;
            }

            reader.Skip();
        }

        throw new JsonReaderException("The reply does not say whether it succeeded.");
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        while (_idle.TryTake(out var channel))
        {
            await channel.DisposeAsync().ConfigureAwait(false);
        }
    }
}
