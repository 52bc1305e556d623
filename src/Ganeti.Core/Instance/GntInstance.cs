using Ganeti.Luxi;

namespace Ganeti;

/// <summary>A guest, as <c>gnt-instance list</c> and <c>gnt-instance info</c> show it. Sizes are bytes.</summary>
public sealed class GntInstance : GntObject
{
    /// <summary>The guest's full name.</summary>
    [LuxiField("name")]
    public string? Name { get; set; }

    /// <summary>Ganeti's UUID of it.</summary>
    [LuxiField("uuid")]
    public string? Uuid { get; set; }

    /// <summary>Wanted and actual state in one word; null when only the configuration was read.</summary>
    [LuxiField("status", Live = true, Text = nameof(StatusText))]
    public GntInstanceStatus? Status { get; set; }

    /// <summary>The state as Ganeti printed it.</summary>
    public string? StatusText { get; set; }

    /// <summary>The state that the operator wants it in.</summary>
    [LuxiField("admin_state", Text = nameof(AdminStateText))]
    public GntAdminState? AdminState { get; set; }

    /// <summary>The wanted state as Ganeti printed it.</summary>
    public string? AdminStateText { get; set; }

    /// <summary>Who last changed the wanted state: <c>admin</c> or <c>user</c> (a shutdown from inside the guest).</summary>
    [LuxiField("admin_state_source")]
    public string? AdminStateSource { get; set; }

    /// <summary>Whether its hypervisor says that it runs; null when that was not read or its node did not answer.</summary>
    [LuxiField("oper_state", Live = true)]
    public bool? IsRunning { get; set; }

    /// <summary>The node that it runs on.</summary>
    [LuxiField("pnode")]
    public string? PrimaryNode { get; set; }

    /// <summary>The nodes that hold the other side of its mirrored disks.</summary>
    [LuxiField("snodes")]
    public string[]? SecondaryNodes { get; set; }

    /// <summary>The node group of its primary node.</summary>
    public string? PrimaryGroup { get; set; }

    /// <summary>That group's UUID.</summary>
    public string? PrimaryGroupUuid { get; set; }

    /// <summary>The node groups of its secondary nodes.</summary>
    public string[]? SecondaryGroups { get; set; }

    /// <summary>Those groups' UUIDs.</summary>
    public string[]? SecondaryGroupUuids { get; set; }

    /// <summary>Memory it is given at most (<c>maxmem</c>), bytes.</summary>
    [LuxiField("be/maxmem", Unit = LuxiUnit.Mebibytes)]
    public long? Memory { get; set; }

    /// <summary>Memory it can be shrunk to by ballooning (<c>minmem</c>), bytes.</summary>
    [LuxiField("be/minmem", Unit = LuxiUnit.Mebibytes)]
    public long? MinimumMemory { get; set; }

    /// <summary>Memory that its hypervisor gives it now, bytes.</summary>
    [LuxiField("oper_ram", Live = true, Unit = LuxiUnit.Mebibytes)]
    public long? MemoryInUse { get; set; }

    /// <summary>Virtual processors configured.</summary>
    [LuxiField("be/vcpus")]
    public int? VCpu { get; set; }

    /// <summary>Virtual processors that its hypervisor gives it now.</summary>
    [LuxiField("oper_vcpus", Live = true)]
    public int? VCpuInUse { get; set; }

    /// <summary>Whether the balancer counts and moves it.</summary>
    [LuxiField("be/auto_balance")]
    public bool? AutoBalance { get; set; }

    /// <summary>Whether it is failed over where others are migrated.</summary>
    [LuxiField("be/always_failover")]
    public bool? AlwaysFailover { get; set; }

    /// <summary>How many spindles it counts as.</summary>
    [LuxiField("be/spindle_use")]
    public int? SpindleUse { get; set; }

    /// <summary>Backend parameters, the cluster's defaults included.</summary>
    [LuxiField("beparams")]
    public GntParameters? BackendParameters { get; set; }

    /// <summary>Backend parameters set on the guest itself.</summary>
    [LuxiField("custom_beparams")]
    public GntParameters? CustomBackendParameters { get; set; }

    /// <summary>The hypervisor, for example <c>kvm</c>.</summary>
    [LuxiField("hypervisor")]
    public string? Hypervisor { get; set; }

    /// <summary>Hypervisor parameters, the cluster's defaults included.</summary>
    [LuxiField("hvparams")]
    public GntParameters? HypervisorParameters { get; set; }

    /// <summary>Hypervisor parameters set on the guest itself.</summary>
    [LuxiField("custom_hvparams")]
    public GntParameters? CustomHypervisorParameters { get; set; }

    /// <summary>The operating system definition and its variant, for example <c>debootstrap+default</c>.</summary>
    [LuxiField("os")]
    public string? OS { get; set; }

    /// <summary>Parameters of the OS definition, the cluster's defaults included; secret ones are never part of it.</summary>
    [LuxiField("osparams")]
    public GntParameters? OSParameters { get; set; }

