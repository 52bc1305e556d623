using System.Collections.Concurrent;
using System.Diagnostics;
using Ganeti.Luxi;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>
/// An open connection to a cluster: to its master by SSH, and through it to the master daemon and to the nodes. Safe to use
/// from several threads; shared by all runspaces of the process that are connected to the cluster as the same user.
/// </summary>
public sealed class GntConnection : IAsyncDisposable
{
    private static readonly string[] QueriedValues = ["drain_flag", "watcher_pause"];

    private readonly IRemoteTransport _transport;
    private readonly SemaphoreSlim _following = new(1, 1);
    private IRemoteHost? _entry;
    private readonly ConcurrentDictionary<string, Lazy<Task<IRemoteHost>>> _nodes = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private int _closed;
    private int _hasWarned;

    internal GntConnection(IRemoteTransport transport, IRemoteHost master, IRemoteHost? entry, LuxiClient luxi, ClusterIdentity identity, string masterNode, string softwareVersion)
    {
        _transport = transport;
        _entry = entry;
        MasterHost = master;
        Luxi = luxi;
        luxi.FindSuccessor = SuccessorAsync;
        Identity = identity;
        Master = masterNode;
        SoftwareVersion = softwareVersion;
        Instances = new GntInstances(this);
        Nodes = new GntNodes(this);
        Groups = new GntGroups(this);
        Networks = new GntNetworks(this);
        Locks = new GntLocks(this);
        Jobs = new GntJobs(this);
        OperatingSystems = new GntOperatingSystems(this);
        Exports = new GntExports(this);
        Consoles = new GntConsoles(this);
        Tags = new GntTags(this);
        Fields = new GntFields(this);
        Drbd = new DrbdDevices(this);
        History = new GntHistory(this);
        Block = new BlockDevices(this);
        Lvm = new LvmVolumes(this);
        Mounts = new GntMounts(this);
    }

    /// <summary>The cluster's name.</summary>
    public string Name => Identity.Name;

    /// <summary>The cluster's UUID.</summary>
    public string Uuid => Identity.Uuid;

    /// <summary>The master node's name.</summary>
    public string Master { get; private set; }

    /// <summary>The user that is logged in on the master.</summary>
    public string User => MasterHost.Endpoint.User;

    /// <summary>Whether that user's commands are run as root by <c>sudo</c>, there and on the nodes.</summary>
    public bool Sudo => MasterHost.Endpoint.Sudo;

