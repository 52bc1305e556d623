namespace Ganeti;

/// <summary>How an image has a disk's content, by the names of <c>qemu-img</c>.</summary>
public enum GntImageFormat
{
    /// <summary>None that is known.</summary>
    Unrecognized = 0,

    /// <summary>The content itself.</summary>
    raw = 1,

    /// <summary>QEMU's own, versions 2 and 3.</summary>
    qcow2 = 2,

    /// <summary>QEMU's own, version 1.</summary>
    qcow = 3,

    /// <summary>QEMU's enhanced disk.</summary>
    qed = 4,

    /// <summary>VirtualBox.</summary>
    vdi = 5,

    /// <summary>VMware.</summary>
    vmdk = 6,

    /// <summary>Virtual PC, Hyper-V until 2008 (<c>.vhd</c>).</summary>
    vpc = 7,

    /// <summary>Hyper-V.</summary>
    vhdx = 8,

    /// <summary>Parallels.</summary>
    parallels = 9,
}
