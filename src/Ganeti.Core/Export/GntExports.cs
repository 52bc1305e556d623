using System.Globalization;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>The exports of a cluster's guests.</summary>
public sealed class GntExports
{
    // Ganeti makes the folder at the first export.
    private const string FreeSpace =
        """
        while [ ! -d "$folder" ]; do folder=${folder%/*}; [ -n "$folder" ] || folder=/; done
        stat -f -c '%a %S' "$folder"
        """;

    private readonly GntConnection _connection;

    internal GntExports(GntConnection connection)
    {
        _connection = connection;
        Table = new GntTable<GntExport>(connection, "export", nameof(GntExport.Name));
    }

    /// <summary>Names and nodes only, as the master knows them.</summary>
    internal GntTable<GntExport> Table { get; }

    /// <summary>Reads exports with what the nodes know of them.</summary>
    /// <param name="names">Names or patterns; null for all.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master or a node did not answer.</exception>
    public async Task<IReadOnlyList<GntExport>> GetAsync(IReadOnlyCollection<NamePattern>? names, CancellationToken cancellationToken)
    {
        var listed = (await ListAsync(cancellationToken).ConfigureAwait(false)).Exports;
        var wanted = listed.Where(export => names is null || names.Any(name => name.IsMatch(export.Name))).ToArray();
        await Task.WhenAll(wanted.GroupBy(export => export.Node!).Select(onNode => ReadAsync(onNode.Key, [.. onNode], cancellationToken))).ConfigureAwait(false);
        return wanted;
    }

    /// <summary>Names and nodes of all exports, and the nodes that could not be asked.</summary>
    internal async Task<(IReadOnlyList<GntExport> Exports, IReadOnlyList<string> SilentNodes)> ListAsync(CancellationToken cancellationToken)
    {
        var rows = await Table.ReadAsync(null, configurationOnly: true, [], cancellationToken).ConfigureAwait(false);
        return (
            [.. rows.Where(row => row is { Name: not null, Node: not null }).OrderBy(row => row.Name, StringComparer.Ordinal).ThenBy(row => row.Node, StringComparer.Ordinal)],
            [.. rows.Where(row => row is { Name: null, Node: not null }).Select(row => row.Node!).Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>Whether a node has a folder for exports; Debian's packages make none, and Ganeti makes it at the first export.</summary>
    internal async Task<bool> HasFolderAsync(string node, CancellationToken cancellationToken)
    {
        var host = await _connection.OpenNodeAsync(node, cancellationToken).ConfigureAwait(false);
        var result = await GntConnection.RunAsync(host, RemoteCommand.Script(ExportListing.FindFolder + "[ ! -d \"$folder\" ] || echo yes"), cancellationToken).ConfigureAwait(false);
        Require(host, result, "say whether it has a folder for exports");
        return result.OutputText.Length > 0;
    }

    /// <summary>Has a node complete what is known of its exports.</summary>
    internal async Task ReadAsync(string node, IReadOnlyCollection<GntExport> exports, CancellationToken cancellationToken)
    {
        var host = await _connection.OpenNodeAsync(node, cancellationToken).ConfigureAwait(false);
        var command = ExportListing.Command(exports.Select(export => export.Name!));
        var nodes = _connection.Nodes.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntNode.Name), nameof(GntNode.Uuid));
        var result = await GntConnection.RunAsync(host, command, cancellationToken).ConfigureAwait(false);
        Require(host, result, "say what its exports are");
        ExportListing.Fill(exports, result.OutputText);
        var names = await nodes.ConfigureAwait(false);
        foreach (var export in exports)
        {
            // Ganeti writes the UUID; a node that is gone keeps it.
            export.SourceNode = names.FirstOrDefault(known => known.Uuid == export.SourceNode)?.Name ?? export.SourceNode;
        }
    }

    /// <summary>Bytes free for exports on a node.</summary>
    internal async Task<long> FreeSpaceAsync(string node, CancellationToken cancellationToken)
    {
        var host = await _connection.OpenNodeAsync(node, cancellationToken).ConfigureAwait(false);
        var result = await GntConnection.RunAsync(host, RemoteCommand.Script(ExportListing.FindFolder + FreeSpace), cancellationToken).ConfigureAwait(false);
        Require(host, result, "say how much space it has for exports");
        return result.OutputText.Trim().Split(' ') is [var blocks, var size]
            && long.TryParse(blocks, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
                ? count * bytes
                : throw Failed(host, result, "say how much space it has for exports");
    }

    private static void Require(IRemoteHost host, RemoteResult result, string what)
    {
        if (result.ExitStatus != 0)
        {
            throw Failed(host, result, what);
        }
    }

    private static RemoteException Failed(IRemoteHost host, RemoteResult result, string what) =>
        new(GanetiError.RemoteCommandFailed, host.Name, $"{host.Name} could not {what}: {result.ErrorText.Trim()} (exit status {result.ExitStatus}).")
        {
            ExitStatus = result.ExitStatus,
            StandardError = result.ErrorText,
            RecommendedAction = "Check that Ganeti is installed there and that the login may read its export folder.",
        };
}
