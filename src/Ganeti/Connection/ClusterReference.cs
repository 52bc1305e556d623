namespace Ganeti;

/// <summary>A connected cluster as a parameter's value: a connection, a cluster object, or a name.</summary>
public sealed class ClusterReference
{
    private readonly NamePattern? _name;
    private readonly string? _uuid;

    /// <summary>Refers to a connection.</summary>
    /// <param name="connection">What <c>Connect-GntCluster</c> wrote.</param>
    public ClusterReference(GntConnection connection)
    {
        Connection = connection;
        Text = connection.Name;
    }

    /// <summary>Refers to the cluster that an object describes.</summary>
    /// <param name="cluster">What <c>Get-GntCluster</c> wrote.</param>
    public ClusterReference(GntCluster cluster)
    {
        _uuid = cluster.Uuid ?? cluster.ClusterUuid;
        Text = cluster.Name ?? string.Empty;
    }

    /// <summary>Refers to a connected cluster by its name, its master's name, or its UUID.</summary>
    /// <param name="name">A name, short or full; no pattern.</param>
    public ClusterReference(string name)
    {
        _name = new NamePattern(NamePattern.Escape(name));
        Text = name;
    }

    internal GntConnection? Connection { get; }

    internal string Text { get; }

    /// <summary>
    /// The connections that are meant, one a cluster: the very connection or UUID, else the full name, else a short one.
    /// </summary>
    internal IReadOnlyList<GntConnection> Among(IReadOnlyList<GntConnection> candidates)
    {
        IReadOnlyList<GntConnection> Those(Func<GntConnection, bool> isMeant) => [.. candidates.Where(isMeant).DistinctBy(connection => connection.Uuid)];

        if (Connection is not null || _uuid is not null)
        {
            return Those(connection => connection == Connection || connection.Uuid == _uuid);
        }

        return Those(connection => connection.Uuid == Text || _name!.IsExact(connection.Name)) is { Count: > 0 } exact
            ? exact
            : Those(connection => _name!.IsMatch(connection.Name) || _name.IsMatch(connection.Master));
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
