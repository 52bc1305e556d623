namespace Ganeti;

/// <summary>An operating system definition, as <c>gnt-os list</c>, <c>info</c> and <c>diagnose</c> show it.</summary>
public sealed class GntOs : GntObject
{
    /// <summary>Its name, without a variant.</summary>
    public string? Name { get; set; }

    /// <summary>Whether it is valid on every node that answers.</summary>
    public bool? IsValid { get; set; }

    /// <summary>The variants that every node has; empty where it is not valid or has none.</summary>
    public string[]? Variants { get; set; }

    /// <summary>The parameters that every node's scripts take.</summary>
    public GntOsParameter[]? Parameters { get; set; }

    /// <summary>The interface versions that every node's scripts have.</summary>
    public int[]? ApiVersions { get; set; }

    /// <summary>Whether it is left out of lists.</summary>
    public bool? IsHidden { get; set; }

    /// <summary>Whether no guest may be made of it.</summary>
    public bool? IsBlacklisted { get; set; }

    /// <summary>Whether its scripts run on the nodes themselves; those that are not trusted run in a helper guest.</summary>
    public bool? IsTrusted { get; set; }

    /// <summary>What each node has of it.</summary>
    public GntOsNode[]? Nodes { get; set; }

    /// <summary>Hypervisor parameters of the cluster for it: by its name (with variant), then by hypervisor.</summary>
    public GntParameters? HypervisorParameters { get; set; }

    /// <summary>Parameters of the cluster for its scripts: by its name (with variant). Secret ones are never part of it.</summary>
    public GntParameters? OSParameters { get; set; }

    /// <summary>Derived: how far it is valid, as <c>gnt-os diagnose</c> says it; null when that was not read.</summary>
    public GntOsStatus? Status => Nodes is null ? null
        : Array.TrueForAll(Nodes, node => node.IsValid == true) ? GntOsStatus.valid
        : Array.Exists(Nodes, node => node.IsValid == true) ? GntOsStatus.partial_valid
        : GntOsStatus.invalid;

    /// <summary>Derived: what a guest's OS can be called: <c>name+variant</c> for each variant, or the name.</summary>
    public string[] FullNames => Name is null ? [] : Variants is { Length: > 0 } ? Array.ConvertAll(Variants, variant => $"{Name}+{variant}") : [Name];

    /// <summary>Derived: whether a new guest can be made of it: valid on every node, neither hidden nor blacklisted.</summary>
    public bool IsAvailable => IsValid == true && IsHidden != true && IsBlacklisted != true;

    internal override string? Key => Name;

    /// <summary>The name without a variant.</summary>
    internal static string NameOnly(string name) => name.Split('+', 2)[0];
}

/// <summary>How far an OS definition is valid, spelled as <c>gnt-os diagnose</c> prints it.</summary>
public enum GntOsStatus
{
    /// <summary>A word that this version does not know.</summary>
    Unrecognized = 0,

    /// <summary>On every node.</summary>
    valid = 1,

    /// <summary>On some nodes only.</summary>
    partial_valid = 2,

    /// <summary>On no node.</summary>
    invalid = 3,
}

/// <summary>A parameter that an OS definition's scripts take.</summary>
public sealed class GntOsParameter
{
    /// <summary>Its name.</summary>
    public string? Name { get; set; }

    /// <summary>What it is for, in the definition's words.</summary>
    public string? Description { get; set; }

    /// <inheritdoc/>
    public override string ToString() => Name ?? string.Empty;
}

/// <summary>What one node has of an OS definition.</summary>
public sealed class GntOsNode
{
    /// <summary>The node.</summary>
    public string? Node { get; set; }

    /// <summary>Whether it can be used there.</summary>
    public bool? IsValid { get; set; }

    /// <summary>Why not, or null.</summary>
    public string? Message { get; set; }

    /// <summary>Its folder there, or null where it is not found.</summary>
    public string? Path { get; set; }

    /// <summary>The variants there.</summary>
    public string[]? Variants { get; set; }

    /// <summary>The parameters there.</summary>
    public GntOsParameter[]? Parameters { get; set; }

    /// <summary>The interface versions there.</summary>
    public int[]? ApiVersions { get; set; }

    /// <summary>Whether its scripts are trusted there.</summary>
    public bool? IsTrusted { get; set; }

    /// <summary>Folders with a definition of the same name further down the search path, which are not used.</summary>
    public string[]? HiddenPaths { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{Node} ({(IsValid == true ? "valid" : $"invalid - {Message}")})";
}
