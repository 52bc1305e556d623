using Ganeti.Remote;

namespace Ganeti.Ssh;

/// <summary>Makes connections by SSH.</summary>
public sealed class SshTransport : IRemoteTransport
{
    private readonly KeyRing _keys = new();
    private readonly JumpHosts _jumps;

    /// <summary>Makes a transport; what it has read and opened serves all its connections.</summary>
    public SshTransport() => _jumps = new JumpHosts(_keys);

    /// <summary>OpenSSH's client, which reads its configuration for us.</summary>
    internal string Client { get; init; } = "ssh";

    /// <inheritdoc/>
    public Task<RemoteEndpoint> ResolveAsync(RemoteDestination destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return new DestinationResolver(Client).ResolveAsync(destination, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IRemoteHost> ConnectAsync(RemoteEndpoint endpoint, IRemoteHost? via, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var hop = via as SshHost;
        if (via is not null && hop is null)
        {
            throw new ArgumentException("A tunnel needs a host of the same transport.", nameof(via));
        }

        var jump = hop is null && endpoint.Jump is { } on ? await _jumps.TakeAsync(endpoint, on, cancellationToken) : null;
        var host = new SshHost(endpoint, hop ?? jump, _keys, leave: jump is null ? null : () => _jumps.LeaveAsync(jump));
        try
        {
            await host.ConnectAsync(cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }
}
