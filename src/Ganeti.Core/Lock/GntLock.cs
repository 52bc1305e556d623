using Ganeti.Luxi;

namespace Ganeti;

/// <summary>A lock that is held or waited for, as <c>gnt-debug locks</c> shows it.</summary>
public sealed class GntLock : GntObject
{
    /// <summary>Its name: level and object, for example <c>instance/vm1.example.com</c>.</summary>
    [LuxiField("name")]
    public string? Name { get; set; }

    /// <summary>How it is held.</summary>
    [LuxiField("mode", Text = nameof(ModeText))]
    public GntLockMode? Mode { get; set; }

    /// <summary>The mode as Ganeti printed it, or null when nobody holds it.</summary>
    public string? ModeText { get; set; }

    /// <summary>Who holds it, in Ganeti's words.</summary>
    [LuxiField("owner")]
    public string[]? Owner { get; set; }

    /// <summary>The numbers of the jobs that hold it.</summary>
    public long[]? OwnerJobId { get; set; }

    /// <summary>Who waits for it, in order.</summary>
    public GntLockRequest[]? Pending { get; set; }

    /// <summary>The jobs that hold it: what they do, their state and since when; without their operations and logs.</summary>
    public GntJob[]? Holders { get; set; }

    /// <summary>The jobs that wait for it, in order; without their operations and logs.</summary>
    public GntJob[]? Waiters { get; set; }

    /// <summary>Derived: the level: <c>cluster</c>, <c>nodegroup</c>, <c>node</c>, <c>instance</c>, <c>node-res</c>, <c>network</c>.</summary>
    public string? Level => Name?.Split('/', 2)[0];

    /// <summary>
    /// The name of the object that is locked, or null for a lock on a whole level. Ganeti itself names nodes, groups and networks by their UUIDs here.
    /// </summary>
    public string? ObjectName { get; set; }

    /// <summary>Derived: whether somebody holds it or waits for it.</summary>
    public bool IsInUse => Owner is { Length: > 0 } || Pending is { Length: > 0 };

    internal override string? Key => Name;

    /// <summary>The numbers of the jobs that wait for it.</summary>
    internal IEnumerable<long> WaiterIds => Pending?.SelectMany(request => request.JobId ?? []).Distinct() ?? [];

    [LuxiField("pending")]
    internal object?[]? RawPending { get; set; }

    internal override void Complete()
    {
        ObjectName ??= Name?.Split('/', 2) is [_, var name] && name != "[lockset]" ? name : null;
        OwnerJobId ??= GntLockRequest.JobIds(Owner);
        Pending ??= RawPending?.Select(GntLockRequest.Of).ToArray();
    }
}

/// <summary>A request for a lock that has not been granted.</summary>
public sealed class GntLockRequest
{
    /// <summary>How it is wanted.</summary>
    public GntLockMode? Mode { get; set; }

    /// <summary>The mode as Ganeti printed it.</summary>
    public string? ModeText { get; set; }

    /// <summary>Who waits, in Ganeti's words.</summary>
    public string[]? Waiter { get; set; }

    /// <summary>The numbers of the jobs that wait.</summary>
    public long[]? JobId { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{ModeText}: {string.Join(", ", Waiter ?? [])}";

    internal static GntLockRequest Of(object? value)
    {
        var row = value as object?[];
        var waiters = LuxiSetters.ToArray(row.At(1), item => LuxiSetters.ToText(item) ?? string.Empty);
        var mode = row.At(0) as string;
        return new GntLockRequest
        {
            ModeText = mode,
            Mode = mode is null ? null : LuxiSetters.ToEnum<GntLockMode>(mode),
            Waiter = waiters,
            JobId = JobIds(waiters),
        };
    }

    /// <summary>Job numbers out of owners as Ganeti writes them: <c>9</c>, <c>job 9</c>, <c>9/thread…</c>.</summary>
    internal static long[]? JobIds(string?[]? owners) => owners?
        .Select(owner => System.Text.RegularExpressions.Regex.Match(owner ?? string.Empty, @"[0-9]{1,18}"))
        .Where(match => match.Success)
        .Select(match => long.Parse(match.Value, System.Globalization.CultureInfo.InvariantCulture))
        .ToArray();
}

/// <summary>How a lock is held or wanted, spelled as Ganeti prints it.</summary>
public enum GntLockMode
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>With others.</summary>
    shared = 1,

    /// <summary>Alone.</summary>
    exclusive = 2,
}
