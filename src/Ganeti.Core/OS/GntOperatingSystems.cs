using Ganeti.Luxi;

namespace Ganeti;

/// <summary>The operating system definitions of a cluster's nodes.</summary>
/// <remarks>
/// Ganeti answers by a job, whose result is a row a definition with the fields in the order of asking; a node's part of it is
/// <c>[[path, valid, why not, variants, [[parameter, meaning], …], versions, trusted], …]</c> under the node's UUID, the first in use and the others
/// hidden by it (<c>lib/cmdlib/operating_system.py</c>).
/// </remarks>
public sealed class GntOperatingSystems
{
    private static readonly string[] Fields = ["name", "valid", "variants", "parameters", "api_versions", "hidden", "blacklisted", "trusted", "node_status"];

    private readonly GntConnection _connection;

    internal GntOperatingSystems(GntConnection connection) => _connection = connection;

    /// <summary>What was read last, for completion, which asks nobody.</summary>
    internal IReadOnlyList<GntOs> Known { get; private set; } = [];

    /// <summary>Reads all definitions, hidden and broken ones included; each node is asked.</summary>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master did not answer.</exception>
    public async Task<IReadOnlyList<GntOs>> GetAsync(CancellationToken cancellationToken)
    {
        var diagnose = new OsDiagnose { OutputFields = Fields, Names = [] };
        var answer = _connection.Jobs.AskAsync(diagnose, "Get-GntOs", cancellationToken);
        var nodes = _connection.Nodes.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntNode.Name), nameof(GntNode.Uuid));
        var cluster = await _connection.GetClusterAsync(cancellationToken).ConfigureAwait(false);
        var names = (await nodes.ConfigureAwait(false)).Where(node => node.Uuid is not null).ToDictionary(node => node.Uuid!, node => node.Name ?? node.Uuid!, StringComparer.Ordinal);
        var rows = await answer.ConfigureAwait(false) as object?[] ?? throw new GanetiException(GanetiError.LuxiProtocolError, "The master daemon's answer about operating systems is not a list.");
        var found = rows.OfType<object?[]>().Select(row => Of(row, names, cluster)).OrderBy(os => os.Name, StringComparer.Ordinal).ToArray();
        foreach (var os in found)
        {
            os.From(_connection.Identity, DateTimeOffset.Now);
        }

        Known = found;
        return found;
    }

    internal static GntOs Of(object?[] row, IReadOnlyDictionary<string, string> nodeNames, GntCluster cluster)
    {
        var name = row.At(0) as string;
        return new GntOs
        {
            Name = name,
            IsValid = row.At(1) as bool?,
            Variants = Sorted(row.At(2)),
            Parameters = ParametersOf(row.At(3)),
            ApiVersions = Versions(row.At(4)),
            IsHidden = row.At(5) as bool?,
            IsBlacklisted = row.At(6) as bool?,
            IsTrusted = row.At(7) as bool?,
            Nodes = (row.At(8) as GntParameters)?
                .Select(node => NodeOf(nodeNames.GetValueOrDefault(node.Key, node.Key), LuxiSetters.ToArray(node.Value, item => item as object?[] ?? []) ?? []))
                .OrderBy(node => node.Node, StringComparer.Ordinal).ToArray(),
            HypervisorParameters = For(name, cluster.OSHypervisorParameters),
            OSParameters = For(name, cluster.OSParameters),
        };
    }

    private static GntOsNode NodeOf(string node, object?[][] found) => found.Length == 0
        ? new GntOsNode { Node = node, IsValid = false, Message = "OS not found", HiddenPaths = [] }
        : new GntOsNode
        {
            Node = node,
            Path = found[0].At(0) as string,
            IsValid = found[0].At(1) as bool?,
            Message = found[0].At(2) is string { Length: > 0 } why ? RemoteText.Printable(why) : null,
            Variants = Sorted(found[0].At(3)),
            Parameters = ParametersOf(found[0].At(4)),
            ApiVersions = Versions(found[0].At(5)),
            IsTrusted = found[0].At(6) as bool?,
            HiddenPaths = [.. found.Skip(1).Select(hidden => hidden.At(0)).OfType<string>()],
        };

    private static string[] Sorted(object? value) => [.. (LuxiSetters.ToArray(value, LuxiSetters.ToText) ?? []).OfType<string>().Order(StringComparer.Ordinal)];

    private static GntOsParameter[] ParametersOf(object? value) => (LuxiSetters.ToArray(value, item => item as object?[]) ?? [])
        .Select(pair => new GntOsParameter { Name = pair.At(0) as string, Description = pair.At(1) as string })
        .OrderBy(parameter => parameter.Name, StringComparer.Ordinal).ToArray();

    private static int[] Versions(object? value) => [.. (LuxiSetters.ToArray(value, LuxiSetters.ToLong) ?? []).OfType<long>().Select(version => (int)version).Order()];

    private static GntParameters For(string? name, GntParameters? byName)
    {
        var mine = new GntParameters();
        foreach (var (os, values) in (byName ?? []).Where(entry => GntOs.NameOnly(entry.Key) == name))
        {
            mine[os] = values;
        }

        return mine;
    }
}
