using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Removes tags from guests, nodes, node groups, networks, or the cluster. Stands for <c>gnt-… remove-tags</c>.</summary>
[Cmdlet(VerbsCommon.Remove, "GntTag", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntInstance), typeof(GntNode), typeof(GntGroup), typeof(GntNetwork), typeof(GntCluster), typeof(GntJob))]
public sealed class RemoveGntTagCommand : GntTagChangeCommand
{
    /// <summary>Tags or patterns. A literal tag that is not there is an error, a pattern that matches none is not.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Instance")]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Node")]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Group")]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Network")]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "OfCluster")]
    [ValidateNotNullOrEmpty]
    public string[] Tag { get; set; } = [];

    /// <summary>Tags to remove from what they are on, as <c>Get-GntTag</c> writes them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject")]
    [ValidateNotNullOrEmpty]
    public GntTag[]? InputObject { get; set; }

    private protected override void Process()
    {
        base.Process();
        Each(InputObject ?? [], tag => Submit(TaggedThing.Of(ConnectionFor(tag), tag), tag, [tag.Tag!]));
    }

    private protected override void Change(TaggedThing thing)
    {
        var tags = Await(thing.TagsAsync).Select(tag => tag.Tag!).ToArray();
        var chosen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pattern in Tag.Select(tag => new NamePattern(tag)))
        {
            var meant = tags.Where(tag => TaggedThing.IsMatch(pattern, tag)).ToArray();
            if (meant.Length == 0 && !pattern.IsWildcard)
            {
                WriteError(new GanetiException(GanetiError.TagNotFound, $"{thing.Given} has no tag '{pattern}'.")
                {
                    Target = thing.Given,
                    RecommendedAction = "See its tags with Get-GntTag; a wildcard that matches nothing is no error.",
                });
            }

            chosen.UnionWith(meant);
        }

        if (chosen.Count > 0)
        {
            Submit(thing, thing.Given, [.. chosen.Order(StringComparer.Ordinal)]);
        }
    }

    private void Submit(TaggedThing thing, GntObject subject, string[] tags) => Submit(thing, subject, new TagsDel { Kind = thing.Kind, Name = thing.Name, Tags = tags });
}
