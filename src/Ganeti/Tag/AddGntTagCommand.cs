using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Adds tags to guests, nodes, node groups, networks, or the cluster. Stands for <c>gnt-… add-tags</c>.</summary>
[Cmdlet(VerbsCommon.Add, "GntTag", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntInstance), typeof(GntNode), typeof(GntGroup), typeof(GntNetwork), typeof(GntCluster), typeof(GntJob))]
public sealed class AddGntTagCommand : GntTagChangeCommand
{
    /// <summary>The tags; those that are there already stay. Letters, digits and <c>.+*/:@_-</c>, 128 at most.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string[] Tag { get; set; } = [];

    private protected override void Change(TaggedThing thing) =>
        Submit(thing, thing.Given, new TagsSet { Kind = thing.Kind, Name = thing.Name, Tags = Tag });
}
