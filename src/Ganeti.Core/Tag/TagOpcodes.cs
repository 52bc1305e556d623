using Ganeti.Luxi;

namespace Ganeti;

/// <summary>A change of the tags of one thing.</summary>
internal abstract record TagOpcode : LuxiOpcode
{
    public required GntTagKind Kind { get; init; }

    /// <summary>The thing's name; null for the cluster.</summary>
    public string? Name { get; init; }

    public required string[] Tags { get; init; }

    internal override GntCommandLine Command => GntCommandLine
        .Of($"gnt-{(Kind == GntTagKind.nodegroup ? "group" : Kind.ToString())}", Verb)
        .With(Name is null ? Tags : [Name, .. Tags]);

    private protected abstract string Verb { get; }
}

/// <summary>Tags added (<c>gnt-… add-tags</c>); those that are there already stay.</summary>
internal sealed record TagsSet : TagOpcode
{
    internal override string OpId => "OP_TAGS_SET";

    private protected override string Verb => "add-tags";
}

/// <summary>Tags removed (<c>gnt-… remove-tags</c>); one that is not there is an error.</summary>
internal sealed record TagsDel : TagOpcode
{
    internal override string OpId => "OP_TAGS_DEL";

    private protected override string Verb => "remove-tags";
}
