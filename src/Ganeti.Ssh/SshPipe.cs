using Ganeti.Remote;

namespace Ganeti.Ssh;

/// <summary>The standard input and output of a running remote program.</summary>
internal sealed class SshPipe : IRemotePipe, IChannelSink
{
    private readonly RemoteEndpoint _endpoint;
    private readonly RemoteCommand _command;
    private readonly ByteQueue _output = new();
    private readonly ErrorTail _error = new();
    private RunningProgram? _program;

    internal SshPipe(RemoteEndpoint endpoint, RemoteCommand command)
    {
        _endpoint = endpoint;
        _command = command;
    }

    public string ErrorText => _error.ToString();

    public int? ExitStatus => Channel.Closed.IsCompleted ? Channel.ExitStatus : null;

    private SshChannel Channel => _program!.Channel;

    public async Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        try
        {
            await Channel.WriteAsync(data, cancellationToken);
        }
        catch (IOException)
        {
            await ThrowIfLostAsync();
            throw Errors.PipeEnded(_endpoint, _command, Channel.ExitStatus, ErrorText);
        }
    }

    public async Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var length = await _output.ReadAsync(buffer, cancellationToken);
        if (length == 0 && !buffer.IsEmpty)
        {
            // A program that closed its output is about to end; its exit status comes with the channel's end.
            await ThrowIfLostAsync().WaitAsync(cancellationToken);
        }

        return length;
    }

    public ValueTask DisposeAsync()
    {
        _output.Complete();
        _program!.Leave();
        return ValueTask.CompletedTask;
    }

    void IChannelSink.OnOutput(ReadOnlySpan<byte> data) => _output.Write(data);

    void IChannelSink.OnError(ReadOnlySpan<byte> data) => _error.Add(data);

    void IChannelSink.OnEnd() => _output.Complete();

    internal void Attach(RunningProgram program) => _program = program;

    private async Task ThrowIfLostAsync()
    {
        try
        {
            await Channel.Closed;
        }
        catch (ConnectionEndedException e)
        {
            throw Errors.LostWhileRunning(_endpoint, _command, e);
        }
    }
}
