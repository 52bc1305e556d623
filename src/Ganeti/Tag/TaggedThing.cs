namespace Ganeti.Commands;

/// <summary>A thing that has tags, of whatever kind.</summary>
internal sealed class TaggedThing
{
    private readonly Func<CancellationToken, Task<GntObject?>> _read;
    private readonly Func<GntObject, IReadOnlyList<GntTag>> _tagsOf;

    private TaggedThing(GntConnection connection, GntObject given, GntTagKind kind, Func<CancellationToken, Task<GntObject?>> read, Func<GntObject, IReadOnlyList<GntTag>> tagsOf)
    {
        Connection = connection;
        Given = given;
        Kind = kind;
        _read = read;
        _tagsOf = tagsOf;
    }

    internal GntConnection Connection { get; }

    /// <summary>The object as the operator gave it.</summary>
    internal GntObject Given { get; }

    internal GntTagKind Kind { get; }

    /// <summary>The name that its tags are changed by; the cluster needs none.</summary>
    internal string? Name => Kind == GntTagKind.cluster ? null : Given.Key;

    internal static TaggedThing Of(GntConnection connection, GntInstance given) => Of(connection, given, GntTagKind.instance, connection.Instances.Table, GntTags.Of);

    internal static TaggedThing Of(GntConnection connection, GntNode given) => Of(connection, given, GntTagKind.node, connection.Nodes.Table, GntTags.Of);

    internal static TaggedThing Of(GntConnection connection, GntGroup given) => Of(connection, given, GntTagKind.nodegroup, connection.Groups.Table, GntTags.Of);

    internal static TaggedThing Of(GntConnection connection, GntNetwork given) => Of(connection, given, GntTagKind.network, connection.Networks.Table, GntTags.Of);

    internal static TaggedThing Of(GntConnection connection, GntCluster given) => new(
        connection,
        given,
        GntTagKind.cluster,
        async cancellationToken => await connection.GetClusterAsync(cancellationToken).ConfigureAwait(false),
        cluster => GntTags.OfCluster((GntCluster)cluster));

    /// <summary>The thing of a tag that was read.</summary>
    internal static TaggedThing Of(GntConnection connection, GntTag tag) => tag.Kind switch
    {
        GntTagKind.cluster => Of(connection, new GntCluster { Name = tag.ObjectName }),
        GntTagKind.nodegroup => Of(connection, new GntGroup { Name = tag.ObjectName }),
        GntTagKind.node => Of(connection, new GntNode { Name = tag.ObjectName }),
        GntTagKind.network => Of(connection, new GntNetwork { Name = tag.ObjectName }),
        _ => Of(connection, new GntInstance { Name = tag.ObjectName }),
    };

    /// <summary>The thing as it is now, or null when it is gone.</summary>
    internal Task<GntObject?> ReadAsync(CancellationToken cancellationToken) => _read(cancellationToken);

    /// <summary>Its tags as they are now.</summary>
    internal async Task<IReadOnlyList<GntTag>> TagsAsync(CancellationToken cancellationToken) =>
        await _read(cancellationToken).ConfigureAwait(false) is { } now ? _tagsOf(now) : [];

    /// <summary>Whether a tag is meant. A literal is the whole tag: it has no parts, as a host's name has.</summary>
    internal static bool IsMatch(IEnumerable<NamePattern>? patterns, string? tag) => patterns is null || patterns.Any(pattern => IsMatch(pattern, tag));

    internal static bool IsMatch(NamePattern pattern, string? tag) => pattern.IsWildcard ? pattern.IsMatch(tag) : tag == pattern.Text;

    private static TaggedThing Of<T>(GntConnection connection, T given, GntTagKind kind, GntTable<T> table, Func<T, IReadOnlyList<GntTag>> tagsOf)
        where T : GntObject, new() => new(
            connection,
            given,
            kind,
            async cancellationToken => (await table.ReadExactAsync(new HashSet<string> { given.Key! }, configurationOnly: true, [], cancellationToken).ConfigureAwait(false)) is [var now] ? now : null,
            thing => tagsOf((T)thing));
}
