using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gets guests' network cards as Ganeti's configuration has them (<c>gnt-instance info</c>, "NICs").</summary>
[Cmdlet(VerbsCommon.Get, "GntNic", DefaultParameterSetName = "Instance")]
[OutputType(typeof(GntNic))]
public sealed class GetGntNicCommand : GetGntPartCommand
{
    private readonly HashSet<string?> _uuids = [];
    private readonly HashSet<string?> _networks = [];

    /// <summary>Network cards to read anew.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Nic")]
    [ValidateNotNullOrEmpty]
    public GntNic[]? Nic { get; set; }

    /// <summary>Networks whose cards to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Network")]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [Reference(typeof(GntNetwork))]
    [ValidateNotNullOrEmpty]
    public GntNetwork[]? Network { get; set; }

    private protected override bool CountsSecondary => false;

    private protected override void Process()
    {
        if (Nic is not null)
        {
            SelectNamed(Nic, static nic => [nic.InstanceName]);
            _uuids.UnionWith(Nic.Select(nic => nic.Uuid));
        }
        else if (Network is not null)
        {
            var networks = Resolve(Network, Tables.Networks);
            SelectNamed(networks, static network => network.Instances ?? []);
            _networks.UnionWith(networks.Select(network => network.Uuid));
        }
        else
        {
            SelectGuests();
        }
    }

    private protected override IEnumerable<GntObject> Expand(GntInstance row) => (row.Nics ?? [])
        .Where(nic => HasWantedIndex(nic.Index)
            && (_uuids.Count == 0 || _uuids.Contains(nic.Uuid))
            && (_networks.Count == 0 || _networks.Contains(nic.NetworkUuid)));
}
