using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that take guests, named or from the pipeline, and submit jobs for each.</summary>
public abstract class GntInstancesCommand : GntInstanceJobCommand
{
    /// <summary>Names (short or full) or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [NameText]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Guests, from the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ValidateNotNullOrEmpty]
    public GntInstance[] Instance { get; set; } = [];

    /// <summary>Whether the guest's running state is read before the change.</summary>
    private protected virtual bool NeedsLiveState => false;

    /// <summary>The jobs that change a guest, with what has to be asked; null when there is nothing to do.</summary>
    /// <param name="connection">Its cluster.</param>
    /// <param name="instance">The guest, as its configuration is now.</param>
    private protected abstract Change? ChangeOf(GntConnection connection, GntInstance instance);

    private protected sealed override void Process() => Each(ParameterSetName == "Name" ? Named() : Instance, given =>
    {
        var connection = ConnectionFor(given);
        var instance = ParameterSetName == "Name" ? given : CurrentInstance(connection, given.Name, given.ClusterUuid is null, given, NeedsLiveState);
        if (ChangeOf(connection, instance) is { } change)
        {
            Submit(connection, instance, change.Chain.For(instance), change.Risk, change.Warning);
        }
    });

    private IReadOnlyList<GntInstance> Named()
    {
        var patterns = Name.Select(name => new NamePattern(name)).ToArray();
        var table = ConnectionFor().Instances.Table;
        var (rows, errors) = Await(token => table.ReadNamedAsync(patterns, GanetiError.InstanceNotFound, configurationOnly: !NeedsLiveState, [], token));
        foreach (var error in errors)
        {
            WriteError(error);
        }

        return rows;
    }
}
