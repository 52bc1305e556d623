using System.Globalization;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>Whether a guest is on a node, and in what state, as the node's hypervisor says.</summary>
/// <remarks>
/// Of KVM by the pid file that Ganeti has QEMU write, and by its human monitor: <c>info status</c> and <c>info migrate</c> (QEMU, migration/migration-hmp-cmds.c).
/// The machine's own monitor (QMP) is Ganeti's.
/// </remarks>
internal sealed record GuestWhereabouts
{
    private static readonly NodeScript Script = new("Migration", "whereabouts");

    /// <summary>The node.</summary>
    internal required string Node { get; init; }

    /// <summary>Whether it is there: a process, a domain; null when nobody can say.</summary>
    internal bool? IsPresent { get; init; }

    /// <summary>What QEMU says of it (<c>running</c>, <c>paused (inmigrate)</c>, <c>paused (postmigrate)</c> …); null when it does not answer.</summary>
    internal string? Status { get; init; }

    /// <summary>The transfer of its memory from here, or null.</summary>
    internal GntMemoryTransfer? Transfer { get; init; }

    /// <summary>Why nobody can say, or null.</summary>
    internal string? Failure { get; init; }

    /// <summary>Whether it runs here, and is not the half of a migration that waits for the other.</summary>
    internal bool IsRunning => IsPresent == true && Status == "running";

    /// <inheritdoc/>
    public override string ToString() => $"{Node}: {(IsPresent switch { true => Status ?? "there, its monitor is silent", false => "not there", null => $"not known{(Failure is null ? string.Empty : $" ({Failure})")}" })}";

    /// <summary>Asks nodes; one that does not answer is told as such.</summary>
    internal static async Task<IReadOnlyList<GuestWhereabouts>> ReadAsync(GntConnection connection, GntInstance guest, IEnumerable<string> nodes, CancellationToken cancellationToken) =>
        await Task.WhenAll(nodes.Distinct(StringComparer.Ordinal).Select(node => ReadOneAsync(connection, guest, node, cancellationToken))).ConfigureAwait(false);

    /// <summary>Reads what the script printed.</summary>
    internal static GuestWhereabouts Parse(string node, string output)
    {
        var values = output.Split('\n').Select(line => line.Split(':', 2)).Where(pair => pair.Length == 2).GroupBy(pair => pair[0].Trim(), StringComparer.Ordinal).ToDictionary(group => group.Key, group => RemoteText.Printable(group.First()[1].Trim()), StringComparer.Ordinal);
        return new GuestWhereabouts
        {
            Node = node,
            IsPresent = values.GetValueOrDefault("presence") switch { "present" => true, "absent" => false, _ => null },
            Status = values.GetValueOrDefault("VM status"),
            Transfer = GntMemoryTransfer.From(values),
        };
    }

    private static async Task<GuestWhereabouts> ReadOneAsync(GntConnection connection, GntInstance guest, string node, CancellationToken cancellationToken)
    {
        try
        {
            var host = await connection.OpenNodeAsync(node, cancellationToken).ConfigureAwait(false);
            var result = await GntConnection.RunAsync(host, Script.With(guest.Name!, guest.Hypervisor ?? string.Empty), cancellationToken).ConfigureAwait(false);
            return Parse(node, result.OutputText);
        }
        catch (GanetiException exception)
        {
            return new GuestWhereabouts { Node = node, Failure = exception.Message };
        }
    }
}

/// <summary>How the transfer of a guest's memory to another node goes, as QEMU says.</summary>
public sealed class GntMemoryTransfer
{
    private const double KiB = 1024;
    private const double Megabit = 1_000_000 / 8.0;

    /// <summary>QEMU's word: <c>active</c>, <c>completed</c>, <c>failed</c>, <c>cancelled</c> …</summary>
    public string? Status { get; set; }

    /// <summary>Sent so far, bytes; more than <see cref="Total"/> when memory had to be sent again.</summary>
    public long? Transferred { get; set; }

    /// <summary>Left to send at the moment, bytes.</summary>
    public long? Remaining { get; set; }

    /// <summary>The guest's memory, bytes.</summary>
    public long? Total { get; set; }

    /// <summary>What the guest writes to its memory, bytes a second.</summary>
    public long? DirtyRate { get; set; }

    /// <summary>What gets through, bytes a second.</summary>
    public long? Bandwidth { get; set; }

    /// <summary>How long the guest would stand still if it moved now.</summary>
    public TimeSpan? ExpectedDowntime { get; set; }

    /// <summary>How many times all its memory has been gone through.</summary>
    public long? Rounds { get; set; }

    /// <summary>Derived: whether it goes on.</summary>
    public bool IsActive => Status is "setup" or "active" or "pre-switchover" or "device" or "postcopy-active" or "cancelling" or "wait-unplug";

    /// <summary>Derived: whether it can't come to its end: the guest writes its memory faster than it gets through, and it has been gone through more than once.</summary>
    public bool IsDiverging => IsActive && Rounds > 2 && DirtyRate >= Bandwidth && Bandwidth is not null;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Status}: {Transferred} of {Total} bytes sent, {Remaining} left; the guest writes {DirtyRate} bytes/s, {Bandwidth} bytes/s get through");

    /// <summary>From the lines of <c>info migrate</c>; null when there was no migration.</summary>
    /// <remarks><c>transferred ram: 45 kbytes</c>, <c>throughput: 3.21 mbps</c>, <c>dirty pages rate: 12 pages</c> (a second, of <c>page size: 4 kbytes</c>), <c>expected downtime: 300 ms</c>.</remarks>
    internal static GntMemoryTransfer? From(IReadOnlyDictionary<string, string> values)
    {
        if (!values.TryGetValue("Migration status", out var status))
        {
            return null;
        }

        double? Number(string name) => values.TryGetValue(name, out var text) && double.TryParse(text.Split(' ')[0], CultureInfo.InvariantCulture, out var number) ? number : null;
        long? Scaled(string name, double? unit) => Number(name) * unit is { } value and >= 0 and < long.MaxValue ? (long)Math.Round(value) : null;
        var page = Number("page size") * KiB ?? 4096;
        return new GntMemoryTransfer
        {
            Status = status.Split(' ')[0],
            Transferred = Scaled("transferred ram", KiB),
            Remaining = Scaled("remaining ram", KiB),
            Total = Scaled("total ram", KiB),
            DirtyRate = Scaled("dirty pages rate", page),
            Bandwidth = Scaled("throughput", Megabit),
            ExpectedDowntime = Number("expected downtime") is { } wait and >= 0 and < 1e9 ? TimeSpan.FromMilliseconds(wait) : null,
            Rounds = Scaled("dirty sync count", 1),
        };
    }
}
