using Ganeti.Remote;

namespace Ganeti.Ssh;

/// <summary>The hosts that others are reached through: one connection each, for as long as anybody goes through it.</summary>
internal sealed class JumpHosts(KeyRing keys)
{
    private readonly object _gate = new();
    private readonly List<Shared> _hosts = [];

    /// <summary>The jump host on the way to a target, connected, with those before it on the way.</summary>
    /// <exception cref="RemoteException">It, or one before it, could not be reached or refused the login.</exception>
    internal async Task<SshHost> TakeAsync(RemoteEndpoint target, RemoteEndpoint jump, CancellationToken cancellationToken)
    {
        SshHost? host = null;
        try
        {
            var before = jump.Jump is { } on ? await TakeAsync(jump, on, cancellationToken) : null;
            (host, var isShared) = Take(jump, before);
            if (isShared && before is not null)
            {
                // The one that is shared has it already.
                await LeaveAsync(before);
            }

            await host.ConnectAsync(cancellationToken);
            return host;
        }
        catch (Exception e)
        {
            if (host is not null)
            {
                await LeaveAsync(host);
            }

            if (e is RemoteException cause)
            {
                throw Errors.OnTheWay(target, jump, cause);
            }

            throw;
        }
    }

    /// <summary>Says that one user of a jump host needs it no more; the last one closes it.</summary>
    internal async ValueTask LeaveAsync(SshHost host)
    {
        lock (_gate)
        {
            var shared = _hosts.Find(candidate => candidate.Host == host)!;
            if (--shared.Users > 0)
            {
                return;
            }

            _hosts.Remove(shared);
        }

        await host.DisposeAsync();
    }

    private (SshHost Host, bool IsShared) Take(RemoteEndpoint jump, SshHost? before)
    {
        lock (_gate)
        {
            var shared = _hosts.Find(candidate => candidate.IsFor(jump));
            var isShared = shared is not null;
            if (shared is null)
            {
                _hosts.Add(shared = new Shared(new SshHost(jump, before, keys, leave: before is null ? null : () => LeaveAsync(before))));
            }

            shared.Users++;
            return (shared.Host, isShared);
        }
    }

    private sealed class Shared(SshHost host)
    {
        internal SshHost Host => host;

        internal int Users { get; set; }

        /// <summary>Whether it is the same login on the same host by the same way, and open; or it can still ask the one who asks for it.</summary>
        internal bool IsFor(RemoteEndpoint jump) =>
            IsSame(host.Endpoint, jump) && (host.IsConnected || host.Endpoint.Prompt is null or { IsThere: true });

        private static bool IsSame(RemoteEndpoint? one, RemoteEndpoint? other) => (one, other) switch
        {
            (null, null) => true,
            (null, _) or (_, null) => false,
            _ => (one.Host, one.Port, one.User, one.HostKeyAlias, one.ProxyCommand, one.Password) == (other.Host, other.Port, other.User, other.HostKeyAlias, other.ProxyCommand, other.Password)
                && (one.AddressFamily, one.BindAddress) == (other.AddressFamily, other.BindAddress)
                && (one.KnownHostsCommand ?? []).SequenceEqual(other.KnownHostsCommand ?? [])
                && one.KnownHostsFiles.SequenceEqual(other.KnownHostsFiles)
                && one.IdentityFiles.SequenceEqual(other.IdentityFiles)
                && IsSame(one.Jump, other.Jump),
        };
    }
}
