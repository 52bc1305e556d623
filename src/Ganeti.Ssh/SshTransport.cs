using Ganeti.Remote;

namespace Ganeti.Ssh;

/// <summary>Makes connections by SSH.</summary>
public sealed class SshTransport : IRemoteTransport
{
    private readonly KeyRing _keys = new();

    /// <inheritdoc/>
    public async Task<IRemoteHost> ConnectAsync(RemoteEndpoint endpoint, IRemoteHost? via, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var hop = via as SshHost;
        if (via is not null && hop is null)
        {
            throw new ArgumentException("A tunnel needs a host of the same transport.", nameof(via));
        }

        var host = new SshHost(endpoint, hop, _keys);
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
