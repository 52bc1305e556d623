namespace Ganeti;

/// <summary>What the dump of a disk is, by its first bytes.</summary>
public enum GntPayloadKind
{
    /// <summary>Nothing that is known; it may be a raw disk without a partition table.</summary>
    Unrecognized = 0,

    /// <summary>No byte at all, as from an OS definition whose export script does nothing.</summary>
    Empty = 1,

    /// <summary>A raw disk with an MBR partition table or boot sector.</summary>
    Mbr = 2,

    /// <summary>A raw disk with a GPT partition table.</summary>
    Gpt = 3,

    /// <summary>A raw file system.</summary>
    FileSystem = 4,

    /// <summary>A raw disk in the hands of a layer between: LVM, LUKS, swap.</summary>
    Volume = 5,

    /// <summary>A dump of an ext file system (dump(8)).</summary>
    Dump = 6,

    /// <summary>A tar archive.</summary>
    Tar = 7,

    /// <summary>A cpio archive.</summary>
    Cpio = 8,

    /// <summary>A qcow2 image.</summary>
    Qcow2 = 9,

    /// <summary>A VMDK image.</summary>
    Vmdk = 10,

    /// <summary>Compressed by gzip.</summary>
    Gzip = 11,

    /// <summary>Compressed by xz.</summary>
    Xz = 12,

    /// <summary>Compressed by zstd.</summary>
    Zstd = 13,

    /// <summary>Compressed by lzop.</summary>
    Lzop = 14,

    /// <summary>Compressed by bzip2.</summary>
    Bzip2 = 15,

    /// <summary>Compressed by lz4.</summary>
    Lz4 = 16,
}
