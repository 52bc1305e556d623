using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Ganeti.Tests.Ssh;

/// <summary>
/// A FIDO key in an agent, made of software: what a machine without one can have. That its signatures are good, the real sshd says.
/// </summary>
/// <remarks>Formats: OpenSSH's PROTOCOL.u2f.</remarks>
internal sealed class SecurityKey : IDisposable
{
    private const string Type = "sk-ecdsa-sha2-nistp256@openssh.com";
    private const string Application = "ssh:";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _folder = Directory.CreateTempSubdirectory("gnt-fido-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly TaskCompletionSource _touched = new();
    private int _waiting;
    private int _most;

    public SecurityKey()
    {
        Socket = Path.Combine(_folder, "agent");
        _listener.Bind(new UnixDomainSocketEndPoint(Socket));
        _listener.Listen();
        _ = ServeAsync();
    }

    public string Socket { get; }

    public string PublicLine => $"{Type} {Convert.ToBase64String(Blob)}";

    /// <summary>How many have waited for a touch at the same time, at most.</summary>
    public int MostWaiting => _most;

    public int Waiting => _waiting;

    private byte[] Blob
    {
        get
        {
            var point = _key.ExportParameters(false).Q;
            return [.. Field(Type), .. Field("nistp256"), .. Field([4, .. point.X!, .. point.Y!]), .. Field(Application)];
        }
    }

    public void Touch() => _touched.TrySetResult();

    public void Dispose()
    {
        _listener.Dispose();
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static byte[] Field(string text) => Field(Encoding.ASCII.GetBytes(text));

    private static byte[] Field(byte[] bytes) => [.. Number(bytes.Length), .. bytes];

    private static byte[] Number(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] Integer(byte[] bytes)
    {
        var trimmed = bytes.AsSpan().TrimStart((byte)0).ToArray();
        return Field(trimmed.Length > 0 && trimmed[0] >= 0x80 ? [0, .. trimmed] : trimmed);
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await _listener.AcceptAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            var length = new byte[4];
            await stream.ReadExactlyAsync(length);
            var request = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            await stream.ReadExactlyAsync(request);
            byte[] answer = request[0] == 11 ? [12, .. Number(1), .. Field(Blob), .. Field("my token")] : [14, .. Field(await SignAsync(request))];
            await stream.WriteAsync(Field(answer));
        }
        catch (IOException)
        {
            // Whoever asked has given up.
        }
    }

    private async Task<byte[]> SignAsync(byte[] request)
    {
        var skip = 5 + BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(1));
        var data = request.AsSpan(skip + 4, BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(skip))).ToArray();
        _most = Math.Max(_most, Interlocked.Increment(ref _waiting));
        await _touched.Task;
        await Task.Delay(50);
        Interlocked.Decrement(ref _waiting);

        byte[] presence = [1, .. Number(7)];
        byte[] signed = [.. SHA256.HashData(Encoding.ASCII.GetBytes(Application)), .. presence, .. SHA256.HashData(data)];
        var signature = _key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return [.. Field(Type), .. Field([.. Integer(signature[..32]), .. Integer(signature[32..])]), .. presence];
    }
}
