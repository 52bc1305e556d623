using System.Globalization;
using Ganeti.Luxi;

namespace Ganeti;

/// <summary>
/// One side of one DRBD mirror: what its node's kernel says, and what Ganeti knows about it. Sizes and counters are bytes, speeds
/// bytes a second.
/// </summary>
/// <remarks>A value that the source did not have is null, never a zero: <c>drbdsetup</c> and /proc/drbd do not tell the same.</remarks>
public sealed class DrbdDevice : GntObject
{
    /// <summary>The node that this side is on.</summary>
    public string? Node { get; set; }

    /// <summary>Its minor number there; the peer's may be another.</summary>
    public int? Minor { get; set; }

    /// <summary>DRBD's name of the resource, local to the node: <c>resource0</c>.</summary>
    public string? ResourceName { get; set; }

    /// <summary>Its number within the resource; 0 with Ganeti.</summary>
    public int? Volume { get; set; }

    /// <summary>The guest whose disk it is, or null.</summary>
    public string? InstanceName { get; set; }

    /// <summary>The disk's place among the guest's disks, from 0.</summary>
    public int? DiskIndex { get; set; }

    /// <summary>Ganeti's UUID of that disk.</summary>
    public string? DiskUuid { get; set; }

    /// <summary>The role that Ganeti's configuration gives this side; both are Primary during a live migration.</summary>
    public DrbdRole? ConfiguredRole { get; set; }

    /// <summary>The node of the other side: by Ganeti's configuration, or where it is no guest's, the node that has <see cref="PeerAddress"/>.</summary>
    public string? PeerNode { get; set; }

    /// <summary>The other side's minor number.</summary>
    public int? PeerMinor { get; set; }

    /// <summary>The TCP port that both sides use for this mirror.</summary>
    public int? Port { get; set; }

    /// <summary>The port that Ganeti's configuration gives the mirror.</summary>
    public int? ConfiguredPort { get; set; }

    /// <summary>This side's address; null while StandAlone, which forgets it.</summary>
    public string? LocalAddress { get; set; }

    /// <summary>The other side's address; null while StandAlone, which forgets it.</summary>
    public string? PeerAddress { get; set; }

    /// <summary>The state of the connection. /proc/drbd shows a resync here, <c>drbdsetup status</c> in <see cref="ReplicationState"/> only.</summary>
    public DrbdConnectionState? ConnectionState { get; set; }

    /// <summary>The state of the connection as DRBD printed it.</summary>
    public string? ConnectionStateText { get; set; }

    /// <summary>What the connection does with the data.</summary>
    public DrbdReplicationState? ReplicationState { get; set; }

    /// <summary>What the connection does with the data, as DRBD printed it.</summary>
    public string? ReplicationStateText { get; set; }

    /// <summary>This side's role.</summary>
    public DrbdRole? Role { get; set; }

    /// <summary>This side's role as DRBD printed it.</summary>
    public string? RoleText { get; set; }

    /// <summary>The other side's role, as far as this one knows.</summary>
    public DrbdRole? PeerRole { get; set; }

    /// <summary>The other side's role as DRBD printed it.</summary>
    public string? PeerRoleText { get; set; }

    /// <summary>The state of this side's data.</summary>
    public DrbdDiskState? DiskState { get; set; }

    /// <summary>The state of this side's data as DRBD printed it.</summary>
    public string? DiskStateText { get; set; }

    /// <summary>The state of the other side's data, as far as this one knows.</summary>
    public DrbdDiskState? PeerDiskState { get; set; }

    /// <summary>The state of the other side's data as DRBD printed it.</summary>
    public string? PeerDiskStateText { get; set; }

    /// <summary>The replication protocol, A, B or C; null while there is no network configuration.</summary>
    public string? Protocol { get; set; }

    /// <summary>The flags of /proc/drbd as printed: <c>r-----</c>, four of them before DRBD 8.3.</summary>
    public string? Flags { get; set; }

    /// <summary>Whether I/O on the device is suspended.</summary>
    public bool? IOSuspended { get; set; }

    /// <summary>Who pauses resyncs, as <c>drbdsetup status</c> says it: <c>no</c>, or some of <c>user,peer,dependency</c>.</summary>
    public string? ResyncSuspended { get; set; }

    /// <summary>Whether data piles up for want of network or disk.</summary>
    public bool? Congested { get; set; }

    /// <summary>Whether updates of the activity log are suspended.</summary>
    public bool? ActivityLogSuspended { get; set; }

    /// <summary>The size of the device, bytes.</summary>
    public long? Size { get; set; }

