using System.Management.Automation;
using Ganeti.Luxi;

namespace Ganeti.Commands;

/// <summary>
/// The base of the cmdlets that read objects: collects what was named or piped in, asks each cluster once for all of it, and
/// writes every object once.
/// </summary>
public abstract class GetGntCommand<T> : GntClusterCommand
    where T : GntObject, new()
{
    private readonly Dictionary<GntConnection, Selection> _selections = [];
    private readonly HashSet<object> _written = [];

    /// <summary>The table to read, and the error for a name that it does not have.</summary>
    private protected abstract (GntTable<T> Table, GanetiError NotFound) Source(GntConnection connection);

    /// <summary>Whether nodes are not asked.</summary>
    private protected virtual bool IsConfigurationOnly => true;

    /// <summary>Fields by Ganeti's own names.</summary>
    private protected virtual IReadOnlyList<string> ExtraFields => [];

    /// <summary>The property that a row goes by beside the fields that were asked for.</summary>
    private protected virtual string NameProperty => "Name";

    /// <summary>
    /// Called before a cluster is read. What the answer does not let through is not sent by the master when a whole table is read; rows that are
    /// selected otherwise are left to <see cref="IsWanted"/>.
    /// </summary>
    private protected virtual Task<LuxiFilter?> PrepareAsync(GntConnection connection, CancellationToken cancellationToken) => Task.FromResult(default(LuxiFilter));

    /// <summary>What to write for a row.</summary>
    private protected virtual IEnumerable<GntObject> Expand(T row) => [row];

    /// <summary>Whether a row is wanted, for what the master can't filter.</summary>
    private protected virtual bool IsWanted(T row) => true;

    /// <summary>Selects by names as the operator wrote them; everything when none were written.</summary>
    private protected void SelectByName(IReadOnlyCollection<string>? names)
    {
        if (names is null)
        {
            Selected(null).All = true;
        }
        else
        {
            Selected(null).Names.AddRange(names.Select(name => new NamePattern(name)));
        }
    }

    /// <summary>Selects by names; without any, by tags when they are literal: the master has them at hand.</summary>
    private protected void SelectByNameOrTag(IReadOnlyCollection<string>? names, IReadOnlyCollection<string>? tags)
    {
        if (names is null && tags?.All(tag => !new NamePattern(tag).IsWildcard) == true)
        {
            SelectWhere(LuxiFilter.Any(tags.Select(tag => LuxiFilter.Contains("tags", tag))));
        }
        else
        {
            SelectByName(names);
        }
    }

    /// <summary>Selects what a filter lets through.</summary>
    private protected void SelectWhere(LuxiFilter filter) => Selected(null).Filters.Add(filter);

    /// <summary>Selects what belongs to each object; null when nothing does.</summary>
    private protected void SelectOf<TSource>(IEnumerable<TSource> sources, Func<TSource, LuxiFilter?> filter)
        where TSource : GntObject => ForEach(sources, source =>
        {
            var selection = Selected(source);
            if (filter(source) is { } wanted)
            {
                selection.Filters.Add(wanted);
            }
        });

    /// <summary>Selects every row of the objects' clusters, for what the master can't filter.</summary>
    private protected void SelectAllOf<TSource>(IEnumerable<TSource> sources, Action<TSource> note)
        where TSource : GntObject => ForEach(sources, source =>
        {
            Selected(source).All = true;
            note(source);
        });

    /// <summary>Selects rows by the names that objects have for them: these very names, not those that begin alike.</summary>
    private protected void SelectNamed<TSource>(IEnumerable<TSource> sources, Func<TSource, IEnumerable<string?>> names)
        where TSource : GntObject => ForEach(sources, source =>
        {
            if (source.ClusterUuid is null)
            {
                // Made by hand: its names are as the operator wrote them.
                Selected(source).Names.AddRange(names(source).OfType<string>().Select(name => new NamePattern(NamePattern.Escape(name))));
            }
            else
            {
                Selected(source).Exact.UnionWith(names(source).OfType<string>());
            }
        });

    /// <summary>Selects rows by names as somebody wrote them, perhaps without the domain; one that is gone is left out.</summary>
    private protected void SelectWritten<TSource>(IEnumerable<TSource> sources, Func<TSource, IEnumerable<string>> names)
        where TSource : GntObject => ForEach(sources, source => Selected(source).Written.UnionWith(names(source)));

    /// <inheritdoc/>
    private protected override void End()
    {
        foreach (var (connection, selection) in _selections)
        {
            try
            {
                Await(token => ReadAsync(connection, selection, token));
            }
            catch (GanetiException exception) when (_selections.Count > 1)
            {
                // One cluster that fails does not hide the others.
                WriteError(exception, connection.Name);
            }
        }
    }

    private Selection Selected(GntObject? source)
    {
        var connection = ConnectionFor(source);
        if (!_selections.TryGetValue(connection, out var selection))
        {
            _selections.Add(connection, selection = new Selection());
        }

        return selection;
    }

    private async Task ReadAsync(GntConnection connection, Selection selection, CancellationToken cancellationToken)
    {
        var (table, notFound) = Source(connection);
        var filter = await PrepareAsync(connection, cancellationToken).ConfigureAwait(false);
        if (selection.All)
        {
            Write(await table.ReadAsync(filter, IsConfigurationOnly, ExtraFields, cancellationToken).ConfigureAwait(false));
            return;
        }

        if (selection.Exact.Count > 0)
        {
            Write(await table.ReadExactAsync(selection.Exact, IsConfigurationOnly, ExtraFields, cancellationToken).ConfigureAwait(false));
        }

        if (selection.Written.Count > 0)
        {
            var written = selection.Written.Select(name => new NamePattern(NamePattern.Escape(name))).ToArray();
            Write((await table.ReadNamedAsync(written, notFound, IsConfigurationOnly, ExtraFields, cancellationToken).ConfigureAwait(false)).Rows);
        }

        if (selection.Names.Count > 0)
        {
            var (rows, errors) = await table.ReadNamedAsync(selection.Names, notFound, IsConfigurationOnly, ExtraFields, cancellationToken).ConfigureAwait(false);
            Write(rows);
            Post(() =>
            {
                foreach (var error in errors)
                {
                    WriteError(error);
                }
            });
        }

        if (selection.Filters.Count > 0)
        {
            Write(await table.ReadAsync(LuxiFilter.Any(selection.Filters), IsConfigurationOnly, ExtraFields, cancellationToken).ConfigureAwait(false));
        }
    }

    private void Write(IReadOnlyList<T> rows) => Post(() =>
    {
        foreach (var row in rows.Where(IsWanted))
        {
            foreach (var item in Expand(row))
            {
                if (_written.Add(item))
                {
                    WriteObject(WithExtraFields(item, row.ExtraFields));
                }
            }
        }
    });

    private object WithExtraFields(GntObject item, IReadOnlyDictionary<string, object?>? values)
    {
        if (values is null)
        {
            return item;
        }

        var extended = PSObject.AsPSObject(item);
        foreach (var (name, value) in values)
        {
            // A field that a property has under the very same name is there already.
            if (extended.Properties[name] is null)
            {
                extended.Properties.Add(new PSNoteProperty(name, value));
            }
        }

        // The kind's own views would not show what was asked for.
        var kind = extended.TypeNames[0];
        extended.TypeNames.Clear();
        extended.TypeNames.Add($"{kind}#Field");
        extended.Members.Add(new PSMemberSet("PSStandardMembers", [new PSPropertySet("DefaultDisplayPropertySet", [NameProperty, .. values.Keys])]));
        return extended;
    }

    private sealed class Selection
    {
        internal bool All { get; set; }

        internal List<NamePattern> Names { get; } = [];

        internal HashSet<string> Exact { get; } = new(StringComparer.Ordinal);

        internal HashSet<string> Written { get; } = new(StringComparer.Ordinal);

        internal List<LuxiFilter> Filters { get; } = [];
    }
}
