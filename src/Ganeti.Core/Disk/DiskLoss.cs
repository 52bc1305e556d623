using System.Globalization;

namespace Ganeti;

/// <summary>A disk of a guest that has lost its volumes on a node, or is about to.</summary>
internal sealed record DiskLoss
{
    /// <summary>The guest.</summary>
    internal required GntInstance Guest { get; init; }

    /// <summary>Its place among the guest's disks.</summary>
    internal required int Index { get; init; }

    /// <summary>Whether there is another side of it.</summary>
    internal required bool IsMirrored { get; init; }

    /// <summary>The volume groups that its lost volumes are of.</summary>
    internal IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Whether it is lost already, and not only with the disk that is meant.</summary>
    internal bool IsGone { get; init; }

    /// <summary>Why no good copy of it elsewhere is known; null when there is one.</summary>
    internal string? WhyNoOther => !IsMirrored ? "it has no mirror" : DrbdWords.WhyNoOther(Minor, Side);

    /// <summary>Whether the guest's primary node is the one that has lost it.</summary>
    internal required bool IsOnPrimary { get; init; }

    /// <summary>What a new side takes in the volume group, bytes.</summary>
    internal long Size { get; init; }

    /// <summary>The minor number of the side on this node.</summary>
    internal long? Minor { get; init; }

    /// <summary>The side on this node; null while it is down.</summary>
    internal DrbdDevice? Side { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Guest.Name}, disk {Index}");
}
