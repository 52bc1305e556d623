using Ganeti.Luxi;

namespace Ganeti;

/// <summary>One operation (opcode) of a job.</summary>
public sealed class GntJobOperation
{
    /// <summary>Ganeti's id of the operation, for example <c>OP_INSTANCE_MIGRATE</c>.</summary>
    public string? OpId { get; set; }

    /// <summary>What it does in short, for example <c>INSTANCE_MIGRATE(vm1)</c>.</summary>
    public string? Summary { get; set; }

    /// <summary>Its state.</summary>
    public GntJobStatus? Status { get; set; }

    /// <summary>The state as Ganeti printed it.</summary>
    public string? StatusText { get; set; }

    /// <summary>Its parameters by Ganeti's own names; secrets are masked.</summary>
    public GntParameters? Parameters { get; set; }

    /// <summary>What it answered, in Ganeti's own form; null while it runs, when it failed, and when it has no answer.</summary>
    public object? Result { get; set; }

    /// <summary>Why it failed, or null.</summary>
    public GntJobError? Error { get; set; }

    /// <summary>What it logged, in order.</summary>
    public GntJobLogEntry[]? Log { get; set; }

    /// <summary>When it began to wait for locks, or null.</summary>
    public DateTimeOffset? Started { get; set; }

    /// <summary>When it had its locks and began to work, or null.</summary>
    public DateTimeOffset? Executed { get; set; }

    /// <summary>When it ended, or null.</summary>
    public DateTimeOffset? Ended { get; set; }

    /// <summary>Its priority: -20 (first) to 19 (last).</summary>
    public int? Priority { get; set; }

    /// <summary>Who asked for it and why: the reason trail, oldest first.</summary>
    public GntReason[]? Reason { get; set; }

    /// <summary>Derived: how long it worked after it had its locks; null until it has ended.</summary>
    public TimeSpan? Duration => Ended - (Executed ?? Started);

    /// <summary>Derived: how long it waited for its locks; null until it had them.</summary>
    public TimeSpan? LockWaitTime => Executed - Started;

    /// <inheritdoc/>
    public override string ToString() => Summary ?? OpId ?? nameof(GntJobOperation);

    internal static GntJobOperation Of(GntJob job, int index)
    {
        var parameters = job.RawOperations.At(index) as GntParameters ?? [];
        var statusText = job.RawStatuses.At(index) as string;
        var status = statusText is null ? default(GntJobStatus?) : LuxiSetters.ToEnum<GntJobStatus>(statusText);
        var hasFailed = status is GntJobStatus.error or GntJobStatus.canceled;
        var result = job.RawResults.At(index);
        return new GntJobOperation
        {
            OpId = parameters.GetValueOrDefault("OP_ID") as string,
            Summary = job.Summary.At(index),
            Status = status,
            StatusText = statusText,
            Parameters = Secrets.Masked(parameters, except: ["OP_ID", "reason"]),
            Result = hasFailed ? null : result,
            Error = hasFailed && result is not null ? GntJobError.Of(result) : null,
            Log = LogOf(job, index),
            Started = LuxiSetters.ToTime(job.RawStarts.At(index)),
            Executed = LuxiSetters.ToTime(job.RawExecutions.At(index)),
            Ended = LuxiSetters.ToTime(job.RawEnds.At(index)),
            Priority = (int?)LuxiSetters.ToLong(job.RawPriorities.At(index)),
            Reason = LuxiSetters.ToArray(parameters.GetValueOrDefault("reason"), GntReason.Of)?.OfType<GntReason>().ToArray(),
        };
    }

    internal static GntJobLogEntry[]? LogOf(GntJob job, int index)
    {
        var log = LuxiSetters.ToArray(job.RawLogs.At(index), GntJobLogEntry.Of)?.OfType<GntJobLogEntry>().ToArray();
        foreach (var entry in log ?? [])
        {
            entry.JobId = job.Id;
            entry.Operation = job.Summary.At(index);
        }

        return log;
    }
}

