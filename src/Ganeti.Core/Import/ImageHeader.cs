using System.Buffers.Binary;

namespace Ganeti;

/// <summary>What an image is, by its first and last bytes: nobody else guesses, and what would have other files opened is refused before any program opens it.</summary>
/// <remarks>
/// The layouts are those of qemu's docs/interop/qcow2.txt, of block/vmdk.c, vdi.c, vpc.c, vhdx.c, qed.h, parallels.c. A guest that may write its own raw disk could make it look like
/// an image with a backing file: a disk that is given as raw is never looked into.
/// </remarks>
/// <param name="Format">The format.</param>
/// <param name="VirtualSize">The disk's size, where the header has it plainly.</param>
/// <param name="Refusal">Why it must not be opened, or null.</param>
/// <param name="Kind">What is on a raw image.</param>
/// <param name="KindText">That in words.</param>
internal sealed record ImageHeader(GntImageFormat Format, long? VirtualSize, string? Refusal = null, GntPayloadKind Kind = GntPayloadKind.Unrecognized, string? KindText = null)
{
    /// <summary>How much of the beginning is looked at.</summary>
    internal const int HeadLength = 4096;

    /// <summary>How much of the end is looked at.</summary>
    internal const int TailLength = 512;

    private const ulong DirtyOrCorrupt = 0b11;
    private const ulong ExternalDataFile = 0b100;

    /// <summary>Tells what an image is.</summary>
    /// <param name="head">Its first bytes.</param>
    /// <param name="tail">Its last ones.</param>
    /// <param name="length">Its length.</param>
    internal static ImageHeader Read(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, long length)
    {
        if (Begins(head, [.. "QFI"u8, 0xfb]) && head.Length >= 112)
        {
            return Qcow(head);
        }

        if (Begins(head, "KDMV"u8) && head.Length >= 20)
        {
            var sectors = BinaryPrimitives.ReadInt64LittleEndian(head[12..]);
            return new ImageHeader(GntImageFormat.vmdk, Sectors(sectors), sectors == 0 ? "its header is of a description that names other files" : null);
        }

        if (Begins(head, "COWD"u8))
        {
            return new ImageHeader(GntImageFormat.vmdk, null);
        }

        if (Begins(head, "# Disk DescriptorFile"u8))
        {
            return new ImageHeader(GntImageFormat.vmdk, null, "it is a description that names other files, which have the data");
        }

        if (head.Length >= 0x178 && BinaryPrimitives.ReadUInt32LittleEndian(head[0x40..]) == 0xbeda107f)
        {
            return new ImageHeader(GntImageFormat.vdi, Positive(BinaryPrimitives.ReadInt64LittleEndian(head[0x170..])));
        }

        if (Begins(head, "vhdxfile"u8))
        {
            return new ImageHeader(GntImageFormat.vhdx, null);
        }

        if (Begins(head, "conectix"u8))
        {
            return Vpc(head);
        }

        if (Begins(tail, "conectix"u8))
        {
            return Vpc(tail);
        }

        if (Begins(head, "QED\0"u8) && head.Length >= 0x38)
        {
            var backing = (BinaryPrimitives.ReadUInt64LittleEndian(head[0x10..]) & 1) != 0;
            return new ImageHeader(GntImageFormat.qed, Positive(BinaryPrimitives.ReadInt64LittleEndian(head[0x30..])), backing ? "it has a backing file" : null);
        }

        return Begins(head, "WithoutFreeSpace"u8) || Begins(head, "WithouFreSpacExt"u8) ? new ImageHeader(GntImageFormat.parallels, null) : Raw(head, length);
    }

    /// <summary>The image as a raw one, whatever it looks like.</summary>
    internal static ImageHeader Raw(ReadOnlySpan<byte> head, long length)
    {
        var (kind, text) = Payload.Detect(head);
        var packed = kind is GntPayloadKind.Gzip or GntPayloadKind.Xz or GntPayloadKind.Zstd or GntPayloadKind.Lzop or GntPayloadKind.Bzip2 or GntPayloadKind.Lz4;
        return new ImageHeader(GntImageFormat.raw, RoundedUp(length, 512), packed ? $"it is compressed ({text})" : kind == GntPayloadKind.Tar ? "it is a tar archive, such as an OVA" : null, kind, text);
    }

    internal static long RoundedUp(long size, long unit) => (size + unit - 1) / unit * unit;

    private static ImageHeader Qcow(ReadOnlySpan<byte> head)
    {
        var version = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        var size = Positive(BinaryPrimitives.ReadInt64BigEndian(head[24..]));
        var refusal = BinaryPrimitives.ReadUInt64BigEndian(head[8..]) != 0 ? "it has a backing file" : null;
        if (version == 1)
        {
            return new ImageHeader(GntImageFormat.qcow, size, refusal);
        }

        var features = version >= 3 ? BinaryPrimitives.ReadUInt64BigEndian(head[72..]) : 0;
        return new ImageHeader(GntImageFormat.qcow2, size, refusal
            ?? ((features & ExternalDataFile) != 0 ? "its data is in another file"
            : BinaryPrimitives.ReadUInt32BigEndian(head[32..]) != 0 ? "it is encrypted"
            : (features & DirtyOrCorrupt) != 0 ? "it was not closed properly, or is corrupt (qemu-img check -r all)" : null));
    }

    private static ImageHeader Vpc(ReadOnlySpan<byte> footer)
    {
        const uint Differencing = 4;
        return footer.Length < 64 ? new ImageHeader(GntImageFormat.vpc, null) : new ImageHeader(
            GntImageFormat.vpc,
            Positive(BinaryPrimitives.ReadInt64BigEndian(footer[48..])),
            BinaryPrimitives.ReadUInt32BigEndian(footer[60..]) == Differencing ? "it has a backing file" : null);
    }

    private static bool Begins(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> magic) => bytes.StartsWith(magic);

    private static long? Positive(long size) => size > 0 ? size : null;

    private static long? Sectors(long sectors) => sectors is > 0 and < long.MaxValue / 512 ? sectors * 512 : null;
}
