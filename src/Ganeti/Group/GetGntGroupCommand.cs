using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gets node groups, as <c>gnt-group list</c> and <c>gnt-group info</c> show them.</summary>
[Cmdlet(VerbsCommon.Get, "GntGroup", DefaultParameterSetName = "Name")]
[OutputType(typeof(GntGroup))]
public sealed class GetGntGroupCommand : GetGntCommand<GntGroup>
{
    /// <summary>Names or patterns; without it all groups.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [NameText]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Groups to read anew.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Group")]
    [ValidateNotNullOrEmpty]
    public GntGroup[]? Group { get; set; }

    /// <summary>Nodes whose group to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Guests whose groups to get: the primary node's and the secondaries'.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Networks whose groups to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Network")]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [Reference(typeof(GntNetwork))]
    [ValidateNotNullOrEmpty]
    public GntNetwork[]? Network { get; set; }

    private protected override (GntTable<GntGroup> Table, GanetiError NotFound) Source(GntConnection connection) => Tables.Groups(connection);

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "Group":
                SelectNamed(Group!, static group => [group.Name]);
                break;
            case "Node":
                SelectNamed(Resolve(Node!, Tables.Nodes), static node => [node.Group]);
                break;
            case "Instance":
                SelectNamed(Resolve(Instance!, Tables.Instances), static instance => [instance.PrimaryGroup, .. instance.SecondaryGroups ?? []]);
                break;
            case "Network":
                SelectNamed(Resolve(Network!, Tables.Networks), static network => network.Groups?.Select(connected => connected.Group) ?? []);
                break;
            default:
                SelectByName(Name);
                break;
        }
    }
}
