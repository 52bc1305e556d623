using System.Buffers.Binary;
using System.Text;

namespace Ganeti.Ssh;

/// <summary>Reads the fields that SSH's messages and keys are made of (RFC 4251, 5).</summary>
/// <exception cref="InvalidDataException">From each method: the bytes end before the field does.</exception>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    internal byte ReadByte() => Take(1)[0];

    internal uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    internal ReadOnlySpan<byte> ReadBytes() => ReadUInt32() is var length && length <= int.MaxValue ? Take((int)length) : throw new InvalidDataException("A field is too long.");

    internal string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            throw new InvalidDataException("The data ends too early.");
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
