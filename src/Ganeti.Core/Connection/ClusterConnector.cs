using Ganeti.Luxi;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>Finds the master of a cluster, starting from any of its nodes, and connects to its daemon.</summary>
public static class ClusterConnector
{
    // Facts of the node in one call. ssconf files are what Ganeti itself keeps on every node for this (doc/design-2.1).
    private const string ProbeScript =
        """
        if command -v socat >/dev/null 2>&1; then echo socat=yes; fi
        if [ -S "$1" ]; then echo socket=yes; fi
        if [ -S "$1" ]; then [ -w "$1" ] || echo denied=yes; elif [ -d "${1%/*}" ]; then [ -x "${1%/*}" ] || echo denied=yes; fi
        for name in master_node cluster_name; do
          if [ -r "/var/lib/ganeti/ssconf_$name" ]; then printf '%s=' "$name"; cat "/var/lib/ganeti/ssconf_$name"; fi
        done
        if [ -r /var/lib/ganeti/ssconf_node_list ]; then printf 'nodes=%s\n' "$(tr '\n' ' ' </var/lib/ganeti/ssconf_node_list)"; fi
        if [ -r /var/lib/ganeti/known_hosts ]; then sed 's/^/known_host=/' /var/lib/ganeti/known_hosts; fi
        printf 'host=%s\n' "$(hostname -f 2>/dev/null || hostname)"
        if [ -d /var/lib/ganeti ] && ! [ -x /var/lib/ganeti ]; then echo closed=yes; fi
        """;

