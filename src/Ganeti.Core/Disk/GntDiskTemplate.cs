namespace Ganeti;

/// <summary>How a guest's disks are stored, spelled as Ganeti prints it.</summary>
/// <remarks>The words are Ganeti's <c>DT_*</c> constants.</remarks>
public enum GntDiskTemplate
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>No disks.</summary>
    diskless = 1,

    /// <summary>Files on the node.</summary>
    file = 2,

    /// <summary>Files on storage that all nodes share.</summary>
    sharedfile = 3,

    /// <summary>Logical volumes on the node.</summary>
    plain = 4,

    /// <summary>Block devices that all nodes share.</summary>
    blockdev = 5,

    /// <summary>Logical volumes mirrored between two nodes.</summary>
    drbd = 6,

    /// <summary>Ceph block devices.</summary>
    rbd = 7,

    /// <summary>External storage through a provider's scripts.</summary>
    ext = 8,

    /// <summary>Files on Gluster.</summary>
    gluster = 9,
}

internal static class GntDiskTemplates
{
    /// <summary>Ganeti's <c>DTS_MIRRORED</c>: mirrored by Ganeti itself, or by what is outside of it.</summary>
    internal static bool IsReachableFromAnotherNode(this GntDiskTemplate template) => template
        is GntDiskTemplate.drbd or GntDiskTemplate.diskless or GntDiskTemplate.blockdev or GntDiskTemplate.ext
        or GntDiskTemplate.sharedfile or GntDiskTemplate.rbd or GntDiskTemplate.gluster;
}
