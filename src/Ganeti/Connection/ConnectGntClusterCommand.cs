using System.Management.Automation;
using Ganeti.Connection;
using Ganeti.Remote;

namespace Ganeti.Commands;

/// <summary>
/// Connects to a Ganeti cluster by SSH: to the named node, and from there to the master when it is another one. The cluster
/// becomes the session's default. Stands for <c>ssh root@master</c> before every <c>gnt-*</c> command.
/// </summary>
[Cmdlet(VerbsCommunications.Connect, "GntCluster")]
[OutputType(typeof(GntConnection))]
public sealed class ConnectGntClusterCommand : GntCommand
{
    private HostPrompt? _prompt;

    /// <summary>The master, any other node, or the cluster's own name.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string HostName { get; set; } = string.Empty;

    /// <summary>The SSH port; without it that of ssh_config, or 22.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; } = 22;

    /// <summary>The user to log in as; without it that of ssh_config, or root, whose Ganeti's own files and sockets are.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    /// <summary>Private key files that are tried before those of ssh_config, as with <c>ssh -i</c>.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? IdentityFile { get; set; }

    /// <summary>A user and password to log in with, after the keys.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Hosts to go through, in their order, as <c>ssh -J</c> takes them; <c>none</c> for none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? JumpHost { get; set; }

    /// <summary>The ssh_config file to go by, as with <c>ssh -F</c>; <c>none</c> for none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConfigFile { get; set; }

    /// <summary>known_hosts files; an accepted new key is recorded in the first. Without it those of ssh_config.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? KnownHostsFile { get; set; }

    /// <summary>Accept the key of a host that is not known yet, and record it. A changed key is refused all the same.</summary>
    [Parameter]
    public SwitchParameter AcceptNewHostKey { get; set; }

    /// <summary>
    /// Run commands as root by <c>sudo -n</c>, on the master and the nodes, for a login that is not root; without <c>-User</c> that is the
    /// one of ssh_config, or the local user's name.
    /// </summary>
    [Parameter]
    public SwitchParameter Sudo { get; set; }

    /// <summary>How long connecting and logging in to one host may take; a number is seconds. Without it: ssh_config's <c>ConnectTimeout</c>, or 15 seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan Timeout { get; set; }

    private protected override bool EveryErrorEndsTheCall => true;

    private protected override void Process()
    {
        var connection = Await(token => ClusterConnector.ConnectAsync(SshLoadContext.Transport, Destination(), token));
        // A connection that is open already is kept only when it still answers; the new one has just proved itself.
        if (ConnectionPool.TwinOf(connection) is { } twin)
        {
            if (Await(twin.AnswersAsync))
            {
                _ = connection.DisposeAsync().AsTask();
                connection = twin;
            }
            else
            {
                ConnectionPool.Retire(twin);
            }
        }

        WriteObject(RunspaceConnections.Current.Add(connection, makeDefault: true));
    }

    private protected override void Dispose(bool disposing)
    {
        _prompt?.Leave();
        base.Dispose(disposing);
    }

    private RemoteDestination Destination()
    {
        // As ssh takes it; a user before the host counts more than -User, the user in a credential most.
        var named = RemoteDestination.Parse(HostName);
        return named with
        {
            Port = MyInvocation.BoundParameters.ContainsKey(nameof(Port)) ? Port : named.Port,
            User = Credential?.UserName ?? named.User ?? User,
            DefaultUser = Sudo ? Environment.UserName : named.DefaultUser,
            Password = Credential?.GetNetworkCredential().Password,
            IdentityFiles = IdentityFile is null ? [] : [.. IdentityFile.Select(GetUnresolvedProviderPathFromPSPath)],
            KnownHostsFiles = KnownHostsFile is null ? null : [.. KnownHostsFile.Select(GetUnresolvedProviderPathFromPSPath)],
            JumpHost = JumpHost is null ? null : string.Join(',', JumpHost),
            ConfigFile = ConfigFile is null or "none" ? ConfigFile : GetUnresolvedProviderPathFromPSPath(ConfigFile),
            AcceptNewHostKey = AcceptNewHostKey,
            Sudo = Sudo,
            ConnectTimeout = MyInvocation.BoundParameters.ContainsKey(nameof(Timeout)) ? Timeout : null,
            Prompt = _prompt ??= new HostPrompt(Host.UI, Post, StopToken),
        };
    }
}
