namespace Ganeti;

/// <summary>How an export fared in a virtual machine that was made for it alone and thrown away.</summary>
public sealed class GntExportTest
{
    /// <summary>The export, or the file or folder.</summary>
    public string? Name { get; set; }

    /// <summary>The node that it was tried on; null for this machine.</summary>
    public string? Node { get; set; }

    /// <summary>Derived: whether the machine still ran at the end, and nothing on its screen or serial console says that it can't go on. What more it is, the screen tells.</summary>
    public bool IsBooting { get; set; }

    /// <summary>What speaks against it, or null.</summary>
    public string? Obstacle { get; set; }

    /// <summary>The lines of the screen; null when it shows graphics, see <see cref="ScreenPath"/>.</summary>
    public string[]? Screen { get; set; }

    /// <summary>The last lines of the first serial console.</summary>
    public string[]? Serial { get; set; }

    /// <summary>The picture of the screen, where one was asked for.</summary>
    public string? ScreenPath { get; set; }

    /// <summary>How long it ran.</summary>
    public TimeSpan Duration { get; set; }

    /// <summary>What is on the disks that usually breaks on another machine. File systems of Linux (ext2 to ext4) on partitions are looked into; LVM and others are not.</summary>
    public GntExportFinding[] Findings { get; set; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {(IsBooting ? "boots" : Obstacle)}";
}

/// <summary>Something on a disk that usually breaks on another machine.</summary>
public sealed class GntExportFinding
{
    /// <summary>What it is.</summary>
    public GntExportFindingKind Kind { get; set; }

    /// <summary>The disk, from 0.</summary>
    public int Disk { get; set; }

    /// <summary>Where its file system begins on that disk, bytes.</summary>
    public long Offset { get; set; }

    /// <summary>The file.</summary>
    public string? File { get; set; }

    /// <summary>Its line.</summary>
    public string? Line { get; set; }

    /// <summary>What to do about it.</summary>
    public string? RecommendedAction { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{File}: {Line}";
}

/// <summary>What usually breaks on another machine.</summary>
public enum GntExportFindingKind
{
    /// <summary>Something else.</summary>
    Unrecognized = 0,

    /// <summary>A disk is named by the driver that it had, such as <c>/dev/vda1</c>.</summary>
    DiskName = 1,

    /// <summary>A network card is remembered by its address.</summary>
    RememberedCard = 2,
}
