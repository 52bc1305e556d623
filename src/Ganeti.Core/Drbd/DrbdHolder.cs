using System.Globalization;

namespace Ganeti;

/// <summary>Somebody who holds a minor open.</summary>
/// <param name="Minor">Which.</param>
/// <param name="Kind">How: <c>process</c>, <c>mount</c>, <c>mapping</c> (device-mapper), <c>loop</c>, <c>swap</c>.</param>
/// <param name="ProcessId">Of a process, its number.</param>
/// <param name="Name">The process's name, where it is mounted, the mapping's name.</param>
internal sealed record DrbdHolder(int Minor, string Kind, int? ProcessId, string Name)
{
    /// <summary>Whether it is a guest's virtual machine.</summary>
    internal bool IsGuest => Kind == "process" && (Name.StartsWith("qemu", StringComparison.Ordinal) || Name.StartsWith("kvm", StringComparison.Ordinal));

    /// <summary>In words.</summary>
    public override string ToString() => Kind switch
    {
        "process" => string.Create(CultureInfo.InvariantCulture, $"process {ProcessId} ({RemoteText.Printable(Name)})"),
        "mount" => $"mounted on {RemoteText.Printable(Name)}",
        "mapping" => $"device-mapper's {RemoteText.Printable(Name)}",
        _ => $"{Kind} {RemoteText.Printable(Name)}",
    };

    /// <summary>A line of <see cref="DrbdNode"/>'s command; null for another one.</summary>
    internal static DrbdHolder? Parse(string line) =>
        line.Split('\t') is [var device, var kind, var process, .. var name] && device.StartsWith("/dev/drbd", StringComparison.Ordinal) && DrbdText.Number(device["/dev/drbd".Length..]) is >= 0 and <= int.MaxValue and var minor
            ? new DrbdHolder((int)minor, kind, (int?)DrbdText.Number(process), string.Join(' ', name))
            : null;
}
