using System.Globalization;
using Ganeti.Luxi;

namespace Ganeti;

/// <summary>A job of the master's queue, as <c>gnt-job list</c> and <c>gnt-job info</c> show it.</summary>
public sealed class GntJob : GntObject
{
    /// <summary>Its number.</summary>
    [LuxiField("id")]
    public long? Id { get; set; }

    /// <summary>Its state.</summary>
    [LuxiField("status", Text = nameof(StatusText))]
    public GntJobStatus? Status { get; set; }

    /// <summary>The state as Ganeti printed it.</summary>
    public string? StatusText { get; set; }

    /// <summary>What it does, one line an operation, for example <c>INSTANCE_MIGRATE(vm1)</c>.</summary>
    [LuxiField("summary")]
    public string[]? Summary { get; set; }

    /// <summary>Its operations, in order.</summary>
    public GntJobOperation[]? Operations { get; set; }

    /// <summary>Its priority now: -20 (first) to 19 (last).</summary>
    [LuxiField("priority")]
    public int? Priority { get; set; }

    /// <summary>Whether it has been moved to the archive; null when that was not asked for.</summary>
    /// <remarks>A query for this field makes the master read its whole archive, unless the jobs' numbers are given.</remarks>
    [LuxiField("archived", OnDemand = true)]
    public bool? IsArchived { get; set; }

    /// <summary>When the master took it in.</summary>
    [LuxiField("received_ts")]
    public DateTimeOffset? Received { get; set; }

    /// <summary>When it began to wait for its locks, or null.</summary>
    [LuxiField("start_ts")]
    public DateTimeOffset? Started { get; set; }

    /// <summary>When it ended, or null.</summary>
    [LuxiField("end_ts")]
    public DateTimeOffset? Ended { get; set; }

    /// <summary>Since when it is in its state, by the master's clock.</summary>
    public DateTimeOffset? StatusSince { get; set; }

    /// <summary>Derived: how long it ran, by the master's clock; null until it has ended.</summary>
    public TimeSpan? Duration => Ended - Started;

    /// <summary>Derived: how long it was queued before it began; null until then.</summary>
    public TimeSpan? QueueTime => Started - Received;

    /// <summary>Derived: how long its operations waited for their locks, those together that have them; null until the first has.</summary>
    public TimeSpan? LockWaitTime => Operations?
        .Select(operation => operation.LockWaitTime)
        .Where(time => time is not null)
        .Aggregate(default(TimeSpan?), (sum, time) => (sum ?? TimeSpan.Zero) + time);

    /// <summary>Derived: whether it has come to an end, good or bad.</summary>
    public bool IsFinished => Status is GntJobStatus.success or GntJobStatus.error or GntJobStatus.canceled;

    /// <summary>Derived: the names of the guests that its operations are about, as its submitter wrote them.</summary>
    public string[] InstanceNames => Named("instance_name", "instances", "opcode_instances");

    /// <summary>Derived: the names of the nodes that its operations are about, as its submitter wrote them.</summary>
    public string[] NodeNames => Named("node_name", "nodes", "target_node", "remote_node", "pnode", "snode");

    /// <summary>Derived: the log of all its operations.</summary>
    public GntJobLogEntry[] Log => Operations?.SelectMany(operation => operation.Log ?? []).ToArray() ?? [];

    /// <summary>
    /// Derived: the numbers of the jobs that it has submitted itself, as a change of group or an evacuation does; the work is done by them.
    /// </summary>
    public long[] FollowingJobIds => Operations?
        .Select(operation => (operation.Result as GntParameters)?.GetValueOrDefault("jobs"))
        .SelectMany(jobs => jobs as object?[] ?? [])
        .Select(row => row is object?[] { Length: 2 } pair && pair[0] is true ? LuxiSetters.ToLong(pair[1]) : null)
        .OfType<long>()
        .ToArray() ?? [];

    internal override string? Key => Id?.ToString(CultureInfo.InvariantCulture);

    [LuxiField("ops")]
    internal object?[]? RawOperations { get; set; }

    [LuxiField("opstatus")]
    internal object?[]? RawStatuses { get; set; }

    [LuxiField("opresult")]
    internal object?[]? RawResults { get; set; }

    [LuxiField("oplog")]
    internal object?[]? RawLogs { get; set; }

    [LuxiField("opstart")]
    internal object?[]? RawStarts { get; set; }

    [LuxiField("opexec")]
    internal object?[]? RawExecutions { get; set; }

    [LuxiField("opend")]
    internal object?[]? RawEnds { get; set; }

    [LuxiField("oppriority")]
    internal object?[]? RawPriorities { get; set; }

    internal override void Complete()
    {
        Operations ??= RawOperations?.Select((_, index) => GntJobOperation.Of(this, index)).ToArray();
        StatusSince ??= Status switch
        {
            GntJobStatus.queued => Received,
            GntJobStatus.waiting => Latest(RawStarts) ?? Received,
            GntJobStatus.running => Latest(RawExecutions) ?? Started,
            _ => Ended,
        };
    }

    /// <summary>Takes over what the job has logged since it was read.</summary>
    internal void TakeLog(GntJob later)
    {
        RawLogs = later.RawLogs ?? RawLogs;
        for (var i = 0; i < Operations?.Length; i++)
        {
            Operations[i].Log = GntJobOperation.LogOf(this, i);
        }
    }

    private static DateTimeOffset? Latest(object?[]? times) => times?.Select(LuxiSetters.ToTime).Max();

    private string[] Named(params string[] parameters) => (Operations ?? [])
        .SelectMany(operation => parameters.Select(name => operation.Parameters?.GetValueOrDefault(name)))
        .SelectMany(value => value is object?[] many ? many : [value])
        .OfType<string>()
        .Distinct(StringComparer.Ordinal)
        .ToArray();
}

/// <summary>The state of a job or of one of its operations, spelled as Ganeti prints it.</summary>
/// <remarks>The words are Ganeti's <c>JOB_STATUS_*</c> constants.</remarks>
public enum GntJobStatus
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>It has not begun.</summary>
    queued = 1,

    /// <summary>It waits for locks.</summary>
    waiting = 2,

    /// <summary>It is being canceled.</summary>
    canceling = 3,

    /// <summary>It runs.</summary>
    running = 4,

    /// <summary>It was canceled.</summary>
    canceled = 5,

    /// <summary>It has succeeded.</summary>
    success = 6,

    /// <summary>It has failed.</summary>
    error = 7,
}
