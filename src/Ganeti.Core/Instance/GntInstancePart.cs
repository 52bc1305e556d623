using System.Globalization;

namespace Ganeti;

/// <summary>A part of a guest that has a place among others of its kind: a disk, a network card.</summary>
public abstract class GntInstancePart : GntObject
{
    /// <summary>The guest that it belongs to.</summary>
    public string? InstanceName { get; set; }

    /// <summary>Its place among the guest's parts of its kind, from 0.</summary>
    public int? Index { get; set; }

    /// <summary>The name that it was given, or null; see <see cref="Id"/> for what it can be called by always.</summary>
    public string? Name { get; set; }

    /// <summary>Ganeti's UUID of it.</summary>
    public string? Uuid { get; set; }

    /// <summary>The node on which the guest uses it.</summary>
    public string? PrimaryNode { get; set; }

    /// <summary>Derived: guest and place, as <c>vm1.example.com/disk/0</c>.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{InstanceName}/{Kind}/{Index}");

    /// <summary>What it is called: <c>disk</c>, <c>nic</c>.</summary>
    internal abstract string Kind { get; }

    internal sealed override string? Key => InstanceName is null || Index is null ? null : Id;
}
