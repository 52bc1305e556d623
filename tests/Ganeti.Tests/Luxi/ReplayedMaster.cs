using System.Text;
using Ganeti.Luxi;
using Ganeti.Remote;

namespace Ganeti.Tests.Luxi;

/// <summary>
/// A byte pipe that answers each request with given bytes: replies of a real master, recorded, or what no real one would send. Ganeti itself is
/// in the cluster tests.
/// </summary>
internal sealed class ReplayedMaster(Func<GntParameters, byte[]?> answer) : IRemoteHost, IRemoteTransport
{
    private const byte EndOfMessage = 3;

    public List<string> Requests { get; } = [];

    public int Pipes { get; private set; }

    /// <summary>How many bytes arrive at once.</summary>
    public int ChunkSize { get; init; } = int.MaxValue;

    /// <summary>What socat has said when the pipe ended.</summary>
    public string ErrorText { get; init; } = string.Empty;

    public string Name => "h1";

    public RemoteEndpoint Endpoint { get; } = new() { Host = "h1" };

    public bool IsConnected => true;

    /// <summary>Answers queries from a recorded one of all fields: the columns asked for, in the order asked for.</summary>
    public static ReplayedMaster Of(params GntParameters[] recorded) => new(request =>
    {
        var kind = LuxiFixture.Items(request["args"])[0];
        var fields = LuxiFixture.Items(LuxiFixture.Items(request["args"])[1]).Cast<string>().ToArray();
        var rows = recorded.SelectMany(LuxiFixture.Rows).Select(row => fields.Select(object (field) => row.GetValueOrDefault(field) ?? [1L, null]).ToArray());
        Assert.NotNull(kind);
        return Reply(new GntParameters { ["success"] = true, ["result"] = new GntParameters { ["fields"] = Array.Empty<object>(), ["data"] = rows.ToArray() } });
    });

    public static ReplayedMaster Saying(string reply) => new(_ => Encoding.UTF8.GetBytes(reply + "\u0003"));

    public static byte[] Reply(object? value) => [.. LuxiJson.Write(writer => LuxiJson.WriteValue(writer, value)), EndOfMessage];

    public LuxiClient Client() => new(this);

    public GntConnection Connection() => new(this, this, null, Client(), new ClusterIdentity("c-uuid", "gnt.lab.example"), "h1.lab.example", "3.0.2");

    public Task<RemoteResult> RunAsync(RemoteCommand command, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IRemoteHost> ConnectAsync(RemoteEndpoint endpoint, IRemoteHost? via, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<RemoteEndpoint> ResolveAsync(RemoteDestination destination, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IRemotePipe> OpenPipeAsync(RemoteCommand command, CancellationToken cancellationToken)
    {
        Pipes++;
        return Task.FromResult<IRemotePipe>(new Pipe(this));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private byte[]? AnswerTo(byte[] message)
    {
        Assert.Equal(EndOfMessage, message[^1]);
        Requests.Add(Encoding.UTF8.GetString(message.AsSpan(0, message.Length - 1)));
        using var reader = LuxiJson.Reader(message.AsMemory(0, message.Length - 1));
        reader.Read();
        return answer((GntParameters)LuxiJson.ReadValue(reader)!);
    }

    private sealed class Pipe(ReplayedMaster master) : IRemotePipe
    {
        private readonly TaskCompletionSource _ended = new();
        private readonly SemaphoreSlim _arrived = new(0);
        private readonly Queue<byte> _bytes = [];
        private bool _isAtEnd;

        public string ErrorText => master.ErrorText;

        public int? ExitStatus => null;

        public Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            lock (_bytes)
            {
                if (master.AnswerTo(data.ToArray()) is { } reply)
                {
                    Array.ForEach(reply, _bytes.Enqueue);
                }
                else
                {
                    _isAtEnd = true;
                }
            }

            _arrived.Release();
            return Task.CompletedTask;
        }

        public async Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            while (true)
            {
                lock (_bytes)
                {
                    if (_bytes.Count > 0 || _isAtEnd || _ended.Task.IsCompleted)
                    {
                        var count = Math.Min(Math.Min(buffer.Length, _bytes.Count), master.ChunkSize);
                        for (var i = 0; i < count; i++)
                        {
                            buffer.Span[i] = _bytes.Dequeue();
                        }

                        return count;
                    }
                }

                await _arrived.WaitAsync(cancellationToken);
            }
        }

        public ValueTask DisposeAsync()
        {
            _ended.TrySetResult();
            _arrived.Release();
            return ValueTask.CompletedTask;
        }
    }
}
