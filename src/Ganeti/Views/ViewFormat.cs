using System.Globalization;

namespace Ganeti.Views;

/// <summary>How values look in the module's views. Objects keep the values as they are; only what is shown is made here.</summary>
public static class ViewFormat
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Bytes in the largest unit that leaves at least 1, with one decimal where that says something: <c>1.5 GiB</c>.</summary>
    /// <param name="bytes">The number, or null.</param>
    /// <returns>The text; empty for null.</returns>
    public static string Size(long? bytes)
    {
        if (bytes is not { } size)
        {
            return string.Empty;
        }

        var value = (double)size;
        var unit = 0;
        // Rounded as it is shown: 1024 KiB is 1 MiB.
        while (Math.Round(Math.Abs(value), 1) >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Units[unit]}");
    }

    /// <summary>A host's name without its domain; addresses stay whole.</summary>
    /// <param name="name">The full name, or null.</param>
    public static string ShortName(string? name) => name switch
    {
        null => string.Empty,
        _ when System.Net.IPAddress.TryParse(name, out _) => name,
        _ => Safe(name.Split('.', 2)[0]),
    };

    /// <summary>Names without their domains, separated by commas.</summary>
    /// <param name="names">The full names, or null.</param>
    public static string ShortNames(string[]? names) => string.Join(',', (names ?? []).Select(ShortName));

    /// <summary>A node's role as a word.</summary>
    /// <param name="role">The role, or null.</param>
    /// <param name="text">What Ganeti printed, for a role that is not known.</param>
    public static string RoleName(GntNodeRole? role, string? text) => role switch
    {
        GntNodeRole.M => "master",
        GntNodeRole.C => "candidate",
        GntNodeRole.R => "regular",
        GntNodeRole.D => "drained",
        GntNodeRole.O => "offline",
        _ => text ?? string.Empty,
    };

    /// <summary>A duration as a person says it: <c>1.2s</c>, <c>3m 05s</c>, <c>2h 10m</c>, <c>3d 4h</c>.</summary>
    /// <param name="duration">The duration, or null.</param>
    public static string Duration(TimeSpan? duration) => duration switch
    {
        null => string.Empty,
        { TotalSeconds: < 59.95 } time => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0}s"),
        { TotalSeconds: < 60 } => "1m 00s",
        { TotalHours: < 1 } time => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}m {time.Seconds:00}s"),
        { TotalDays: < 1 } time => string.Create(CultureInfo.InvariantCulture, $"{time.Hours}h {time.Minutes:00}m"),
        { } time => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays}d {time.Hours}h"),
    };

    /// <summary>A time in the local time zone, to the second.</summary>
    /// <param name="time">The time, or null.</param>
    public static string Time(DateTimeOffset? time) =>
        time?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? string.Empty;

    /// <summary>Text from the cluster, safe to show: control characters do not reach the terminal.</summary>
    /// <param name="text">The text, or null.</param>
    public static string Safe(string? text) => RemoteText.Printable(text ?? string.Empty).ReplaceLineEndings(" ");

    /// <summary>Text from the cluster, safe to show, and cut off where it is too long for a column.</summary>
    /// <param name="text">The text, or null.</param>
    /// <param name="width">How many characters there is room for.</param>
    public static string Cut(string? text, int width) => Safe(text) is { } safe && safe.Length <= width ? safe : $"{Safe(text)[..(width - 1)]}…";

    /// <summary>
    /// Jobs in short: of the first what it does, and since when it does or waits when it is alone, of the others their numbers.
    /// </summary>
    /// <param name="jobs">The jobs, or null.</param>
    public static string Jobs(GntJob[]? jobs) => jobs is not [var first, .. var others]
        ? string.Empty
        : string.Create(CultureInfo.InvariantCulture, $"{first.Id} {Summary(first.Summary)}")
            + (others.Length > 0 ? string.Concat(others.Select(job => string.Create(CultureInfo.InvariantCulture, $", {job.Id}")))
                : first.StatusSince is { } since ? since.ToLocalTime().ToString(" HH:mm:ss", CultureInfo.InvariantCulture)
                : string.Empty);

    /// <summary>What a job does, with the names of hosts without their domains.</summary>
    /// <param name="summary">A line an operation, or null.</param>
    public static string Summary(string[]? summary) => string.Join(", ", (summary ?? []).Select(line =>
        line.Split('(', 2) is [var operation, var subject] && subject.EndsWith(')') ? $"{Safe(operation)}({ShortName(subject[..^1])})" : Safe(line)));

    /// <summary>Texts from the cluster, a line each, safe to show.</summary>
    /// <param name="texts">The texts, or null.</param>
    public static string Lines(object?[]? texts) => string.Join('\n', (texts ?? []).Select(text => Safe(text?.ToString())));

    /// <summary>What shows a problem, a line each, without the side's own state, which stands above.</summary>
    /// <param name="problem">The problem.</param>
    public static string Evidence(DrbdProblem problem) => Lines(problem?.Evidence?.Skip(1).ToArray());

    /// <summary>What a mirror's sides are known to differ in.</summary>
    /// <param name="mirror">The mirror.</param>
    public static string OutOfSync(GntMirror mirror) => Size(mirror?.Sides?.Max(side => side.OutOfSync));

    /// <summary>A mirror's nodes and minors, the configuration's primary first.</summary>
    /// <param name="mirror">The mirror.</param>
    public static string Sides(GntMirror mirror) => string.Join(' ', (mirror?.Sides ?? []).Select(side => string.Create(CultureInfo.InvariantCulture, $"{ShortName(side.Node)}/{side.Minor}")));

    /// <summary>A mirror's state in a word: what is wrong with it, or how good it is.</summary>
    /// <param name="mirror">The mirror.</param>
    public static string MirrorState(GntMirror mirror)
    {
        ArgumentNullException.ThrowIfNull(mirror);
        return mirror switch
        {
            { Problems: [var worst, ..] } => $"{worst.Kind}",
            { Sides: null or [] } => "down",
            { IsInSync: true } => "in sync",
            _ => mirror.Sides.Select(side => side.ResyncPercent).FirstOrDefault(percent => percent is not null) is { } percent ? string.Create(CultureInfo.InvariantCulture, $"resync {percent:0.0} %") : "resync",
        };
    }

    /// <summary>A side of a mirror on one line: where, whose, and how it is.</summary>
    /// <param name="side">The side.</param>
    public static string Side(DrbdDevice side)
    {
        ArgumentNullException.ThrowIfNull(side);
        var owner = side.InstanceName is null ? "no guest's" : string.Create(CultureInfo.InvariantCulture, $"{Safe(side.InstanceName)} disk {side.DiskIndex}");
        return side.ConnectionStateText is null
            ? $"{Safe(side.Id)}  {owner}"
            : $"{Safe(side.Id)}  {owner}  {Safe(side.ConnectionStateText)}  {Safe(side.RoleText)}/{Safe(side.PeerRoleText)}  {Safe(side.DiskStateText)}/{Safe(side.PeerDiskStateText)}";
    }

    /// <summary>How good a state is, for its colour: <c>Good</c>, <c>Idle</c>, <c>Busy</c>, <c>Bad</c>, or empty.</summary>
    /// <param name="state">An enum member of a state, or null.</param>
    public static string Mood(object? state) => state switch
    {
        GntInstanceStatus.running or GntJobStatus.success or GntNodeRole.M or GntOsStatus.valid => "Good",
        GntInstanceStatus.ADMIN_down or GntInstanceStatus.ADMIN_offline or GntInstanceStatus.USER_down or GntJobStatus.canceled or GntNodeRole.O => "Idle",
        GntJobStatus.queued or GntJobStatus.waiting or GntJobStatus.running or GntJobStatus.canceling or GntNodeRole.D => "Busy",
        GntInstanceStatus or GntJobStatus.error or GntOsStatus.invalid or GntOsStatus.partial_valid => "Bad",
        DrbdSeverity.Warning => "Busy",
        DrbdSeverity => "Bad",
        DrbdConnectionState.Connected or DrbdDiskState.UpToDate => "Good",
        DrbdConnectionState.Unconfigured or DrbdDiskState.DUnknown => "Idle",
        (>= DrbdConnectionState.WFReportParams and <= DrbdConnectionState.VerifyT) or DrbdDiskState.Inconsistent or DrbdDiskState.Attaching or DrbdDiskState.Negotiating => "Busy",
        DrbdConnectionState or DrbdDiskState => "Bad",
        LvmVolume { IsPartial: true } or LvmVolume { IsInvalid: true } or LvmVolumeGroup { IsPartial: true } or LvmPhysicalVolume { IsMissing: true } or BlockDevice { ErrorCount: > 0 } => "Bad",
        LvmVolume { State: LvmVolumeState.active } or BlockDeviceState.running or BlockDeviceState.live => "Good",
        LvmVolume { State: LvmVolumeState.inactive } => "Idle",
        LvmVolume { State: not null } or BlockDeviceState.created or BlockDeviceState.resetting or BlockDeviceState.connecting => "Busy",
        BlockDeviceState => "Bad",
        _ => string.Empty,
    };
}
