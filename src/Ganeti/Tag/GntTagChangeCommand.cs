using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that change tags.</summary>
public abstract class GntTagChangeCommand : GntSubmitCommand
{
    private readonly Dictionary<object, TaggedThing> _things = new(ReferenceEqualityComparer.Instance);

    /// <summary>Guests, by name or as objects.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Nodes, by name or as objects.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Node groups, by name or as objects.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Group")]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [Reference(typeof(GntGroup))]
    [ValidateNotNullOrEmpty]
    public GntGroup[]? Group { get; set; }

    /// <summary>Networks, by name or as objects.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Network")]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [Reference(typeof(GntNetwork))]
    [ValidateNotNullOrEmpty]
    public GntNetwork[]? Network { get; set; }

    /// <summary>Clusters, as <c>Get-GntCluster</c> writes them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "OfCluster")]
    [ValidateNotNullOrEmpty]
    public GntCluster[]? OfCluster { get; set; }

    /// <summary>Write the things with their tags as they are after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Begin() => RefuseTogether(NoWait && PassThru, "-NoWait", "-PassThru", "nothing has changed yet when the job is written");

    private protected override void Process()
    {
        Each(Resolve(Instance ?? [], Tables.Instances), given => Change(TaggedThing.Of(ConnectionFor(given), given)));
        Each(Resolve(Node ?? [], Tables.Nodes), given => Change(TaggedThing.Of(ConnectionFor(given), given)));
        Each(Resolve(Group ?? [], Tables.Groups), given => Change(TaggedThing.Of(ConnectionFor(given), given)));
        Each(Resolve(Network ?? [], Tables.Networks), given => Change(TaggedThing.Of(ConnectionFor(given), given)));
        Each(OfCluster ?? [], given => Change(TaggedThing.Of(ConnectionFor(given), given)));
    }

    private protected override void WriteChanged(GntConnection connection, IReadOnlyList<object> subjects)
    {
        if (!PassThru)
        {
            return;
        }

        foreach (var thing in subjects.Select(subject => _things[subject]).DistinctBy(thing => (thing.Kind, thing.Name)))
        {
            if (Await(thing.ReadAsync) is { } now)
            {
                WriteObject(now);
            }
        }
    }

    /// <summary>Has the tags of a thing changed.</summary>
    /// <param name="thing">The thing.</param>
    /// <param name="subject">What the operator gave for it: the target of errors.</param>
    /// <param name="change">The change.</param>
    private protected void Submit(TaggedThing thing, GntObject subject, TagOpcode change)
    {
        _things[subject] = thing;
        Submit(thing.Connection, subject, new JobChain(change));
    }

    /// <summary>Changes the tags of a thing.</summary>
    private protected abstract void Change(TaggedThing thing);
}
