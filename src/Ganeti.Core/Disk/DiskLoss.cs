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

    /// <summary>Whether the guest's primary node is the one that has lost it.</summary>
    internal required bool IsOnPrimary { get; init; }

    /// <summary>What a new side takes in the volume group, bytes.</summary>
    internal long Size { get; init; }

    /// <summary>The side on this node; null while it is down.</summary>
    internal DrbdDevice? Side { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Guest.Name}, disk {Index}");
}
