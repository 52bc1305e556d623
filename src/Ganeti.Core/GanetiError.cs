using System.Reflection;

namespace Ganeti;

/// <summary>The classes of errors; each is the PowerShell error category of the same name.</summary>
public enum GanetiErrorClass
{
    /// <summary>Nothing more is known.</summary>
    Unrecognized = 0,

    /// <summary>The named thing does not exist.</summary>
    ObjectNotFound = 1,

    /// <summary>A parameter's value is not acceptable.</summary>
    InvalidArgument = 2,

    /// <summary>The thing is not in a state that allows this.</summary>
    InvalidOperation = 3,

    /// <summary>The host or service can't be reached.</summary>
    ConnectionError = 4,

    /// <summary>The login was refused.</summary>
    AuthenticationError = 5,

    /// <summary>The other side is not who it should be.</summary>
    SecurityError = 6,

    /// <summary>The user may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A thing of that name exists already.</summary>
    ResourceExists = 8,

    /// <summary>Not enough memory, disk, addresses … for it.</summary>
    ResourceUnavailable = 9,

    /// <summary>Something that must be there for this is missing.</summary>
    NotInstalled = 10,

    /// <summary>The answer could not be understood.</summary>
    InvalidData = 11,

    /// <summary>It did not happen within the time allowed.</summary>
    OperationTimeout = 12,

    /// <summary>It was stopped by somebody.</summary>
    OperationStopped = 13,

    /// <summary>The answer got lost: whether it happened is not known.</summary>
    InvalidResult = 14,

    /// <summary>Somebody else is using it.</summary>
    ResourceBusy = 15,
}

/// <summary>
/// The registry of error ids. An id is one unique PascalCase word; it is what <c>$_.FullyQualifiedErrorId</c> starts with
/// and what the help topic about_Ganeti_Errors lists.
/// </summary>
public sealed class GanetiError
{
    private static readonly Lazy<IReadOnlyDictionary<string, GanetiError>> Registered = new(() => typeof(GanetiError)
        .GetFields(BindingFlags.Static | BindingFlags.NonPublic)
        .Where(field => field.FieldType == typeof(GanetiError))
        .Select(field => (GanetiError)field.GetValue(null)!)
        .ToDictionary(error => error.Id, StringComparer.Ordinal));

    // Connections
    internal static readonly GanetiError NotConnected = new("NotConnected", GanetiErrorClass.ConnectionError);
    internal static readonly GanetiError ClusterNotConnected = new("ClusterNotConnected", GanetiErrorClass.ConnectionError);
    internal static readonly GanetiError ClusterMismatch = new("ClusterMismatch", GanetiErrorClass.InvalidArgument);
    internal static readonly GanetiError HostNotFound = new("HostNotFound", GanetiErrorClass.ConnectionError);
    internal static readonly GanetiError HostUnreachable = new("HostUnreachable", GanetiErrorClass.ConnectionError);
    internal static readonly GanetiError ConnectionRefused = new("ConnectionRefused", GanetiErrorClass.ConnectionError);
    internal static readonly GanetiError ConnectionTimeout = new("ConnectionTimeout", GanetiErrorClass.OperationTimeout);
    internal static readonly GanetiError ConnectionLost = new("ConnectionLost", GanetiErrorClass.ConnectionError);
    internal static readonly GanetiError ForwardingRefused = new("ForwardingRefused", GanetiErrorClass.ConnectionError);
    internal static readonly GanetiError NotAnSshServer = new("NotAnSshServer", GanetiErrorClass.ConnectionError);
    internal static readonly GanetiError NoCommonAlgorithm = new("NoCommonAlgorithm", GanetiErrorClass.ConnectionError);
    internal static readonly GanetiError DestinationInvalid = new("DestinationInvalid", GanetiErrorClass.InvalidArgument);
    internal static readonly GanetiError SshConfigInvalid = new("SshConfigInvalid", GanetiErrorClass.InvalidArgument);
    internal static readonly GanetiError ProxyCommandFailed = new("ProxyCommandFailed", GanetiErrorClass.ConnectionError);
    internal static readonly GanetiError AuthenticationFailed = new("AuthenticationFailed", GanetiErrorClass.AuthenticationError);
    internal static readonly GanetiError SudoRefused = new("SudoRefused", GanetiErrorClass.PermissionDenied);
    internal static readonly GanetiError HostKeyUnknown = new("HostKeyUnknown", GanetiErrorClass.SecurityError);
    internal static readonly GanetiError HostKeyChanged = new("HostKeyChanged", GanetiErrorClass.SecurityError);
    internal static readonly GanetiError HostKeyRevoked = new("HostKeyRevoked", GanetiErrorClass.SecurityError);
    internal static readonly GanetiError HostKeyNotRecorded = new("HostKeyNotRecorded", GanetiErrorClass.SecurityError);