    /// <summary>Sent to the other side (<c>ns</c>), bytes; starts anew when the connection is configured anew.</summary>
    public long? NetworkSent { get; set; }

    /// <summary>Received from the other side (<c>nr</c>), bytes; starts anew when the connection is configured anew.</summary>
    public long? NetworkReceived { get; set; }

    /// <summary>Written to the backing device (<c>dw</c>), bytes; starts anew when it is attached.</summary>
    public long? DiskWritten { get; set; }

    /// <summary>Read from the backing device (<c>dr</c>), bytes; starts anew when it is attached.</summary>
    public long? DiskRead { get; set; }

    /// <summary>Updates of the activity log (<c>al</c>).</summary>
    public long? ActivityLogWrites { get; set; }

    /// <summary>Updates of the bitmap (<c>bm</c>).</summary>
    public long? BitmapWrites { get; set; }

    /// <summary>Requests that wait for the backing device (<c>lo</c>).</summary>
    public long? LocalPending { get; set; }

    /// <summary>Requests sent that the other side has not answered (<c>pe</c>); above 0 and not moving is a stall.</summary>
    public long? PeerPending { get; set; }

    /// <summary>Requests of the other side that this one has not answered (<c>ua</c>).</summary>
    public long? Unacknowledged { get; set; }

    /// <summary>Requests of the guest that wait for DRBD (<c>ap</c>); above 0 and not moving is a stall.</summary>
    public long? ApplicationPending { get; set; }

    /// <summary>Epochs, the groups of writes whose order is kept (<c>ep</c>).</summary>
    public long? Epochs { get; set; }

    /// <summary>How the order of writes is kept: <c>none</c>, <c>drain</c>, <c>flush</c> or <c>barrier</c>.</summary>
    public string? WriteOrdering { get; set; }

    /// <summary>What the two sides are known to differ in (<c>oos</c>), bytes; can be above 0 on sides that are both UpToDate, after a verify.</summary>
    public long? OutOfSync { get; set; }

    /// <summary>What a running resync or verify has left to do, bytes.</summary>
    public long? ResyncLeft { get; set; }

    /// <summary>What it has to do in all, bytes.</summary>
    public long? ResyncTotal { get; set; }

    /// <summary>How much of it is done, 0 to 100: by what is left of the total where DRBD says that, as its own figure is rough.</summary>
    public double? ResyncPercent { get; set; }

    /// <summary>Its speed of late, bytes a second. A stalled one goes on showing the last.</summary>
    public long? ResyncSpeed { get; set; }

    /// <summary>Its speed on average, bytes a second.</summary>
    public long? ResyncAverageSpeed { get; set; }

    /// <summary>The speed that the receiving side asks for, bytes a second.</summary>
    public long? ResyncWantedSpeed { get; set; }

    /// <summary>DRBD's estimate of the time left. A stalled one goes on showing it.</summary>
    public TimeSpan? ResyncTimeLeft { get; set; }

    /// <summary>What DRBD remarks about it: <c>stalled</c> after three minutes without progress, and for a while after it goes on.</summary>
    public string? ResyncRemark { get; set; }

    /// <summary>The cache of extents under resync, where the kernel shows details.</summary>
    public DrbdCacheStatistics? ResyncCache { get; set; }

    /// <summary>The activity log, where the kernel shows details.</summary>
    public DrbdCacheStatistics? ActivityLog { get; set; }

    /// <summary>The logical volume that holds this side's data.</summary>
    public string? BackingDevice { get; set; }

    /// <summary>The logical volume that holds DRBD's own data.</summary>
    public string? MetaDevice { get; set; }

    /// <summary>Options of network, disk and resource by DRBD's own names, as far as <c>drbdsetup show</c> has them; never the shared secret. Sizes and rates are bytes.</summary>
    public GntParameters? Options { get; set; }

    /// <summary>What DRBD printed that this version does not know, by DRBD's own names.</summary>
    public GntParameters? OtherValues { get; set; }

    /// <summary>The generation identifiers of this side's data; read only where they are asked for, and null without a disk.</summary>
    public DrbdGeneration? Generation { get; set; }

    /// <summary>What is wrong with this side, the worst first; null where that was not looked for.</summary>
    public DrbdProblem[]? Problems { get; set; }

    /// <summary>The version of DRBD's kernel module there.</summary>
    public string? ModuleVersion { get; set; }

    /// <summary>Derived: node and minor, as <c>h1.example.com/drbd0</c>.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Node}/drbd{Minor}");

    /// <summary>Derived: its device file on the node.</summary>
    public string? Device => Minor is { } minor ? string.Create(CultureInfo.InvariantCulture, $"/dev/drbd{minor}") : null;

