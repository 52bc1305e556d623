using System.Text;

namespace Ganeti.Ssh;

/// <summary>The last 64 KiB that a program printed on standard error.</summary>
internal sealed class ErrorTail
{
    private const int Kept = 64 * 1024;

    private readonly object _gate = new();
    private readonly byte[] _bytes = new byte[2 * Kept];
    private int _count;

    internal void Add(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            data = data[Math.Max(0, data.Length - Kept)..];
            if (_count + data.Length > _bytes.Length)
            {
                var rest = Kept - data.Length;
                _bytes.AsSpan(_count - rest, rest).CopyTo(_bytes);
                _count = rest;
            }

            data.CopyTo(_bytes.AsSpan(_count));
            _count += data.Length;
        }
    }

    public override string ToString()
    {
        lock (_gate)
        {
            var length = Math.Min(_count, Kept);
            return Encoding.UTF8.GetString(_bytes, _count - length, length);
        }
    }
}
