namespace Ganeti.Commands;

/// <summary>Which exports names mean: all of that name, on whatever nodes.</summary>
internal static class ExportSelection
{
    internal static (IReadOnlyList<GntExport> Rows, IReadOnlyList<GanetiException> Errors) Resolve(IReadOnlyCollection<NamePattern> names, IReadOnlyList<GntExport> rows)
    {
        var guests = rows.Select(row => row.Name).Distinct(StringComparer.Ordinal).Select(name => new GntInstance { Name = name }).ToArray();
        var (meant, errors) = NameResolution.Resolve(names, guests, GanetiError.ExportNotFound);
        var chosen = meant.Select(guest => guest.Name).ToHashSet(StringComparer.Ordinal);
        return ([.. rows.Where(row => chosen.Contains(row.Name))], errors);
    }

    /// <summary>Reads the exports that objects or names mean, with what their nodes know of them.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="reference">An export as it was read, or one that has a name only, perhaps a short one.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">There is none (any more), or a node did not answer.</exception>
    internal static async Task<IReadOnlyList<GntExport>> ReadAsync(GntConnection connection, GntExport reference, CancellationToken cancellationToken)
    {
        var listed = (await connection.Exports.ListAsync(cancellationToken).ConfigureAwait(false)).Exports;
        IReadOnlyList<GntExport> found;
        if (reference.ClusterUuid is null)
        {
            (found, var errors) = Resolve([new NamePattern(NamePattern.Escape(reference.Name ?? string.Empty))], listed);
            if (errors.Count > 0)
            {
                throw errors[0];
            }
        }
        else
        {
            found = [.. listed.Where(export => export.Name == reference.Name && export.Node == reference.Node)];
        }

        await Task.WhenAll(found.GroupBy(export => export.Node!).Select(onNode => connection.Exports.ReadAsync(onNode.Key, [.. onNode], cancellationToken))).ConfigureAwait(false);
        return found.Any(export => export.Path is not null) ? [.. found.Where(export => export.Path is not null)] : throw Gone(reference);
    }

    private static GanetiException Gone(GntExport reference) => new(GanetiError.ExportNotFound, $"There is no export '{reference}' any more.")
    {
        Target = reference,
        RecommendedAction = "See what there is with Get-GntExport; Ganeti keeps one export of a guest, the newest.",
    };
}
