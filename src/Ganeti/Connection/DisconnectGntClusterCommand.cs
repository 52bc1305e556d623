using System.Management.Automation;
using Ganeti.Connection;

namespace Ganeti.Commands;

/// <summary>
/// Ends this session's use of a cluster's connection; the last session of the process that does so closes it. Jobs on the
/// cluster go on.
/// </summary>
[Cmdlet(VerbsCommunications.Disconnect, "GntCluster", DefaultParameterSetName = "Cluster")]
public sealed class DisconnectGntClusterCommand : GntCommand
{
    /// <summary>The cluster, by name or as <c>Get-GntCluster</c> writes it; without it the default one.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Cluster")]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    [ValidateNotNull]
    public ClusterReference? Cluster { get; set; }

    /// <summary>The connection, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Connection")]
    public GntConnection? Connection { get; set; }

    private protected override void Process()
    {
        var connections = RunspaceConnections.Current;
        var connection = Connection
            ?? (Cluster is null ? connections.Default : GntClusterCommand.Find(Cluster))
            ?? throw new GanetiException(GanetiError.NotConnected, "No cluster is connected.")
            {
                RecommendedAction = "Nothing is left to disconnect; see what other sessions have open with Get-GntCluster *.",
            };
        Await(_ => connections.ReleaseAsync(connection));
    }
}
