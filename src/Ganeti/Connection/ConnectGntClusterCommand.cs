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

    /// <summary>The SSH port.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; } = 22;

    /// <summary>The user to log in as; Ganeti's own files and sockets are root's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string User { get; set; } = "root";

    /// <summary>Private key files, in the order they are tried; without it those that <c>ssh</c> tries by default (<c>~/.ssh/id_ed25519</c> …).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? IdentityFile { get; set; }

    /// <summary>A user and password to log in with, after the keys.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>known_hosts files; an accepted new key is recorded in the first. Without it <c>~/.ssh/known_hosts</c> and <c>/etc/ssh/ssh_known_hosts</c>.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? KnownHostsFile { get; set; }

    /// <summary>Accept the key of a host that is not known yet, and record it. A changed key is refused all the same.</summary>
    [Parameter]
    public SwitchParameter AcceptNewHostKey { get; set; }

    /// <summary>How long connecting and logging in to one host may take; a number is seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    private protected override bool EveryErrorEndsTheCall => true;

    private protected override void Process()
    {
        var connection = Await(token => ClusterConnector.ConnectAsync(SshLoadContext.Transport, Endpoint(), token));
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

    private RemoteEndpoint Endpoint()
    {
        // user@host as ssh takes it; the user in a credential counts most.
        var (user, host) = HostName.LastIndexOf('@') is var at and > 0 ? (HostName[..at], HostName[(at + 1)..]) : (User, HostName);
        return new RemoteEndpoint
        {
            Host = host,
            Port = Port,
            User = Credential?.UserName ?? user,
            Password = Credential?.GetNetworkCredential().Password,
            IdentityFiles = IdentityFile is null ? OpenSshDefaults.IdentityFiles : [.. IdentityFile.SelectMany(Resolved)],
            KnownHostsFiles = KnownHostsFile is null ? OpenSshDefaults.KnownHostsFiles : [.. KnownHostsFile.SelectMany(Resolved)],
            AcceptNewHostKey = AcceptNewHostKey,
            ConnectTimeout = Timeout,
            Prompt = _prompt ??= new HostPrompt(Host.UI, Post, StopToken),
        };
    }

    private IEnumerable<string> Resolved(string path) => [GetUnresolvedProviderPathFromPSPath(path)];
}
