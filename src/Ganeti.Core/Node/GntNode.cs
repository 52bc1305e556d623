using Ganeti.Luxi;

namespace Ganeti;

/// <summary>A node, as <c>gnt-node list</c> and <c>gnt-node info</c> show it. Sizes are bytes.</summary>
public sealed class GntNode : GntObject
{
    /// <summary>The node's full name.</summary>
    [LuxiField("name")]
    public string? Name { get; set; }

    /// <summary>Ganeti's UUID of it.</summary>
    [LuxiField("uuid")]
    public string? Uuid { get; set; }

    /// <summary>Its role: master, candidate, regular, drained or offline.</summary>
    [LuxiField("role", Text = nameof(RoleText))]
    public GntNodeRole? Role { get; set; }

    /// <summary>The role as Ganeti printed it.</summary>
    public string? RoleText { get; set; }

    /// <summary>Its node group.</summary>
    [LuxiField("group")]
    public string? Group { get; set; }

    /// <summary>That group's UUID.</summary>
    [LuxiField("group.uuid")]
    public string? GroupUuid { get; set; }

    /// <summary>The address that Ganeti's daemons use.</summary>
    [LuxiField("pip")]
    public string? PrimaryIPAddress { get; set; }

    /// <summary>The address that DRBD uses.</summary>
    [LuxiField("sip")]
    public string? SecondaryIPAddress { get; set; }

    /// <summary>Whether it is the master.</summary>
    [LuxiField("master")]
    public bool? IsMaster { get; set; }

    /// <summary>Whether it keeps a copy of the configuration.</summary>
    [LuxiField("master_candidate")]
    public bool? IsMasterCandidate { get; set; }

    /// <summary>Whether it can become a master candidate.</summary>
    [LuxiField("master_capable")]
    public bool? MasterCapable { get; set; }

    /// <summary>Whether it can carry guests.</summary>
    [LuxiField("vm_capable")]
    public bool? VMCapable { get; set; }

    /// <summary>Whether it is marked offline: Ganeti does not talk to it.</summary>
    [LuxiField("offline")]
    public bool? Offline { get; set; }

    /// <summary>Whether it is drained: no new guests are put on it.</summary>
    [LuxiField("drained")]
    public bool? Drained { get; set; }

    /// <summary>Whether it is thought to be powered on; null where Ganeti has no out-of-band program for it.</summary>
    [LuxiField("powered")]
    public bool? Powered { get; set; }

    /// <summary>Guests that run here.</summary>
    [LuxiField("pinst_cnt")]
    public int? PrimaryInstanceCount { get; set; }

    /// <summary>Their names.</summary>
    [LuxiField("pinst_list")]
    public string[]? PrimaryInstances { get; set; }

    /// <summary>Guests whose mirrored disks have their other side here.</summary>
    [LuxiField("sinst_cnt")]
    public int? SecondaryInstanceCount { get; set; }

    /// <summary>Their names.</summary>
    [LuxiField("sinst_list")]
    public string[]? SecondaryInstances { get; set; }

    /// <summary>Memory in all, bytes; null when it was not read or the node does not answer, as all that the node is asked for.</summary>
    [LuxiField("mtotal", Live = true, Unit = LuxiUnit.Mebibytes)]
    public long? MemoryTotal { get; set; }

    /// <summary>Memory used by the node itself, bytes.</summary>
    [LuxiField("mnode", Live = true, Unit = LuxiUnit.Mebibytes)]
    public long? MemoryOfNode { get; set; }

    /// <summary>Memory free for guests, bytes.</summary>
    [LuxiField("mfree", Live = true, Unit = LuxiUnit.Mebibytes)]
    public long? MemoryFree { get; set; }

    /// <summary>Space of the storage for guests' disks in all, bytes.</summary>
    [LuxiField("dtotal", Live = true, Unit = LuxiUnit.Mebibytes)]
    public long? DiskTotal { get; set; }

    /// <summary>Space of the storage for guests' disks that is free, bytes.</summary>
    [LuxiField("dfree", Live = true, Unit = LuxiUnit.Mebibytes)]
    public long? DiskFree { get; set; }

    /// <summary>Spindles in all, with exclusive storage only.</summary>
    [LuxiField("sptotal", Live = true)]
    public int? SpindlesTotal { get; set; }

    /// <summary>Spindles that are free, with exclusive storage only.</summary>
    [LuxiField("spfree", Live = true)]
    public int? SpindlesFree { get; set; }

    /// <summary>Logical processors.</summary>
    [LuxiField("ctotal", Live = true)]
    public int? Cpu { get; set; }

    /// <summary>Logical processors that the node itself uses.</summary>
    [LuxiField("cnos", Live = true)]
    public int? CpuOfNode { get; set; }

    /// <summary>Processor sockets.</summary>
    [LuxiField("csockets", Live = true)]
    public int? CpuSockets { get; set; }

    /// <summary>NUMA domains.</summary>
    [LuxiField("cnodes", Live = true)]
    public int? NumaNodes { get; set; }

    /// <summary>Changes with each boot.</summary>
    [LuxiField("bootid", Live = true)]
    public string? BootId { get; set; }

    /// <summary>Node parameters, the group's and the cluster's included.</summary>
    [LuxiField("ndparams")]
    public GntParameters? NodeParameters { get; set; }

    /// <summary>Node parameters set on the node itself.</summary>
    [LuxiField("custom_ndparams")]
    public GntParameters? CustomNodeParameters { get; set; }

    /// <summary>The SSH port that Ganeti uses for it.</summary>
    [LuxiField("ndp/ssh_port")]
    public int? SshPort { get; set; }

    /// <summary>Whether storage is given to guests by whole spindles.</summary>
    [LuxiField("ndp/exclusive_storage")]
    public bool? ExclusiveStorage { get; set; }

    /// <summary>The hypervisors' state parameters as configured, or null.</summary>
    [LuxiField("hv_state")]
    public GntParameters? HypervisorState { get; set; }

    /// <summary>The storage's state parameters as configured, or null.</summary>
    [LuxiField("disk_state")]
    public GntParameters? DiskState { get; set; }

    /// <summary>Its tags.</summary>
    [LuxiField("tags")]
    public string[]? Tags { get; set; }

    /// <summary>When it was added.</summary>
    [LuxiField("ctime")]
    public DateTimeOffset? Created { get; set; }

    /// <summary>When its configuration was last changed.</summary>
    [LuxiField("mtime")]
    public DateTimeOffset? Modified { get; set; }

    /// <summary>Counts the changes of its configuration.</summary>
    [LuxiField("serial_no")]
    public long? SerialNumber { get; set; }

    /// <summary>Derived: memory that its guests and caches take, bytes; null when not known.</summary>
    public long? MemoryUsed => MemoryTotal - MemoryFree;

    internal override string? Key => Name;
}

/// <summary>A node's role, spelled as Ganeti prints it.</summary>
/// <remarks>The letters are Ganeti's <c>NR_*</c> constants.</remarks>
public enum GntNodeRole
{
    /// <summary>A letter that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>Master.</summary>
    M = 1,

    /// <summary>Master candidate.</summary>
    C = 2,

    /// <summary>Regular.</summary>
    R = 3,

    /// <summary>Drained.</summary>
    D = 4,

    /// <summary>Offline.</summary>
    O = 5,
}