    /// <summary>Derived: whether the two sides talk to each other.</summary>
    public bool IsConnected => ReplicationState is not (null or DrbdReplicationState.Off or DrbdReplicationState.Unrecognized);

    /// <summary>Derived: whether it waits for the other side.</summary>
    public bool IsWaitingForConnection => ConnectionState is DrbdConnectionState.WFConnection or DrbdConnectionState.Connecting;

    /// <summary>Derived: whether a resync runs, is paused, or is being prepared.</summary>
    public bool IsInResync => ReplicationState is DrbdReplicationState.SyncSource or DrbdReplicationState.SyncTarget
        or DrbdReplicationState.PausedSyncS or DrbdReplicationState.PausedSyncT
        or DrbdReplicationState.StartingSyncS or DrbdReplicationState.StartingSyncT
        or DrbdReplicationState.WFBitMapS or DrbdReplicationState.WFBitMapT or DrbdReplicationState.WFSyncUUID;

    /// <summary>Derived: whether an online verify runs.</summary>
    public bool IsInVerify => ReplicationState is DrbdReplicationState.VerifyS or DrbdReplicationState.VerifyT;

    /// <summary>Derived: whether DRBD calls the resync or verify stalled.</summary>
    public bool IsStalled => ResyncRemark == "stalled";

    /// <summary>Derived: whether both sides are Primary, as this one sees it.</summary>
    public bool IsDualPrimary => Role == DrbdRole.Primary && PeerRole == DrbdRole.Primary;

    /// <summary>Derived: whether the data is not on both sides in its newest state, as far as this side knows.</summary>
    public bool IsDegraded => !IsConnected || DiskState != DrbdDiskState.UpToDate || PeerDiskState != DrbdDiskState.UpToDate;

    internal override string? Key => Node is null || Minor is null ? null : Id;

    /// <summary>Takes over what the kernel does not know, from the same side as it was read before with Ganeti's configuration.</summary>
    internal void Inherit(DrbdDevice? before)
    {
        if (before is not null)
        {
            (InstanceName, DiskIndex, DiskUuid) = (before.InstanceName, before.DiskIndex, before.DiskUuid);
            (ConfiguredRole, ConfiguredPort) = (before.ConfiguredRole, before.ConfiguredPort);
            (PeerNode, PeerMinor) = (before.PeerNode, before.PeerMinor);
            Port ??= before.Port;
        }
    }

    internal void SetConnection(string text)
    {
        ConnectionStateText = text;
        ConnectionState = LuxiSetters.ToEnum<DrbdConnectionState>(text);
    }

    internal void SetReplication(string text)
    {
        ReplicationStateText = text;
        ReplicationState = LuxiSetters.ToEnum<DrbdReplicationState>(text);
    }

    internal void SetRoles(string? local, string? peer)
    {
        RoleText = local ?? RoleText;
        Role = local is null ? Role : LuxiSetters.ToEnum<DrbdRole>(local);
        PeerRoleText = peer ?? PeerRoleText;
        PeerRole = peer is null ? PeerRole : LuxiSetters.ToEnum<DrbdRole>(peer);
    }

    internal void SetDisks(string? local, string? peer)
    {
        DiskStateText = local ?? DiskStateText;
        DiskState = local is null ? DiskState : LuxiSetters.ToEnum<DrbdDiskState>(local);
        PeerDiskStateText = peer ?? PeerDiskStateText;
        PeerDiskState = peer is null ? PeerDiskState : LuxiSetters.ToEnum<DrbdDiskState>(peer);
    }

    internal void Keep(string name, object? value) => (OtherValues ??= [])[name] = value;
}

/// <summary>How one of DRBD's caches is used.</summary>
/// <remarks>The lines <c>resync:</c> and <c>act_log:</c> of /proc/drbd (lru_cache.c, <c>lc_seq_printf_stats</c>).</remarks>
public sealed class DrbdCacheStatistics
{
    /// <summary>Elements in use.</summary>
    public long? Used { get; set; }

    /// <summary>Elements in all.</summary>
    public long? Size { get; set; }

    /// <summary>Requests for an element that was there.</summary>
    public long? Hits { get; set; }

    /// <summary>Requests for an element that was not there.</summary>
    public long? Misses { get; set; }

    /// <summary>Requests that had to wait, all elements being in use.</summary>
    public long? Starving { get; set; }

    /// <summary>Requests that had to wait for a change (<c>dirty</c> before DRBD 8.4).</summary>
    public long? Locked { get; set; }

    /// <summary>Changes made.</summary>
    public long? Changed { get; set; }

    /// <summary>Used and size, as DRBD prints them.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Used}/{Size}");
}