    /// <summary>Connects to the cluster that a host belongs to; when the host is not the master, to the master that it names.</summary>
    /// <param name="transport">Makes the connections.</param>
    /// <param name="destination">A node of the cluster.</param>
    /// <param name="cancellationToken">Ends the attempt at once.</param>
    /// <exception cref="GanetiException">A host could not be reached, is no node, or the master daemon does not answer.</exception>
    public static async Task<GntConnection> ConnectAsync(IRemoteTransport transport, RemoteDestination destination, CancellationToken cancellationToken)
    {
        var opened = new Stack<IRemoteHost>();
        try
        {
            var endpoint = await transport.ResolveAsync(destination, cancellationToken).ConfigureAwait(false);
            var host = await transport.ConnectAsync(endpoint, via: null, cancellationToken).ConfigureAwait(false);
            opened.Push(host);
            var facts = await ProbeAsync(host, cancellationToken).ConfigureAwait(false);
            IRemoteHost? entry = null;
            if (facts.MasterNode is { } masterNode && facts.IsNotMaster)
            {
                (var master, entry) = await GoToMasterAsync(transport, host, masterNode, cancellationToken).ConfigureAwait(false);
                opened.Push(master);
                if (entry is null)
                {
                    await host.DisposeAsync().ConfigureAwait(false);
                }

                host = master;
                facts = await ProbeAsync(host, cancellationToken).ConfigureAwait(false);
            }

            Check(host, facts);
            var luxi = new LuxiClient(host, asLogin: await OpensSocketItselfAsync(host, cancellationToken).ConfigureAwait(false));
            var cluster = await GntConnection.ReadClusterAsync(luxi, cancellationToken).ConfigureAwait(false);
            return new GntConnection(
                transport,
                host,
                entry,
                luxi,
                new ClusterIdentity(cluster.Uuid ?? string.Empty, cluster.Name ?? facts.ClusterName ?? host.Name),
                cluster.Master ?? facts.MasterNode ?? host.Name,
                cluster.SoftwareVersion ?? string.Empty)
            {
                NodeNames = facts.Nodes,
                HostKeys = facts.HostKeys(host.Name),
            };
        }
        catch
        {
            foreach (var host in opened)
            {
                await host.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    // Directly when that works, as one would with ssh; else through the node that is already reached.
    private static async Task<(IRemoteHost Master, IRemoteHost? Entry)> GoToMasterAsync(IRemoteTransport transport, IRemoteHost entry, string masterNode, CancellationToken cancellationToken)
    {
        var endpoint = await OtherHostAsync(transport, entry.Endpoint, masterNode, cancellationToken).ConfigureAwait(false);
        try
        {
            return (await transport.ConnectAsync(endpoint, via: null, cancellationToken).ConfigureAwait(false), null);
        }
        catch (RemoteException direct) when (direct.Error.Class is GanetiErrorClass.ConnectionError or GanetiErrorClass.OperationTimeout)
        {
            try
            {
                return (await transport.ConnectAsync(endpoint, via: entry, cancellationToken).ConfigureAwait(false), entry);
            }
            catch (RemoteException tunnelled) when (tunnelled.Error.Class is GanetiErrorClass.ConnectionError or GanetiErrorClass.OperationTimeout)
            {
                throw new RemoteException(GanetiError.MasterNotReached, masterNode, $"{entry.Name} is not the master of its cluster; {masterNode} is, and it can't be reached: {direct.Message} Through {entry.Name}: {tunnelled.Message}", tunnelled)
                {
                    RecommendedAction = tunnelled.Error == GanetiError.ForwardingRefused ? tunnelled.RecommendedAction : $"Check whether {masterNode} is up. If it is dead, make another node the master: 'gnt-cluster master-failover' there.",
                };
            }
        }
    }

    /// <summary>
    /// Another host of the cluster, as the configuration has it, with the login and the keys of the one that is known where it says nothing
    /// about them.
    /// </summary>
    internal static async Task<RemoteEndpoint> OtherHostAsync(IRemoteTransport transport, RemoteEndpoint known, string host, CancellationToken cancellationToken)
    {
        if (known.Destination is not { } destination)
        {
            return known with { Host = host, HostKeyAlias = null };
        }

        var other = await transport.ResolveAsync(destination with { Host = host, DefaultUser = known.User }, cancellationToken).ConfigureAwait(false);
        return other with
        {
            IdentityFiles = [.. other.IdentityFiles.Union(known.IdentityFiles)],
            CertificateFiles = [.. other.CertificateFiles.Union(known.CertificateFiles)],
        };
    }

    private static async Task<NodeFacts> ProbeAsync(IRemoteHost host, CancellationToken cancellationToken)
    {
        var command = RemoteCommand.Script(ProbeScript, LuxiClient.QuerySocket);
        var result = await GntConnection.RunAsync(host, command, cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus != 0 && result.Output.IsEmpty)
        {
            throw new RemoteException(GanetiError.RemoteCommandFailed, host.Name, $"{host.Name} could not be asked what it is: {result.ErrorText.Trim()} (exit status {result.ExitStatus}).")
            {
                ExitStatus = result.ExitStatus,
                StandardError = result.ErrorText,
                RecommendedAction = "Check that the login has a POSIX shell.",
            };
        }

        return NodeFacts.Parse(result.OutputText);
    }

    /// <summary>Whether a login that needs sudo for other things is in the group that may use the socket: one process less a channel.</summary>
    private static async Task<bool> OpensSocketItselfAsync(IRemoteHost host, CancellationToken cancellationToken)
    {
        if (!host.Endpoint.Sudo)
        {
            return false;
        }

        var command = new RemoteCommand("test", "-w", LuxiClient.QuerySocket) { AsLogin = true };
        return (await GntConnection.RunAsync(host, command, cancellationToken).ConfigureAwait(false)).ExitStatus == 0;
    }

    private static void Check(IRemoteHost host, NodeFacts facts)
    {
        if (facts.MasterNode is null && !facts.HasSocket)
        {
            throw new RemoteException(GanetiError.NotAGanetiNode, host.Name, facts.IsClosed
                ? $"The login on {host.Name} may not read Ganeti's files there (/var/lib/ganeti)."
                : $"{host.Name} is not a node of a Ganeti cluster: it has no /var/lib/ganeti/ssconf_master_node.")
            {
                RecommendedAction = facts.IsClosed
                    ? $"Make {host.Endpoint.User} root by -Sudo, or log in as root (-User root)."
                    : "Name a node of the cluster, best the master (or the cluster's own name).",
            };
        }

        if (facts.IsNotMaster && !facts.HasSocket)
        {
            throw new RemoteException(GanetiError.MasterNotReached, host.Name, $"{host.Name} was said to be the master, but says itself that {facts.MasterNode} is.")
            {
                RecommendedAction = "Compare /var/lib/ganeti/ssconf_master_node on the nodes; 'gnt-cluster redist-conf' on the real master makes them the same.",
            };
        }

        if (facts.IsDenied)
        {
            throw LuxiConnectionLostException.Denied(host.Endpoint);
        }

        if (!facts.HasSocket)
        {
            throw new RemoteException(GanetiError.MasterDaemonNotRunning, host.Name, $"{host.Name} is the master, but its master daemon does not run: there is no socket {LuxiClient.QuerySocket}.")
            {
                RecommendedAction = "Start it there: 'systemctl start ganeti' (or '/etc/init.d/ganeti start'), then look at /var/log/ganeti/luxi-daemon.log.",
            };
        }

        if (!facts.HasSocat)
        {
            throw new RemoteException(GanetiError.SocatMissing, host.Name, $"{host.Name} has no socat, which carries the master daemon's protocol over SSH.")
            {
                RecommendedAction = "Install it there: 'apt-get install socat' (the ganeti package depends on it).",
            };
        }
    }

    /// <summary>What a node says of itself.</summary>
    internal sealed record NodeFacts(string? HostName, string? MasterNode, string? ClusterName, bool HasSocket, bool HasSocat, bool IsClosed, bool IsDenied, IReadOnlyList<string> Nodes, string KnownHosts)
    {
        // A name that differs only by its domain is the same node. A socket proves nothing: a former master may have an old one.
        internal bool IsNotMaster => MasterNode is not null && HostName is not null && !NamePattern.IsSameHost(MasterNode, HostName);

        internal static NodeFacts Parse(string output)
        {
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            var knownHosts = new System.Text.StringBuilder();
            foreach (var line in output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                // A shell that prints a greeting at login adds lines; they have no name that is asked for.
                if (line.Split('=', 2) is not [var name, var value])
                {
                    continue;
                }

                values[name] = value;
                if (name == "known_host")
                {
                    knownHosts.Append(value).Append('\n');
                }
            }

            return new NodeFacts(
                values.GetValueOrDefault("host"),
                values.GetValueOrDefault("master_node"),
                values.GetValueOrDefault("cluster_name"),
                values.ContainsKey("socket"),
                values.ContainsKey("socat"),
                values.ContainsKey("closed"),
                values.ContainsKey("denied"),
                values.GetValueOrDefault("nodes")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [],
                knownHosts.ToString());
        }

        /// <summary>The host keys that Ganeti itself goes by between the nodes (lib/ssh.py, WriteKnownHostsFile).</summary>
        internal ClusterHostKeys? HostKeys(string host) => KnownHosts.Length == 0 || ClusterName is null
            ? null
            : new ClusterHostKeys(ClusterName, $"/var/lib/ganeti/known_hosts on {host}", KnownHosts);
    }
}
