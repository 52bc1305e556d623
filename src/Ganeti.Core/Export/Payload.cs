using System.Buffers.Binary;

namespace Ganeti;

/// <summary>Tells what bytes are by those that every thing of a kind begins with.</summary>
/// <remarks>
/// The places and values are those of file(1)'s magic: the ext superblock at 1024 (magic 0xEF53 at 0x38 in it), dump's header
/// (<c>NFS_MAGIC</c> 60012 at 24, of <c>protocols/dumprestore.h</c>), GPT's header in the second sector, the boot signature 55 AA at 510.
/// </remarks>
internal static class Payload
{
    /// <summary>How much of the beginning is looked at.</summary>
    internal const int HeadLength = 4096;

    private const int ExtSuperblock = 1024;

    private static readonly (GntPayloadKind Kind, int Offset, byte[] Magic, string Text)[] Marks =
    [
        (GntPayloadKind.Gzip, 0, [0x1f, 0x8b], "gzip"),
        (GntPayloadKind.Xz, 0, [0xfd, .. "7zXZ\0"u8], "xz"),
        (GntPayloadKind.Zstd, 0, [0x28, 0xb5, 0x2f, 0xfd], "zstd"),
        (GntPayloadKind.Lzop, 0, [0x89, .. "LZO\0\r\n"u8, 0x1a], "lzop"),
        (GntPayloadKind.Bzip2, 0, [.. "BZh"u8], "bzip2"),
        (GntPayloadKind.Lz4, 0, [0x04, 0x22, 0x4d, 0x18], "lz4"),
        (GntPayloadKind.Qcow2, 0, [.. "QFI"u8, 0xfb], "qcow2 image"),
        (GntPayloadKind.Vmdk, 0, [.. "KDMV"u8], "VMDK image"),
        (GntPayloadKind.Dump, 24, [0x6c, 0xea, 0, 0], "ext dump"),
        (GntPayloadKind.Dump, 24, [0, 0, 0xea, 0x6c], "ext dump"),
        (GntPayloadKind.Tar, 257, [.. "ustar"u8], "tar archive"),
        (GntPayloadKind.Cpio, 0, [.. "07070"u8], "cpio archive"),
        (GntPayloadKind.FileSystem, 0, [.. "XFSB"u8], "xfs file system"),
        (GntPayloadKind.FileSystem, 0, [.. "hsqs"u8], "squashfs file system"),
        (GntPayloadKind.FileSystem, 3, [.. "NTFS    "u8], "NTFS file system"),
        (GntPayloadKind.FileSystem, 54, [.. "FAT1"u8], "FAT file system"),
        (GntPayloadKind.FileSystem, 82, [.. "FAT32"u8], "FAT file system"),
        (GntPayloadKind.Volume, 0, [.. "LUKS"u8, 0xba, 0xbe], "LUKS volume"),
        (GntPayloadKind.Volume, 512, [.. "LABELONE"u8], "LVM physical volume"),
        (GntPayloadKind.Volume, 4086, [.. "SWAPSPACE2"u8], "swap space"),
        (GntPayloadKind.Gpt, 512, [.. "EFI PART"u8], "disk with GPT"),
    ];

    /// <summary>What bytes are.</summary>
    /// <param name="head">The first <see cref="HeadLength"/> bytes, or fewer when there are no more.</param>
    /// <param name="at32769">Five bytes from there, where an ISO image has its mark.</param>
    /// <param name="at65600">Eight bytes from there, where btrfs has its mark.</param>
    internal static (GntPayloadKind Kind, string Text) Detect(ReadOnlySpan<byte> head, ReadOnlySpan<byte> at32769 = default, ReadOnlySpan<byte> at65600 = default)
    {
        if (head.IsEmpty)
        {
            return (GntPayloadKind.Empty, "empty");
        }

        foreach (var (kind, offset, magic, text) in Marks)
        {
            if (Has(head, offset, magic))
            {
                return (kind, text);
            }
        }

        if (Has(head, ExtSuperblock + 0x38, [0x53, 0xef]))
        {
            return (GntPayloadKind.FileSystem, $"{ExtVersion(head)} file system");
        }

        return at65600.SequenceEqual("_BHRfS_M"u8) ? (GntPayloadKind.FileSystem, "btrfs file system")
            : at32769.SequenceEqual("CD001"u8) ? (GntPayloadKind.FileSystem, "ISO 9660 file system")
            : Has(head, 510, [0x55, 0xaa]) ? (GntPayloadKind.Mbr, "disk with MBR")
            : (GntPayloadKind.Unrecognized, head.ContainsAnyExcept((byte)0) ? "unknown" : "unknown, zeros at first");
    }

    private static bool Has(ReadOnlySpan<byte> head, int offset, ReadOnlySpan<byte> magic) =>
        head.Length >= offset + magic.Length && head.Slice(offset, magic.Length).SequenceEqual(magic);

    // By its features: has_journal is ext3's, extents are ext4's.
    private static string ExtVersion(ReadOnlySpan<byte> head)
    {
        const uint HasJournal = 0x4;
        const uint Extents = 0x40;
        return (BinaryPrimitives.ReadUInt32LittleEndian(head[(ExtSuperblock + 0x60)..]) & Extents) != 0 ? "ext4"
            : (BinaryPrimitives.ReadUInt32LittleEndian(head[(ExtSuperblock + 0x5c)..]) & HasJournal) != 0 ? "ext3"
            : "ext2";
    }
}
