using System.Buffers.Binary;
using System.IO.Pipes;
using System.Net.Sockets;

namespace Ganeti.Ssh;

/// <summary>The agent would not, or could not be asked.</summary>
internal sealed class AgentException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>An ssh-agent, which keeps private keys and signs with them.</summary>
/// <remarks>
/// Protocol: draft-ietf-sshm-ssh-agent. It is asked over a connection of its own each time: one that waits for a person's touch is ended by closing
/// it, and no answer is ever left over for the next question.
/// </remarks>
/// <param name="address">Its socket, or its named pipe on Windows.</param>
internal sealed class Agent(string address)
{
    private const byte RequestIdentities = 11;
    private const byte IdentitiesAnswer = 12;
    private const byte SignRequest = 13;
    private const byte SignResponse = 14;
    private const uint RsaSha256 = 2;
    private const uint RsaSha512 = 4;
    private const int MaxAnswer = 256 * 1024;

    // One at a time for all connections of the process: a person touches one key at a time, and a smart card does one thing at a time.
    private static readonly SemaphoreSlim Signing = new(1, 1);

    internal string Address => address;

    /// <summary>Its keys and certificates, in its order.</summary>
    /// <exception cref="AgentException">It can't be asked.</exception>
    internal async Task<IReadOnlyList<PublicKey>> ListAsync(CancellationToken cancellationToken)
    {
        var answer = await AskAsync([RequestIdentities], cancellationToken);
        return Read(answer, IdentitiesAnswer, static (ref WireReader reader) =>
        {
            var keys = new List<PublicKey>();
            for (var count = reader.ReadUInt32(); count > 0; count--)
            {
                var blob = reader.ReadBytes().ToArray();
                keys.Add(new PublicKey(KnownHosts.TypeOf(blob), blob, reader.ReadText()));
            }

            return keys;
        });
    }

    /// <summary>Signs, when it is this one's turn.</summary>
    /// <param name="key">The key or certificate as the agent listed it.</param>
    /// <param name="algorithm">The signature's algorithm.</param>
    /// <param name="data">What to sign.</param>
    /// <param name="onTurn">Called when nobody else is being signed for.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <returns>The signature in wire format.</returns>
    /// <exception cref="AgentException">It refused, or can't be asked.</exception>
    internal async Task<byte[]> SignAsync(byte[] key, string algorithm, byte[] data, Action onTurn, CancellationToken cancellationToken)
    {
        var flags = algorithm.StartsWith("rsa-sha2-512", StringComparison.Ordinal) ? RsaSha512
            : algorithm.StartsWith("rsa-sha2-256", StringComparison.Ordinal) ? RsaSha256
            : 0;
        byte[] request = [SignRequest, .. Field(key), .. Field(data), .. Number(flags)];
        await Signing.WaitAsync(cancellationToken);
        try
        {
            onTurn();
            return Read(await AskAsync(request, cancellationToken), SignResponse, static (ref WireReader reader) => reader.ReadBytes().ToArray());
        }
        finally
        {
            Signing.Release();
        }
    }

    private delegate T Reading<T>(ref WireReader reader);

    private static T Read<T>(byte[] answer, byte expected, Reading<T> read)
    {
        try
        {
            var reader = new WireReader(answer);
            return reader.ReadByte() == expected ? read(ref reader) : throw new AgentException("the agent refused");
        }
        catch (InvalidDataException e)
        {
            throw new AgentException("the agent's answer can't be understood", e);
        }
    }

    private static byte[] Field(byte[] bytes) => [.. Number((uint)bytes.Length), .. bytes];

    private static byte[] Number(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }

    private async Task<byte[]> AskAsync(byte[] request, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await OpenAsync(cancellationToken);
            await stream.WriteAsync(Field(request), cancellationToken);
            await stream.FlushAsync(cancellationToken);
            var length = new byte[4];
            await stream.ReadExactlyAsync(length, cancellationToken);
            var answer = BinaryPrimitives.ReadUInt32BigEndian(length) is var count and <= MaxAnswer ? new byte[count] : throw new AgentException("the agent's answer is too long");
            await stream.ReadExactlyAsync(answer, cancellationToken);
            return answer;
        }
        catch (Exception e) when (e is SocketException or IOException or TimeoutException or UnauthorizedAccessException)
        {
            throw new AgentException($"the agent can't be asked: {e.Message}", e);
        }
    }

    private async Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        const string Pipes = @"\\.\pipe\";
        if (OperatingSystem.IsWindows() && address.Replace('/', '\\').StartsWith(Pipes, StringComparison.OrdinalIgnoreCase))
        {
            var pipe = new NamedPipeClientStream(".", address[Pipes.Length..], PipeDirection.InOut, PipeOptions.Asynchronous);
            await pipe.ConnectAsync(1000, cancellationToken);
            return pipe;
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(address), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