    /// <summary>Ganeti's version there.</summary>
    public string SoftwareVersion { get; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset ConnectedAt { get; } = DateTimeOffset.Now;

    /// <summary>Whether it can be used; false once it was disconnected.</summary>
    public bool IsOpen => _closed == 0;

    /// <summary>Guests.</summary>
    public GntInstances Instances { get; }

    /// <summary>Nodes.</summary>
    public GntNodes Nodes { get; }

    /// <summary>Node groups.</summary>
    public GntGroups Groups { get; }

    /// <summary>Networks.</summary>
    public GntNetworks Networks { get; }

    /// <summary>Locks.</summary>
    public GntLocks Locks { get; }

    /// <summary>Jobs.</summary>
    public GntJobs Jobs { get; }

    /// <summary>Operating system definitions.</summary>
    public GntOperatingSystems OperatingSystems { get; }

    /// <summary>Exports.</summary>
    public GntExports Exports { get; }

    /// <summary>Consoles.</summary>
    public GntConsoles Consoles { get; }

    /// <summary>Tags.</summary>
    public GntTags Tags { get; }

    /// <summary>The fields that queries know.</summary>
    public GntFields Fields { get; }

    /// <summary>Mirrors.</summary>
    public DrbdDevices Drbd { get; }

    /// <summary>What this module has done on nodes.</summary>
    public GntHistory History { get; }

    /// <summary>Block devices of the nodes.</summary>
    public BlockDevices Block { get; }

    /// <summary>Logical volumes of the nodes.</summary>
    public LvmVolumes Lvm { get; }

    /// <summary>What is mounted of guests' disks on nodes.</summary>
    public GntMounts Mounts { get; }

    internal ClusterIdentity Identity { get; }

    internal LuxiClient Luxi { get; private set; }

    internal IRemoteHost MasterHost { get; private set; }

    /// <summary>The cluster's nodes when it was connected to: where to ask when the master is gone.</summary>
    internal IReadOnlyList<string> NodeNames { get; init; } = [];

    /// <summary>After how long a node's connection that nobody uses is closed; it is opened anew unseen.</summary>
    internal TimeSpan NodeIdleTime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The host keys that the master knows its nodes by.</summary>
    internal ClusterHostKeys? HostKeys { get; set; }

    /// <summary>Reads what the cluster is and how it is configured.</summary>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master did not answer.</exception>
    public async Task<GntCluster> GetClusterAsync(CancellationToken cancellationToken)
    {
        var values = Luxi.AskAsync(
            "QueryConfigValues",
            static writer => LuxiJson.WriteValue(writer, QueriedValues),
            static reader => LuxiJson.ReadValue(reader) as object?[],
            cancellationToken);
        var cluster = await ReadClusterAsync(Luxi, cancellationToken).ConfigureAwait(false);
        var answers = await values.ConfigureAwait(false);
        cluster.IsQueueDrained = answers.At(0) as bool?;
        cluster.WatcherPausedUntil = LuxiSetters.ToTime(answers.At(1));
        cluster.From(Identity, DateTimeOffset.Now);
        return cluster;
    }

    /// <summary>The master's host, for what is read there beside LUXI: once its daemon has answered, by which the connection follows a failover.</summary>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master did not answer.</exception>
    internal async Task<IRemoteHost> OpenMasterAsync(CancellationToken cancellationToken)
    {
        await Luxi.AskAsync("QueryConfigValues", static writer => LuxiJson.WriteValue(writer, QueriedValues), LuxiJson.ReadValue, cancellationToken).ConfigureAwait(false);
        return MasterHost;
    }

    /// <summary>
    /// A node's host, for commands: the master itself, or the node by a tunnel through the master's connection, with the
    /// same user and keys. It belongs to the connection and closes with it.
    /// </summary>
    /// <param name="node">The node's full name, as the master resolves it.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="RemoteException">It could not be reached, is not who it should be, or refused the login.</exception>
    public async Task<IRemoteHost> OpenNodeAsync(string node, CancellationToken cancellationToken)
    {
        if (node == Master)
        {
            return MasterHost;
        }

        var opening = _nodes.GetOrAdd(node, name => new Lazy<Task<IRemoteHost>>(() =>
            ConnectNodeAsync(name, _closing.Token)));
        try
        {
            return await opening.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch when (opening.Value.IsFaulted || opening.Value.IsCanceled)
        {
            // The next caller tries anew.
            _nodes.TryRemove(new(node, opening));
            throw;
        }
    }

    private async Task<IRemoteHost> ConnectNodeAsync(string node, CancellationToken cancellationToken)
    {
        var endpoint = await ClusterConnector.OtherHostAsync(_transport, MasterHost.Endpoint, node, cancellationToken).ConfigureAwait(false);
        endpoint = endpoint with { ClusterHostKeys = HostKeys, IdleTime = NodeIdleTime };
        try
        {
            return await _transport.ConnectAsync(endpoint, MasterHost, cancellationToken).ConfigureAwait(false);
        }
        catch (RemoteException refused) when (refused.Error == GanetiError.ForwardingRefused)
        {
            return await ConnectDirectlyAsync(node, endpoint, refused, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Goes to a node from here, as ssh would, where the master lets nothing pass.</summary>
    private async Task<IRemoteHost> ConnectDirectlyAsync(string node, RemoteEndpoint endpoint, RemoteException refused, CancellationToken cancellationToken)
    {
        IRemoteHost host;
        try
        {
            host = await ConnectByNameOrAddressAsync(node, endpoint, cancellationToken).ConfigureAwait(false);
        }
        catch (RemoteException direct) when (direct.Error.Class is GanetiErrorClass.ConnectionError or GanetiErrorClass.OperationTimeout)
        {
            throw new RemoteException(GanetiError.ForwardingRefused, node, $"{refused.Message} Without it {node} can't be reached: {direct.Message}", direct)
            {
                RecommendedAction = refused.RecommendedAction,
            };
        }

        if (Interlocked.Exchange(ref _hasWarned, 1) == 0)
        {
            CallLog.Current?.Warn($"{Master} lets no connections to the nodes pass through ('AllowTcpForwarding' in its sshd_config), so they are reached from here directly: {node} was.");
        }

        return host;
    }

    private async Task<IRemoteHost> ConnectByNameOrAddressAsync(string node, RemoteEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            return await _transport.ConnectAsync(endpoint, via: null, cancellationToken).ConfigureAwait(false);
        }
        catch (RemoteException unknown) when (unknown.Error == GanetiError.HostNotFound)
        {
            // Names of nodes may be known among the nodes only; the master knows their addresses.
            var known = await Nodes.GetAsync([new NamePattern(NamePattern.Escape(node))], configurationOnly: true, cancellationToken).ConfigureAwait(false);
            if (known is not [{ PrimaryIPAddress: { } address }])
            {
                throw;
            }

            return await _transport.ConnectAsync(endpoint with { Host = address, HostKeyAlias = endpoint.HostKeyAlias ?? node }, via: null, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What the master's clock says: by it the times of jobs are.</summary>
    internal async Task<DateTimeOffset> MasterTimeAsync(CancellationToken cancellationToken)
    {
        var command = new RemoteCommand("date", "+%s");
        var result = await RunAsync(MasterHost, command, cancellationToken).ConfigureAwait(false);
        return long.TryParse(result.OutputText.Trim(), System.Globalization.CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new RemoteException(GanetiError.RemoteCommandFailed, MasterHost.Name, $"{MasterHost.Name} does not say what time it is there: {result.ErrorText.Trim()} (exit status {result.ExitStatus}).");
    }

    /// <summary>
    /// Goes to the cluster's master as the nodes name it now, after a failover, or by another way than before. Whoever uses this connection goes
    /// on with the new master.
    /// </summary>
    /// <returns>Whether a master that answers was found.</returns>
    internal async Task<bool> FollowMasterAsync(CancellationToken cancellationToken)
    {
        await _following.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (await AnswersAsync(cancellationToken).ConfigureAwait(false))
            {
                // Somebody else of the process has found it.
                return true;
            }

            foreach (var node in NodeNames.OrderBy(name => NamePattern.IsSameHost(name, Master)))
            {
                if (await ConnectThroughAsync(node, cancellationToken).ConfigureAwait(false) is { } found)
                {
                    await TakeOverAsync(found).ConfigureAwait(false);
                    return true;
                }
            }

            return false;
        }
        finally
        {
            _following.Release();
        }
    }

    // Other nodes are asked only when the host itself says that it is not the master any more.
    private async Task<LuxiClient?> SuccessorAsync(LuxiClient asker, CancellationToken cancellationToken)
    {
        var (master, luxi) = (Master, Luxi);
        if (luxi != asker || !IsOpen)
        {
            return luxi != asker ? luxi : null;
        }

        var named = await RunAsync(MasterHost, new RemoteCommand("cat", "/var/lib/ganeti/ssconf_master_node"), cancellationToken).ConfigureAwait(false);
        var isMoved = named.OutputText.Trim() is { Length: > 0 } now && !NamePattern.IsSameHost(now, master);
        return (isMoved && await FollowMasterAsync(cancellationToken).ConfigureAwait(false)) || Luxi != luxi ? Luxi : null;
    }

    private async Task<GntConnection?> ConnectThroughAsync(string node, CancellationToken cancellationToken)
    {
        try
        {
            var found = await ClusterConnector.ConnectAsync(_transport, DestinationOf(node), cancellationToken).ConfigureAwait(false);
            if (found.Uuid == Uuid)
            {
                return found;
            }

            await found.DisposeAsync().ConfigureAwait(false);
        }
        catch (GanetiException)
        {
            // Down too, or it knows no master that answers: the next one may.
        }

        return null;
    }

    private RemoteDestination DestinationOf(string node) =>
        (MasterHost.Endpoint.Destination ?? new RemoteDestination { Host = node }) with { Host = node, DefaultUser = User };

    private async Task TakeOverAsync(GntConnection found)
    {
        var (host, entry, luxi, nodes) = (MasterHost, _entry, Luxi, _nodes.Values.ToArray());
        // Tunnels to nodes go through the old master.
        _nodes.Clear();
        (MasterHost, _entry, Luxi, Master, HostKeys) = (found.MasterHost, found._entry, found.Luxi, found.Master, found.HostKeys);
        Luxi.FindSuccessor = SuccessorAsync;
        await CloseAsync(luxi, nodes, host, entry).ConfigureAwait(false);
    }

    /// <summary>Whether its master daemon answers within a moment.</summary>
    internal async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var moment = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        moment.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            await Luxi.AskHereAsync("QueryConfigValues", static writer => LuxiJson.WriteValue(writer, QueriedValues), LuxiJson.ReadValue, moment.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is GanetiException or ObjectDisposedException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Runs a command and tells the call log.</summary>
    internal static async Task<RemoteResult> RunAsync(IRemoteHost host, RemoteCommand command, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        RemoteResult? result = null;
        try
        {
            result = await host.RunAsync(command, cancellationToken).ConfigureAwait(false);
            return result;
        }
        finally
        {
            CallLog.Current?.CommandRan(host.Name, command, result?.ExitStatus, Stopwatch.GetElapsedTime(started));
        }
    }

    internal static Task<GntCluster> ReadClusterAsync(LuxiClient luxi, CancellationToken cancellationToken) => luxi.AskAsync(
        "QueryClusterInfo",
        static _ => { },
        static reader => LuxiModel<GntCluster>.FromMembers(LuxiJson.ReadValue(reader) as GntParameters ?? []),
        cancellationToken);

    /// <summary>Closes it. Jobs on the cluster go on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await CloseAsync(Luxi, [.. _nodes.Values], MasterHost, _entry).ConfigureAwait(false);
        _closing.Dispose();
        _following.Dispose();
    }

    private static async Task CloseAsync(LuxiClient luxi, IReadOnlyList<Lazy<Task<IRemoteHost>>> nodes, IRemoteHost master, IRemoteHost? entry)
    {
        await luxi.DisposeAsync().ConfigureAwait(false);
        foreach (var opening in nodes)
        {
            if (opening.IsValueCreated)
            {
                try
                {
                    await (await opening.Value.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is RemoteException or OperationCanceledException)
                {
                    // It was never opened; whoever asked for it has been told.
                }
            }
        }

        await master.DisposeAsync().ConfigureAwait(false);
        if (entry is not null)
        {
            await entry.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
