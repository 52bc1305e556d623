using System.Globalization;

namespace Ganeti;

/// <summary>A mapping of device-mapper.</summary>
internal sealed record DeviceMapping(string Name, string Uuid, string DeviceNumber, bool IsOpen, long Size, DateTimeOffset? Since, IReadOnlyList<string> Devices, IReadOnlyList<string> Gone, bool IsOfMount)
{
    /// <summary>Whether it is a partition that kpartx has mapped.</summary>
    internal bool IsPartition => Uuid.StartsWith("part", StringComparison.Ordinal) && Uuid.IndexOf('-', StringComparison.Ordinal) is > 4 and var dash && int.TryParse(Uuid.AsSpan(4, dash - 4), NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>The UUID of the logical volume that it is of, without LVM's dashes, or null.</summary>
    internal string? LvmUuid => Uuid.StartsWith("LVM-", StringComparison.Ordinal) && Uuid.Length >= 68 ? Uuid.Substring(36, 32) : null;
}

/// <summary>What a node says of things that earlier work has left.</summary>
internal sealed class NodeLeftovers
{
    internal static readonly NodeScript Script = new("Leftover", "leftover");

    internal DateTimeOffset? Clock { get; private set; }

    internal List<DeviceMapping> Mappings { get; } = [];

    /// <summary>Safeguards whose deadline has passed: id, seconds since then, about, what the undo said.</summary>
    internal List<(string Id, long Over, string About, string Said)> Undos { get; } = [];

    /// <summary>Leases that are over: name, seconds since then, about.</summary>
    internal List<(string Name, long Over, string About)> Leases { get; } = [];

    /// <summary>Scratch space that nobody uses: folder, since when, bytes.</summary>
    internal List<(string Folder, DateTimeOffset? Since, long? Size)> Scratch { get; } = [];

    internal static NodeLeftovers Read(string output)
    {
        var read = new NodeLeftovers();
        foreach (var words in DrbdText.Lines(output).Select(line => line.Split('\t')))
        {
            switch (words)
            {
                case ["clock", var seconds]:
                    read.Clock = Time(seconds);
                    break;
                case ["mapping", var name, var uuid, var number, var open, var size, var changed, var devices, var gone, var session]:
                    read.Mappings.Add(new DeviceMapping(name, uuid, number, open != "0", DrbdText.Number(size) ?? 0, Time(changed), Words(devices), Words(gone), session.Length > 0));
                    break;
                case ["undo", var id, var left, var about, var said] when DrbdText.Number(left.TrimStart('-')) is { } over:
                    read.Undos.Add((id, over, about, said));
                    break;
                case ["scratch", var folder, var since, var size]:
                    read.Scratch.Add((folder, Time(since), DrbdText.Number(size)));
                    break;
                case ["lease", var name, var left, var about] when DrbdText.Number(left.TrimStart('-')) is { } over:
                    read.Leases.Add((name, over, about));
                    break;
            }
        }

        return read;
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static DateTimeOffset? Time(string seconds) => DrbdText.Number(seconds) is > 0 and < 100_000_000_000 and var since ? DateTimeOffset.FromUnixTimeSeconds(since) : null;
}
