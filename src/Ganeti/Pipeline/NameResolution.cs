using Ganeti.Luxi;

namespace Ganeti.Commands;

/// <summary>Which rows names mean, by the rules of <c>-Name</c>.</summary>
internal static class NameResolution
{
    /// <summary>
    /// The rows that the names mean, in the rows' order, each once; and an error for each literal name that means nothing or more than one thing.
    /// </summary>
    internal static (IReadOnlyList<T> Rows, IReadOnlyList<GanetiException> Errors) Resolve<T>(IReadOnlyCollection<NamePattern> names, IReadOnlyList<T> rows, GanetiError notFound)
        where T : GntObject
    {
        var chosen = new HashSet<T>(ReferenceEqualityComparer.Instance);
        var errors = new List<GanetiException>();
        foreach (var name in names)
        {
            var matches = rows.Where(row => name.IsMatch(row.Key)).ToList();
            if (!name.IsWildcard)
            {
                if (matches.Find(row => name.IsExact(row.Key)) is { } exact)
                {
                    matches = [exact];
                }
                else if (matches.Count != 1)
                {
                    errors.Add(matches.Count == 0 ? NotFound(name, notFound) : Ambiguous(name, matches));
                    continue;
                }
            }

            chosen.UnionWith(matches);
        }

        return ([.. rows.Where(chosen.Contains)], errors);
    }

    private static GanetiException NotFound(NamePattern name, GanetiError error)
    {
        var noun = error.Id.Replace("NotFound", string.Empty, StringComparison.Ordinal);
        return new GanetiException(error, $"There is no {(noun == "Lock" ? "held " : string.Empty)}{noun.ToLowerInvariant()} '{name}'.")
        {
            Target = name.Text,
            RecommendedAction = $"See what there is with Get-Gnt{noun}; a wildcard that matches nothing is no error.",
        };
    }

    private static GanetiException Ambiguous<T>(NamePattern name, List<T> matches)
        where T : GntObject => new(GanetiError.NameAmbiguous, $"'{name}' could be any of {string.Join(", ", matches.Take(5))}{(matches.Count > 5 ? ", …" : string.Empty)}.")
        {
            Target = name.Text,
            RecommendedAction = "Write more of the name, or a wildcard when you mean them all.",
        };

    /// <summary>Reads the rows that names mean.</summary>
    internal static async Task<(IReadOnlyList<T> Rows, IReadOnlyList<GanetiException> Errors)> ReadNamedAsync<T>(
        this GntTable<T> table,
        IReadOnlyCollection<NamePattern> names,
        GanetiError notFound,
        bool configurationOnly,
        IReadOnlyList<string> extraFields,
        CancellationToken cancellationToken)
        where T : GntObject, new()
    {
        var rows = await table.ReadAsync(table.FilterFor(names), configurationOnly, extraFields, cancellationToken).ConfigureAwait(false);
        return Resolve(names, rows, notFound);
    }
}
