using System.Buffers;

namespace Ganeti.Ssh;

/// <summary>Leaves out what a login shell prints before it starts the program (an echo in .bashrc): all before the mark that the command line prints first.</summary>
/// <remarks>Where no mark comes, because a forced command runs in place of ours, everything is the program's.</remarks>
internal sealed class AfterMark(byte[] mark, IChannelSink sink) : IChannelSink
{
    private const int LongestNoise = 1024 * 1024;

    private ArrayBufferWriter<byte>? _before = new();

    public void OnOutput(ReadOnlySpan<byte> data)
    {
        if (_before is not { } before)
        {
            sink.OnOutput(data);
            return;
        }

        var start = Math.Max(0, before.WrittenCount - mark.Length + 1);
        before.Write(data);
        if (before.WrittenSpan[start..].IndexOf(mark) is var at and >= 0)
        {
            Begin(start + at + mark.Length);
        }
        else if (before.WrittenCount > LongestNoise)
        {
            Begin(0);
        }
    }

    public void OnError(ReadOnlySpan<byte> data) => sink.OnError(data);

    public void OnEnd()
    {
        Begin(0);
        sink.OnEnd();
    }

    private void Begin(int start)
    {
        if (_before is { } before)
        {
            _before = null;
            if (start < before.WrittenCount)
            {
                sink.OnOutput(before.WrittenSpan[start..]);
            }
        }
    }
}
