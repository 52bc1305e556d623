namespace Ganeti;

/// <summary>A field that the master's queries know, as <c>gnt-… list-fields</c> shows it: what <c>-Field</c> takes.</summary>
public sealed class GntField : GntObject
{
    /// <summary>Its name, for example <c>be/memory</c>.</summary>
    public string? Name { get; set; }

    /// <summary>What it is a field of: <c>instance</c>, <c>node</c>, <c>group</c>, <c>network</c>, <c>job</c>, <c>lock</c>, <c>export</c>, <c>filter</c>.</summary>
    public string? Kind { get; set; }

    /// <summary>The heading that Ganeti gives it, for example <c>ConfigMaxMem</c>.</summary>
    public string? Title { get; set; }

    /// <summary>What its values are, in Ganeti's words: <c>text</c>, <c>bool</c>, <c>number</c>, <c>unit</c> (MiB), <c>timestamp</c> (seconds), <c>other</c>.</summary>
    public string? ValueKind { get; set; }

    /// <summary>What it means.</summary>
    public string? Description { get; set; }

    internal override string? Key => Name is null ? null : $"{Kind}/{Name}";

    /// <inheritdoc/>
    public override string ToString() => Name ?? base.ToString();

    /// <remarks>On the wire <c>{"name": …, "title": …, "kind": …, "doc": …}</c> (Ganeti's <c>QueryFieldDefinition</c>).</remarks>
    internal static GntField Of(string kind, GntParameters definition) => new()
    {
        Kind = kind,
        Name = definition.GetValueOrDefault("name") as string,
        Title = definition.GetValueOrDefault("title") as string,
        ValueKind = definition.GetValueOrDefault("kind") as string,
        Description = definition.GetValueOrDefault("doc") as string,
    };
}
