using System.Buffers;

namespace Ganeti.Ssh;

/// <summary>Keeps all that a program prints.</summary>
internal sealed class Collector : IChannelSink
{
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly ArrayBufferWriter<byte> _error = new();

    internal ReadOnlyMemory<byte> Output => _output.WrittenMemory;

    internal ReadOnlyMemory<byte> Error => _error.WrittenMemory;

    public void OnOutput(ReadOnlySpan<byte> data) => _output.Write(data);

    public void OnError(ReadOnlySpan<byte> data) => _error.Write(data);

    public void OnEnd()
    {
    }
}
