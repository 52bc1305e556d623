using System.Globalization;

namespace Ganeti;

/// <summary>
/// A thing of a Ganeti cluster as it was when it was read. Two objects are equal when they are the same thing of the same
/// cluster, whatever was read of it.
/// </summary>
public abstract class GntObject : IEquatable<GntObject>
{
    /// <summary>The UUID of the cluster that it was read from; a cmdlet it is piped into acts on that cluster.</summary>
    public string? ClusterUuid { get; set; }

    /// <summary>The name of that cluster.</summary>
    public string? ClusterName { get; set; }

    /// <summary>When it was read, by this machine's clock.</summary>
    public DateTimeOffset? ReadAt { get; set; }

    /// <summary>What names it within its kind and cluster.</summary>
    internal abstract string? Key { get; }

    /// <summary>Values of fields that were asked for by Ganeti's own names (<c>-Field</c>).</summary>
    internal IReadOnlyDictionary<string, object?>? ExtraFields { get; set; }

    /// <summary>Completes what is derived from several fields; called once all of them are set.</summary>
    internal virtual void Complete()
    {
    }

    /// <inheritdoc/>
    public bool Equals(GntObject? other) =>
        other is not null
        && other.GetType() == GetType()
        && (ReferenceEquals(this, other) || (Key is not null && other.Key == Key && other.ClusterUuid == ClusterUuid));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GntObject);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(GetType(), ClusterUuid, Key);

    /// <inheritdoc/>
    public override string ToString() => Key ?? string.Format(CultureInfo.InvariantCulture, "({0})", GetType().Name);

    /// <summary>Marks it as read from a cluster now.</summary>
    internal void From(ClusterIdentity cluster, DateTimeOffset readAt)
    {
        ClusterUuid = cluster.Uuid;
        ClusterName = cluster.Name;
        ReadAt = readAt;
    }
}

/// <summary>Which cluster something belongs to.</summary>
internal readonly record struct ClusterIdentity(string Uuid, string Name);
