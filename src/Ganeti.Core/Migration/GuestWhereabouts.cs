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
