using Ganeti.Remote;

namespace Ganeti.Ssh;

/// <summary>Makes connections by SSH.</summary>
public sealed class SshTransport : IRemoteTransport
{
    private readonly KeyRing _keys = new();

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

        var jump = hop is null && endpoint.Jump is { } on ? await JumpAsync(endpoint, on, cancellationToken) : null;
        var host = new SshHost(endpoint, hop ?? jump, _keys, ownsVia: jump is not null);
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

    private async Task<SshHost> JumpAsync(RemoteEndpoint endpoint, RemoteEndpoint jump, CancellationToken cancellationToken)
    {
        try
        {
            return (SshHost)await ConnectAsync(jump, null, cancellationToken);
        }
        catch (RemoteException e)
        {
            throw Errors.OnTheWay(endpoint, jump, e);
        }
    }
}
