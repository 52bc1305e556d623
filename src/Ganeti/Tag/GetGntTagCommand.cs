using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gets tags, of the things piped in or of everything in the cluster. Stands for <c>gnt-… list-tags</c> and <c>gnt-cluster search-tags</c>.</summary>
[Cmdlet(VerbsCommon.Get, "GntTag", DefaultParameterSetName = "All")]
[OutputType(typeof(GntTag))]
public sealed class GetGntTagCommand : GntClusterCommand
{
    private readonly HashSet<GntTag> _written = [];
    private NamePattern[]? _patterns;

    /// <summary>Tags or patterns; without it all.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string[]? Tag { get; set; }

    /// <summary>Only tags of these kinds of things.</summary>
    [Parameter(ParameterSetName = "All")]
    [ValidateNotNullOrEmpty]
    public GntTagKind[]? Kind { get; set; }

    /// <summary>Guests whose tags to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Nodes whose tags to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Node groups whose tags to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Group")]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [Reference(typeof(GntGroup))]
    [ValidateNotNullOrEmpty]
    public GntGroup[]? Group { get; set; }

    /// <summary>Networks whose tags to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Network")]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [Reference(typeof(GntNetwork))]
    [ValidateNotNullOrEmpty]
    public GntNetwork[]? Network { get; set; }

    /// <summary>Clusters whose own tags to get, as <c>Get-GntCluster</c> writes them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "OfCluster")]
    [ValidateNotNullOrEmpty]
    public GntCluster[]? OfCluster { get; set; }

    private protected override void Begin() => _patterns = Tag?.Select(tag => new NamePattern(tag)).ToArray();

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "Instance":
                ForEach(Resolve(Instance!, Tables.Instances), given => Write(TaggedThing.Of(ConnectionFor(given), given)));
                break;
            case "Node":
                ForEach(Resolve(Node!, Tables.Nodes), given => Write(TaggedThing.Of(ConnectionFor(given), given)));
                break;
            case "Group":
                ForEach(Resolve(Group!, Tables.Groups), given => Write(TaggedThing.Of(ConnectionFor(given), given)));
                break;
            case "Network":
                ForEach(Resolve(Network!, Tables.Networks), given => Write(TaggedThing.Of(ConnectionFor(given), given)));
                break;
            case "OfCluster":
                ForEach(OfCluster!, given => Write(TaggedThing.Of(ConnectionFor(given), given)));
                break;
            default:
                var connection = ConnectionFor();
                Write(Await(token => connection.Tags.GetAsync(Kind, token)));
                break;
        }
    }

    private void Write(TaggedThing thing) => Write(Await(thing.TagsAsync));

    private void Write(IEnumerable<GntTag> tags) => WriteObject(tags.Where(tag => TaggedThing.IsMatch(_patterns, tag.Tag) && _written.Add(tag)), enumerateCollection: true);
}
