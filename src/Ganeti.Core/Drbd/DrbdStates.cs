namespace Ganeti;

/// <summary>The state of a mirror's connection, spelled as DRBD prints it.</summary>
/// <remarks>
/// The words of <c>cs:</c> in /proc/drbd (drbd_strings.c) of DRBD 8.0 to 8.4, where a connection that is up shows its replication
/// here, and those of <c>connection:</c> in <c>drbdsetup status</c>, which knows fewer and calls WFConnection "Connecting".
/// </remarks>
public enum DrbdConnectionState
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>The minor has neither disk nor network configuration.</summary>
    Unconfigured = 1,

    /// <summary>No network configuration: never connected, disconnected by hand, or given up after a split brain.</summary>
    StandAlone = 2,

    /// <summary>On the way to StandAlone.</summary>
    Disconnecting = 3,

    /// <summary>About to try again.</summary>
    Unconnected = 4,

    /// <summary>The peer did not answer in time; about to try again.</summary>
    Timeout = 5,

    /// <summary>The connection broke; about to try again.</summary>
    BrokenPipe = 6,

    /// <summary>The connection was lost; about to try again.</summary>
    NetworkFailure = 7,

    /// <summary>The peer spoke nonsense; about to try again.</summary>
    ProtocolError = 8,

    /// <summary>The peer is closing the connection.</summary>
    TearDown = 9,

    /// <summary>Waiting for the peer.</summary>
    WFConnection = 10,

    /// <summary>Connected, waiting for the peer's first packet.</summary>
    WFReportParams = 11,

    /// <summary>Connected and replicating.</summary>
    Connected = 12,

    /// <summary>A full resync begins, from here.</summary>
    StartingSyncS = 13,

    /// <summary>A full resync begins, to here.</summary>
    StartingSyncT = 14,

    /// <summary>A resync from here is being prepared.</summary>
    WFBitMapS = 15,

    /// <summary>A resync to here is being prepared.</summary>
    WFBitMapT = 16,

    /// <summary>A resync to here is about to begin.</summary>
    WFSyncUUID = 17,

    /// <summary>A resync from here is running.</summary>
    SyncSource = 18,

    /// <summary>A resync to here is running.</summary>
    SyncTarget = 19,

    /// <summary>A resync from here is paused.</summary>
    PausedSyncS = 20,

    /// <summary>A resync to here is paused.</summary>
    PausedSyncT = 21,

    /// <summary>An online verify is running, started here.</summary>
    VerifyS = 22,

    /// <summary>An online verify is running, started by the peer.</summary>
    VerifyT = 23,

    /// <summary>Replication is suspended for congestion, this side being ahead.</summary>
    Ahead = 24,

    /// <summary>Replication is suspended for congestion, this side being behind.</summary>
    Behind = 25,

    /// <summary>Waiting for the peer, as <c>drbdsetup status</c> calls it.</summary>
    Connecting = 26,
}

/// <summary>What a connection does with the data, spelled as <c>drbdsetup status</c> prints it.</summary>
public enum DrbdReplicationState
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>Not connected.</summary>
    Off = 1,

    /// <summary>Each write goes to both sides.</summary>
    Established = 2,

    /// <summary>A full resync begins, from here.</summary>
    StartingSyncS = 3,

    /// <summary>A full resync begins, to here.</summary>
    StartingSyncT = 4,

    /// <summary>A resync from here is being prepared.</summary>
    WFBitMapS = 5,

    /// <summary>A resync to here is being prepared.</summary>
    WFBitMapT = 6,

    /// <summary>A resync to here is about to begin.</summary>
    WFSyncUUID = 7,

    /// <summary>A resync from here is running.</summary>
    SyncSource = 8,

    /// <summary>A resync to here is running.</summary>
    SyncTarget = 9,

    /// <summary>A resync from here is paused.</summary>
    PausedSyncS = 10,

    /// <summary>A resync to here is paused.</summary>
    PausedSyncT = 11,

    /// <summary>An online verify is running, started here.</summary>
    VerifyS = 12,

    /// <summary>An online verify is running, started by the peer.</summary>
    VerifyT = 13,

    /// <summary>Suspended for congestion, this side being ahead.</summary>
    Ahead = 14,

    /// <summary>Suspended for congestion, this side being behind.</summary>
    Behind = 15,
}

/// <summary>The role of one side, spelled as DRBD prints it.</summary>
public enum DrbdRole
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>It may be read and written here.</summary>
    Primary = 1,

    /// <summary>It only follows the other side.</summary>
    Secondary = 2,

    /// <summary>Not known: the peer is not connected.</summary>
    Unknown = 3,
}

/// <summary>The state of one side's data, spelled as DRBD prints it.</summary>
public enum DrbdDiskState
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>No backing device: never attached, detached by hand, or dropped after an I/O error.</summary>
    Diskless = 1,

    /// <summary>Being attached.</summary>
    Attaching = 2,

    /// <summary>Being detached (DRBD 9).</summary>
    Detaching = 3,

    /// <summary>Its backing device failed; about to become Diskless.</summary>
    Failed = 4,

    /// <summary>Just attached; what it is worth is being agreed with the peer.</summary>
    Negotiating = 5,

    /// <summary>Not usable: new, or in the middle of a resync.</summary>
    Inconsistent = 6,

    /// <summary>Usable but known to be old.</summary>
    Outdated = 7,

    /// <summary>Not known: the peer is not connected.</summary>
    DUnknown = 8,

    /// <summary>Usable, but whether it is the newest is only known once connected.</summary>
    Consistent = 9,

    /// <summary>The newest data.</summary>
    UpToDate = 10,
}
