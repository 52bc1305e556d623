using Ganeti.Luxi;

namespace Ganeti;

/// <summary>One kind of object of a cluster, as the master's queries give it.</summary>
internal sealed class GntTable<T>(GntConnection connection, string kind, string keyProperty)
    where T : GntObject, new()
{
    // A regular expression of thousands of names is slower than all rows.
    private const int MaxNamesInFilter = 200;

    private static readonly IReadOnlyList<LuxiField<T>> None = [];

    private readonly LuxiField<T> _key = LuxiModel<T>.Only(keyProperty)[0];

    internal string KeyField => _key.Name;

    /// <summary>
    /// What completes whole objects from another query, asked at the same time: for what the master answers far more cheaply elsewhere.
    /// </summary>
    internal Func<CancellationToken, Task<Action<T>>>? Supplement { get; init; }

    /// <summary>What completes whole objects from a query that their values are needed for.</summary>
    internal Func<IReadOnlyList<T>, CancellationToken, Task>? Completion { get; init; }

    /// <summary>Properties that whole objects have here, though they are read on demand only.</summary>
    internal string[] OnDemand { get; init; } = [];

    /// <summary>Reads whole objects.</summary>
    internal async Task<IReadOnlyList<T>> ReadAsync(LuxiFilter? filter, bool configurationOnly, IReadOnlyList<string> extraFields, CancellationToken cancellationToken)
    {
        var supplement = Supplement?.Invoke(cancellationToken);
        var fields = new LuxiFieldSet<T>(_key, [.. LuxiModel<T>.Configuration, .. LuxiModel<T>.Only(OnDemand)], configurationOnly ? None : LuxiModel<T>.Live);
        var rows = await ReadAsync(fields, filter, extraFields, cancellationToken).ConfigureAwait(false);
        var completion = Completion?.Invoke(rows, cancellationToken);
        if (supplement is not null)
        {
            var complete = await supplement.ConfigureAwait(false);
            foreach (var row in rows)
            {
                complete(row);
            }
        }

        if (completion is not null)
        {
            await completion.ConfigureAwait(false);
        }

        return rows;
    }

    /// <summary>Reads some properties only.</summary>
    internal Task<IReadOnlyList<T>> ReadOnlyAsync(LuxiFilter? filter, CancellationToken cancellationToken, params string[] properties)
    {
        var fields = LuxiModel<T>.Only(properties);
        return ReadAsync(new LuxiFieldSet<T>(_key, [.. fields.Where(field => !field.IsLive)], [.. fields.Where(field => field.IsLive)]), filter, [], cancellationToken);
    }

    /// <summary>Reads the objects whose names match; all when there are no names.</summary>
    internal async Task<IReadOnlyList<T>> ReadMatchingAsync(IReadOnlyCollection<NamePattern>? names, bool configurationOnly, CancellationToken cancellationToken)
    {
        var rows = await ReadAsync(names is null ? null : FilterFor(names), configurationOnly, [], cancellationToken).ConfigureAwait(false);
        return names is null ? rows : [.. rows.Where(row => names.Any(name => name.IsMatch(row.Key)))];
    }

    /// <summary>The filter for names as the operator wrote them, or null when all rows have to be looked at.</summary>
    internal LuxiFilter? FilterFor(IReadOnlyCollection<NamePattern> names) =>
        names.Any(name => name.Text == "*") ? null : FilterFor(names, static name => name.RegularExpression);

    /// <summary>Reads the objects that have these very names; one that is gone is left out.</summary>
    internal async Task<IReadOnlyList<T>> ReadExactAsync(IReadOnlySet<string> names, bool configurationOnly, IReadOnlyList<string> extraFields, CancellationToken cancellationToken)
    {
        var rows = await ReadAsync(FilterFor(names, NamePattern.Exactly), configurationOnly, extraFields, cancellationToken).ConfigureAwait(false);
        return [.. rows.Where(row => row.Key is { } key && names.Contains(key))];
    }

    // Not "=": a filter of nothing else fails as a whole when one of the names is gone. And no filter looks at a number as text.
    private LuxiFilter? FilterFor<TName>(IReadOnlyCollection<TName> names, Func<TName, string> regularExpression) =>
        names.Count > MaxNamesInFilter || !_key.IsText ? null : LuxiFilter.Any(names.Select(name => LuxiFilter.Matches(KeyField, regularExpression(name))));

    private async Task<IReadOnlyList<T>> ReadAsync(LuxiFieldSet<T> fields, LuxiFilter? filter, IReadOnlyList<string> extraFields, CancellationToken cancellationToken)
    {
        var rows = await connection.Luxi.ReadAsync(kind, fields, filter, extraFields, cancellationToken).ConfigureAwait(false);
        var now = DateTimeOffset.Now;
        foreach (var row in rows)
        {
            row.From(connection.Identity, now);
            row.Complete();
        }

        return rows;
    }
}
