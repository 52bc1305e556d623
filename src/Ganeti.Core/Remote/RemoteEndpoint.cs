namespace Ganeti.Remote;

/// <summary>Where a host is reached, as whom, and how its identity is proven. Values are as OpenSSH understands them.</summary>
public sealed record RemoteEndpoint
{
    /// <summary>The name or address to connect to; host keys are checked under it unless <see cref="HostKeyAlias"/> is set.</summary>
    public required string Host { get; init; }

    /// <summary>The TCP port.</summary>
    public int Port { get; init; } = 22;

    /// <summary>The user to log in as.</summary>
    public string User { get; init; } = "root";

    /// <summary>Private key files, in the order they are tried. Files that do not exist are passed over, as ssh does.</summary>
    public IReadOnlyList<string> IdentityFiles { get; init; } = [];

    /// <summary>Who is asked for passphrases and about unknown host keys; null when nobody is there.</summary>
    public IRemotePrompt? Prompt { get; init; }

    /// <summary>A password to log in with after the keys were tried, or null.</summary>
    public string? Password { get; init; }

    /// <summary>known_hosts files; an accepted new key is recorded in the first.</summary>
    public IReadOnlyList<string> KnownHostsFiles { get; init; } = [];

    /// <summary>The name that the host key is looked up and recorded under, or null for the host itself.</summary>
    public string? HostKeyAlias { get; init; }

    /// <summary>Accept and record the key of a host that no known_hosts file has. A changed key is refused all the same.</summary>
    public bool AcceptNewHostKey { get; init; }

    /// <summary>Ask the <see cref="Prompt"/> about a key that no known_hosts file has, instead of refusing it at once.</summary>
    public bool AskAboutNewHostKey { get; init; } = true;

    /// <summary>Record a new key with the host's name hashed.</summary>
    public bool HashKnownHosts { get; init; }

    /// <summary>A file of keys that are refused everywhere: public keys, or a list made by <c>ssh-keygen -k</c>; or null.</summary>
    public string? RevokedHostKeysFile { get; init; }

    /// <summary>What the cluster itself knows its nodes by, or null.</summary>
    public ClusterHostKeys? ClusterHostKeys { get; init; }

    /// <summary>Put <c>sudo -n</c> before every command.</summary>
    public bool Sudo { get; init; }

    /// <summary>How long connecting and logging in may take in all.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How often the connection is checked while something waits on it; it counts as lost when no answer has come after two
    /// such times. Zero switches the checks off.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Channels used at once on the connection; below OpenSSH's default <c>MaxSessions</c> of 10.</summary>
    public int MaxSessions { get; init; } = 8;

    /// <inheritdoc/>
    public override string ToString() => Port == 22 ? $"{User}@{Host}" : $"{User}@{Host}:{Port}";
}
