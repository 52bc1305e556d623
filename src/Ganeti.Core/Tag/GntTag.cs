namespace Ganeti;

/// <summary>A tag on one thing of a cluster, as <c>gnt-… list-tags</c> and <c>gnt-cluster search-tags</c> show it.</summary>
public sealed class GntTag : GntObject
{
    /// <summary>The tag.</summary>
    public string? Tag { get; set; }

    /// <summary>What kind of thing it is on.</summary>
    public GntTagKind? Kind { get; set; }

    /// <summary>The name of the thing.</summary>
    public string? ObjectName { get; set; }

    /// <summary>Derived: kind, name and tag, as <c>instance/vm1.example.com/web</c>.</summary>
    public string Id => $"{Kind}/{ObjectName}/{Tag}";

    internal override string? Key => Tag is null || Kind is null ? null : Id;
}

/// <summary>What can have tags, spelled as Ganeti has it.</summary>
/// <remarks>The words are Ganeti's <c>TAG_*</c> constants.</remarks>
public enum GntTagKind
{
    /// <summary>A word that this version does not know.</summary>
    Unrecognized = 0,

    /// <summary>The cluster itself.</summary>
    cluster = 1,

    /// <summary>A node group.</summary>
    nodegroup = 2,

    /// <summary>A node.</summary>
    node = 3,

    /// <summary>A guest.</summary>
    instance = 4,

    /// <summary>A network.</summary>
    network = 5,
}
