using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gets networks, as <c>gnt-network list</c> and <c>gnt-network info</c> show them.</summary>
[Cmdlet(VerbsCommon.Get, "GntNetwork", DefaultParameterSetName = "Name")]
[OutputType(typeof(GntNetwork))]
public sealed class GetGntNetworkCommand : GetGntCommand<GntNetwork>
{
    private readonly HashSet<(string? Cluster, string? Name)> _groups = [];

    /// <summary>Names or patterns; without it all networks.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [NameText]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Networks to read anew.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Network")]
    [ValidateNotNullOrEmpty]
    public GntNetwork[]? Network { get; set; }

    /// <summary>Guests whose networks to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Network cards whose network to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Nic")]
    [ValidateNotNullOrEmpty]
    public GntNic[]? Nic { get; set; }

    /// <summary>Node groups whose networks to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Group")]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [Reference(typeof(GntGroup))]
    [ValidateNotNullOrEmpty]
    public GntGroup[]? Group { get; set; }

    private protected override (GntTable<GntNetwork> Table, GanetiError NotFound) Source(GntConnection connection) => Tables.Networks(connection);

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "Network":
                SelectNamed(Network!, static network => [network.Name]);
                break;
            case "Instance":
                SelectNamed(Resolve(Instance!, Tables.Instances), static instance => instance.Nics?.Select(nic => nic.NetworkName) ?? []);
                break;
            case "Nic":
                SelectNamed(Nic!, static nic => [nic.NetworkName]);
                break;
            case "Group":
                // A network's groups are a list of lists, which the master's filters can't look into.
                SelectAllOf(Resolve(Group!, Tables.Groups), group => _groups.Add((group.ClusterUuid, group.Name)));
                break;
            default:
                SelectByName(Name);
                break;
        }
    }

    private protected override bool IsWanted(GntNetwork row) => _groups.Count == 0
        || row.Groups?.Any(connected => _groups.Contains((row.ClusterUuid, connected.Group))) == true;
}