    /// <summary>OS parameters set on the guest itself.</summary>
    [LuxiField("custom_osparams")]
    public GntParameters? CustomOSParameters { get; set; }

    /// <summary>How its disks are stored.</summary>
    [LuxiField("disk_template", Text = nameof(DiskTemplateText))]
    public GntDiskTemplate? DiskTemplate { get; set; }

    /// <summary>The disk template as Ganeti printed it.</summary>
    public string? DiskTemplateText { get; set; }

    /// <summary>Disk space that it takes on each of its nodes, metadata included, bytes.</summary>
    [LuxiField("disk_usage", Unit = LuxiUnit.Mebibytes)]
    public long? DiskUsage { get; set; }

    /// <summary>Whether Ganeti believes its disks to be active; false on a running guest is a fault.</summary>
    [LuxiField("disks_active")]
    public bool? DisksActive { get; set; }

    /// <summary>Its disks, in order.</summary>
    public GntDisk[]? Disks { get; set; }

    /// <summary>Its network cards, in order.</summary>
    public GntNic[]? Nics { get; set; }

    /// <summary>The TCP port of its console (VNC, SPICE) on the primary node, where it has one.</summary>
    [LuxiField("network_port")]
    public int? NetworkPort { get; set; }

    /// <summary>Whether it is only reserved so far, not created.</summary>
    [LuxiField("forthcoming")]
    public bool? IsForthcoming { get; set; }

    /// <summary>Its tags.</summary>
    [LuxiField("tags")]
    public string[]? Tags { get; set; }

    /// <summary>When it was created.</summary>
    [LuxiField("ctime")]
    public DateTimeOffset? Created { get; set; }

    /// <summary>When its configuration was last changed.</summary>
    [LuxiField("mtime")]
    public DateTimeOffset? Modified { get; set; }

    /// <summary>Counts the changes of its configuration.</summary>
    [LuxiField("serial_no")]
    public long? SerialNumber { get; set; }

    /// <summary>
    /// Derived: whether moving it off its node would be a live migration: it runs, its disks are reachable from another node, and it
    /// is not set to be failed over always. Without live fields the wanted state stands for the actual one.
    /// </summary>
    public bool AutoMigratable =>
        (IsRunning ?? AdminState == GntAdminState.up)
        && AlwaysFailover != true
        && DiskTemplate is { } template
        && template.IsReachableFromAnotherNode();

    /// <summary>Derived: whether actual and wanted state differ, or its node does not answer.</summary>
    public bool HasError => Status is GntInstanceStatus.ERROR_up or GntInstanceStatus.ERROR_down or GntInstanceStatus.ERROR_nodedown
        or GntInstanceStatus.ERROR_nodeoffline or GntInstanceStatus.ERROR_wrongnode;

    /// <summary>
    /// Derived: whether it runs with other memory or processors than are configured now, which a restart brings (<c>Restart-GntInstance</c>; one from within
    /// the guest does not); null when it does not run or that was not read.
    /// </summary>
    public bool? NeedsRestart => IsRunning is not true || (MemoryInUse is null && VCpuInUse is null)
        ? null
        : MemoryInUse > Memory || MemoryInUse < (MinimumMemory ?? Memory) || (VCpuInUse is { } running && VCpu is { } wanted && running != wanted);

    internal override string? Key => Name;

    [LuxiField("disk.names")]
    internal string?[]? DiskNames { get; set; }

    [LuxiField("disk.sizes", Unit = LuxiUnit.Mebibytes)]
    internal long?[]? DiskSizes { get; set; }

    [LuxiField("disk.uuids")]
    internal string?[]? DiskUuids { get; set; }

    [LuxiField("disk.spindles")]
    internal long?[]? DiskSpindles { get; set; }

    [LuxiField("nic.names")]
    internal string?[]? NicNames { get; set; }

    [LuxiField("nic.uuids")]
    internal string?[]? NicUuids { get; set; }

    [LuxiField("nic.macs")]
    internal string?[]? NicMacs { get; set; }

    [LuxiField("nic.ips")]
    internal string?[]? NicIps { get; set; }

    [LuxiField("nic.modes")]
    internal string?[]? NicModes { get; set; }

    [LuxiField("nic.links")]
    internal string?[]? NicLinks { get; set; }

    [LuxiField("nic.bridges")]
    internal string?[]? NicBridges { get; set; }

    [LuxiField("nic.vlans")]
    internal string?[]? NicVlans { get; set; }

    [LuxiField("nic.networks")]
    internal string?[]? NicNetworks { get; set; }

    [LuxiField("nic.networks.names")]
    internal string?[]? NicNetworkNames { get; set; }

    [LuxiField("custom_nicparams")]
    internal object?[]? CustomNicParameters { get; set; }

    internal override void Complete()
    {
        Disks ??= GntDisk.Of(this);
        Nics ??= GntNic.Of(this);
    }
}
