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

    internal bool Matches(GntConnection connection) =>
        connection == Connection
        || (_uuid is not null && connection.Uuid == _uuid)
        || (_name is not null && (_name.IsMatch(connection.Name) || _name.IsMatch(connection.Master) || connection.Uuid == _name.Text));

    /// <inheritdoc/>
    public override string ToString() => Text;
}
