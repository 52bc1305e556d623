using Ganeti.Luxi;

namespace Ganeti;

/// <summary>An export of a guest on a node, as <c>gnt-backup list</c> names it and as its own files describe it. Sizes are bytes.</summary>
public sealed class GntExport : GntObject
{
    /// <summary>Its name: that of the guest when it was exported. One that ends in <c>.new</c> is being written or was left behind.</summary>
    [LuxiField("export")]
    public string? Name { get; set; }

    /// <summary>The node that has it.</summary>
    [LuxiField("node")]
    public string? Node { get; set; }

    /// <summary>Its folder on that node; null when the node was not asked, as all that follows.</summary>
    public string? Path { get; set; }

    /// <summary>When it was finished, by that node's clock.</summary>
    public DateTimeOffset? Created { get; set; }

    /// <summary>What its dumps take in all.</summary>
    public long? Size { get; set; }

    /// <summary>The guest's disks, in order, and their dumps.</summary>
    public GntExportDisk[]? Disks { get; set; }

    /// <summary>The guest's network cards, in order.</summary>
    public GntExportNic[]? Nics { get; set; }

    /// <summary>The node that the guest ran on.</summary>
    public string? SourceNode { get; set; }

    /// <summary>The guest's OS definition, with its variant. Its scripts wrote the dumps, and are to read them.</summary>
    public string? OS { get; set; }

    /// <summary>The guest's hypervisor.</summary>
    public string? Hypervisor { get; set; }

    /// <summary>How the guest's disks were stored; of a running guest, how the snapshots of them were.</summary>
    public GntDiskTemplate? DiskTemplate { get; set; }

    /// <summary>The disk template as Ganeti wrote it.</summary>
    public string? DiskTemplateText { get; set; }

    /// <summary>The guest's memory at most.</summary>
    public long? Memory { get; set; }

    /// <summary>The guest's memory at least.</summary>
    public long? MinimumMemory { get; set; }

    /// <summary>The guest's virtual processors.</summary>
    public int? VCpu { get; set; }

    /// <summary>The guest's tags.</summary>
    public string[]? Tags { get; set; }

    /// <summary>Hypervisor parameters set on the guest itself.</summary>
    public GntParameters? HypervisorParameters { get; set; }

    /// <summary>Backend parameters set on the guest itself.</summary>
    public GntParameters? BackendParameters { get; set; }

    /// <summary>OS parameters set on the guest itself; private ones are never part of it, though the export has them.</summary>
    public GntParameters? OSParameters { get; set; }

    /// <summary>Derived: whether it is whole: its description and all dumps that this names are there; null when the node was not asked.</summary>
    public bool? IsComplete => Path is null ? null : Disks is not null && Array.TrueForAll(Disks, disk => disk.DumpSize is not null);

    /// <summary>Derived: node and name, as <c>h1.example.com/vm1.example.com</c>.</summary>
    public string Id => $"{Node}/{Name}";

    internal override string? Key => Name is null ? null : Id;

    /// <summary>What its disks need when it is imported.</summary>
    internal long DiskSize => Disks?.Sum(disk => disk.Size ?? 0) ?? 0;
}

/// <summary>A disk of an exported guest and its dump.</summary>
public sealed class GntExportDisk
{
    /// <summary>Its place among the guest's disks, from 0.</summary>
    public int? Index { get; set; }

    /// <summary>The name that it was given, or null.</summary>
    public string? Name { get; set; }

    /// <summary>The disk's size.</summary>
    public long? Size { get; set; }

    /// <summary>The dump's file name in the export's folder.</summary>
    public string? FileName { get; set; }

    /// <summary>The dump's length, or null when there is no such file.</summary>
    public long? DumpSize { get; set; }

    /// <summary>What the dump is, by its first bytes: that is up to the scripts of the guest's OS definition.</summary>
    public GntPayloadKind? Kind { get; set; }

    /// <summary>The kind in words, and for a compressed dump what is in it.</summary>
    public string? KindText { get; set; }

    /// <summary>For a compressed dump, what is in it.</summary>
    public GntPayloadKind? InnerKind { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{FileName} ({KindText ?? "absent"})";
}

/// <summary>A network card of an exported guest.</summary>
public sealed class GntExportNic
{
    /// <summary>Its place among the guest's cards, from 0.</summary>
    public int? Index { get; set; }

    /// <summary>The name that it was given, or null.</summary>
    public string? Name { get; set; }

    /// <summary>The MAC address.</summary>
    public string? Mac { get; set; }

    /// <summary>The IP address, or null.</summary>
    public string? IPAddress { get; set; }

    /// <summary>How it was connected, where that was set on the card itself.</summary>
    public GntNicMode? Mode { get; set; }

    /// <summary>The mode as Ganeti wrote it.</summary>
    public string? ModeText { get; set; }

    /// <summary>What it was connected to, where that was set on the card itself.</summary>
    public string? Link { get; set; }

    /// <summary>The VLAN tag, where that was set on the card itself.</summary>
    public string? Vlan { get; set; }

    /// <summary>The UUID of the Ganeti network that it was in, or null.</summary>
    public string? NetworkUuid { get; set; }

    /// <inheritdoc/>
    public override string ToString() => Mac ?? string.Empty;
}