/// <summary>Why an operation failed: Ganeti's own exception.</summary>
public sealed class GntJobError
{
    /// <summary>Ganeti's exception class, for example <c>OpPrereqError</c>, or null when only text was given.</summary>
    public string? ErrorClass { get; set; }

    /// <summary>Ganeti's error code, for example <c>wrong_state</c>, or null.</summary>
    public string? Code { get; set; }

    /// <summary>What Ganeti said.</summary>
    public string? Message { get; set; }

    /// <inheritdoc/>
    public override string ToString() => Message ?? ErrorClass ?? nameof(GntJobError);

    internal static GntJobError Of(object? encoded)
    {
        var exception = LuxiException.Decode(encoded, GanetiError.JobFailed);
        return new GntJobError { ErrorClass = exception.ErrorClass, Code = exception.ErrorCode, Message = exception.Message };
    }
}

/// <summary>A line of a job's log.</summary>
/// <remarks>On the wire <c>[serial, [seconds, microseconds], kind, text]</c>; the kinds are Ganeti's <c>ELOG_*</c> constants.</remarks>
public sealed class GntJobLogEntry
{
    /// <summary>The number of the job.</summary>
    public long? JobId { get; set; }

    /// <summary>The operation that logged it, in short, for example <c>INSTANCE_MIGRATE(vm1)</c>.</summary>
    public string? Operation { get; set; }

    /// <summary>Its number within the job, from 1.</summary>
    public long? Serial { get; set; }

    /// <summary>When it was logged, by the master's clock.</summary>
    public DateTimeOffset? Time { get; set; }

    /// <summary>What kind of line it is: <c>message</c>, <c>message-list</c>, <c>remote-import</c>, <c>jqueue-test</c>, <c>delay-test</c>.</summary>
    public string? Kind { get; set; }

    /// <summary>The text.</summary>
    public string? Message { get; set; }

    /// <summary>Derived: whether Ganeti logged it as a warning, or as a hint that belongs to one.</summary>
    /// <remarks><c> - WARNING: …</c> and <c>      Hint: …</c> of <c>LogWarning</c> in <c>lib/mcpu.py</c>; operations that write their own say <c>Warning:</c> or <c>* warning:</c>.</remarks>
    public bool IsWarning => Message is { } text
        && (text.TrimStart(' ', '-', '*').StartsWith("warning", StringComparison.OrdinalIgnoreCase) || text.StartsWith("      Hint: ", StringComparison.Ordinal));

    /// <inheritdoc/>
    public override string ToString() => Message ?? string.Empty;

    internal static GntJobLogEntry? Of(object? value) => value is object?[] { Length: >= 4 } entry
        ? new GntJobLogEntry
        {
            Serial = LuxiSetters.ToLong(entry[0]),
            Time = LuxiSetters.ToTime(entry[1]),
            Kind = entry[2] as string,
            Message = RemoteText.Printable(entry[3] is object?[] lines ? string.Join('\n', lines.Select(LuxiSetters.ToText)) : LuxiSetters.ToText(entry[3]) ?? string.Empty),
        }
        : null;
}

/// <summary>One entry of a reason trail.</summary>
/// <remarks>On the wire <c>[source, text, nanoseconds]</c> (Ganeti's <c>doc/design-reason-trail.rst</c>).</remarks>
public sealed class GntReason
{
    /// <summary>Who says it, for example <c>gnt:client:gnt-instance</c>.</summary>
    public string? Source { get; set; }

    /// <summary>What it says.</summary>
    public string? Text { get; set; }

    /// <summary>When, by the clock of who said it.</summary>
    public DateTimeOffset? Time { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{Source}: {Text}";

    internal static GntReason? Of(object? value) => value is object?[] { Length: >= 3 } entry
        ? new GntReason
        {
            Source = entry[0] as string,
            Text = entry[1] as string,
            Time = LuxiSetters.ToLong(entry[2]) is { } nanoseconds and > 0 ? DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100) : null,
        }
        : null;
}