    // The master
    internal static readonly GanetiError NotAGanetiNode = new("NotAGanetiNode", GanetiErrorClass.NotInstalled);
    internal static readonly GanetiError MasterNotReached = new("MasterNotReached", GanetiErrorClass.ConnectionError);
    internal static readonly GanetiError MasterDaemonNotRunning = new("MasterDaemonNotRunning", GanetiErrorClass.ConnectionError);
    internal static readonly GanetiError MasterSocketDenied = new("MasterSocketDenied", GanetiErrorClass.PermissionDenied);
    internal static readonly GanetiError SocatMissing = new("SocatMissing", GanetiErrorClass.NotInstalled);
    internal static readonly GanetiError RemoteCommandFailed = new("RemoteCommandFailed", GanetiErrorClass.InvalidResult);

    // LUXI
    internal static readonly GanetiError LuxiProtocolError = new("LuxiProtocolError", GanetiErrorClass.InvalidData);
    internal static readonly GanetiError LuxiRequestRefused = new("LuxiRequestRefused", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError FieldUnknown = new("FieldUnknown", GanetiErrorClass.InvalidArgument);

    // Objects
    internal static readonly GanetiError InstanceNotFound = new("InstanceNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError NodeNotFound = new("NodeNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError GroupNotFound = new("GroupNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError NetworkNotFound = new("NetworkNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError JobNotFound = new("JobNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError LockNotFound = new("LockNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError PartNotFound = new("PartNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError ClusterNotFound = new("ClusterNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError OsNotFound = new("OsNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError ExportNotFound = new("ExportNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError TagNotFound = new("TagNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError DrbdDeviceNotFound = new("DrbdDeviceNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError DrbdPeerUnknown = new("DrbdPeerUnknown", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError NodeOffline = new("NodeOffline", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError NameAmbiguous = new("NameAmbiguous", GanetiErrorClass.InvalidArgument);

    // Jobs, by Ganeti's own error codes (lib/errors.py, ECODE_*)
    internal static readonly GanetiError EntityUnknown = new("EntityUnknown", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError EntityExists = new("EntityExists", GanetiErrorClass.ResourceExists);
    internal static readonly GanetiError StateWrong = new("StateWrong", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError InputInvalid = new("InputInvalid", GanetiErrorClass.InvalidArgument);
    internal static readonly GanetiError ResourcesInsufficient = new("ResourcesInsufficient", GanetiErrorClass.ResourceUnavailable);
    internal static readonly GanetiError ResourcesTemporarilyUnavailable = new("ResourcesTemporarilyUnavailable", GanetiErrorClass.ResourceBusy);
    internal static readonly GanetiError NameNotResolved = new("NameNotResolved", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError AddressNotUnique = new("AddressNotUnique", GanetiErrorClass.ResourceExists);
    internal static readonly GanetiError EnvironmentFaulty = new("EnvironmentFaulty", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError JobFailed = new("JobFailed", GanetiErrorClass.InvalidResult);
    internal static readonly GanetiError JobCanceled = new("JobCanceled", GanetiErrorClass.OperationStopped);
    internal static readonly GanetiError JobHasEnded = new("JobHasEnded", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError JobNotEnded = new("JobNotEnded", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError JobNotStopped = new("JobNotStopped", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError JobQueueFull = new("JobQueueFull", GanetiErrorClass.ResourceBusy);
    internal static readonly GanetiError JobQueueDrained = new("JobQueueDrained", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError JobWaitTimeout = new("JobWaitTimeout", GanetiErrorClass.OperationTimeout);
    internal static readonly GanetiError SubmissionUnknown = new("SubmissionUnknown", GanetiErrorClass.InvalidResult);

    // Repairs
    internal static readonly GanetiError InstanceBusy = new("InstanceBusy", GanetiErrorClass.ResourceBusy);
    internal static readonly GanetiError RepairUnderWay = new("RepairUnderWay", GanetiErrorClass.ResourceBusy);
    internal static readonly GanetiError DrbdStateWrong = new("DrbdStateWrong", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError DrbdDualPrimary = new("DrbdDualPrimary", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError DrbdSplitBrain = new("DrbdSplitBrain", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError DrbdNotReconnected = new("DrbdNotReconnected", GanetiErrorClass.OperationTimeout);
    internal static readonly GanetiError DrbdMethodUnavailable = new("DrbdMethodUnavailable", GanetiErrorClass.NotInstalled);
    internal static readonly GanetiError DrbdChangeRefused = new("DrbdChangeRefused", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError DrbdChangeNotSeen = new("DrbdChangeNotSeen", GanetiErrorClass.InvalidResult);
    internal static readonly GanetiError DrbdDeviceHeld = new("DrbdDeviceHeld", GanetiErrorClass.ResourceBusy);
    internal static readonly GanetiError DrbdWaitTimeout = new("DrbdWaitTimeout", GanetiErrorClass.OperationTimeout);
    internal static readonly GanetiError DrbdWaitHopeless = new("DrbdWaitHopeless", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError DrbdVersionUnsupported = new("DrbdVersionUnsupported", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError BlockDeviceNotFound = new("BlockDeviceNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError StorageReportIncomplete = new("StorageReportIncomplete", GanetiErrorClass.InvalidResult);
    internal static readonly GanetiError LvmVolumeNotFound = new("LvmVolumeNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError LvmVolumeGroupNotFound = new("LvmVolumeGroupNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError LvmPhysicalVolumeNotFound = new("LvmPhysicalVolumeNotFound", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError LvmNameInUse = new("LvmNameInUse", GanetiErrorClass.ResourceExists);
    internal static readonly GanetiError StorageStateWrong = new("StorageStateWrong", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError StorageInUse = new("StorageInUse", GanetiErrorClass.ResourceBusy);
    internal static readonly GanetiError StorageChangeRefused = new("StorageChangeRefused", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError StorageChangeNotSeen = new("StorageChangeNotSeen", GanetiErrorClass.InvalidResult);
    internal static readonly GanetiError MountRefused = new("MountRefused", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError BlockDeviceNeeded = new("BlockDeviceNeeded", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError DiskNotRepaired = new("DiskNotRepaired", GanetiErrorClass.InvalidResult);
    internal static readonly GanetiError MigrationNotRepaired = new("MigrationNotRepaired", GanetiErrorClass.InvalidResult);

    // Exports
    internal static readonly GanetiError NodeDaemonSilent = new("NodeDaemonSilent", GanetiErrorClass.InvalidResult);
    internal static readonly GanetiError ExportIncomplete = new("ExportIncomplete", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError SpaceInsufficient = new("SpaceInsufficient", GanetiErrorClass.ResourceUnavailable);
    internal static readonly GanetiError SavedCopyExists = new("SavedCopyExists", GanetiErrorClass.ResourceExists);
    internal static readonly GanetiError FileNotWritten = new("FileNotWritten", GanetiErrorClass.ResourceUnavailable);
    internal static readonly GanetiError ChecksumMismatch = new("ChecksumMismatch", GanetiErrorClass.InvalidData);
    internal static readonly GanetiError ExportNotBooted = new("ExportNotBooted", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError ImageNotRead = new("ImageNotRead", GanetiErrorClass.ObjectNotFound);
    internal static readonly GanetiError ImageRefused = new("ImageRefused", GanetiErrorClass.InvalidData);
    internal static readonly GanetiError ImageChanged = new("ImageChanged", GanetiErrorClass.InvalidData);
    internal static readonly GanetiError ImageToolMissing = new("ImageToolMissing", GanetiErrorClass.NotInstalled);

    internal static readonly GanetiError ConfirmationImpossible = new("ConfirmationImpossible", GanetiErrorClass.InvalidOperation);
    internal static readonly GanetiError ParameterInvalid = new("ParameterInvalid", GanetiErrorClass.InvalidArgument);
    internal static readonly GanetiError Unexpected = new("Unexpected", GanetiErrorClass.Unrecognized);

    private GanetiError(string id, GanetiErrorClass errorClass)
    {
        Id = id;
        Class = errorClass;
    }

    /// <summary>All registered errors by id.</summary>
    public static IReadOnlyDictionary<string, GanetiError> All => Registered.Value;

    /// <summary>The unique id.</summary>
    public string Id { get; }

    /// <summary>The category.</summary>
    public GanetiErrorClass Class { get; }

    /// <inheritdoc/>
    public override string ToString() => Id;
}
