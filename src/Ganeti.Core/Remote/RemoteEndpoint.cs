namespace Ganeti.Remote;

/// <summary>Where a host is reached, as whom, and how its identity is proven. Values are as OpenSSH understands them.</summary>
public sealed record RemoteEndpoint
{
    /// <summary>What the operator asked for that led here, or null when it was made by hand.</summary>
    public RemoteDestination? Destination { get; init; }

    /// <summary>The name or address to connect to; host keys are checked under it unless <see cref="HostKeyAlias"/> is set.</summary>
    public required string Host { get; init; }

    /// <summary>The TCP port.</summary>
    public int Port { get; init; } = 22;

    /// <summary>The host through which this one is reached, or null.</summary>
    public RemoteEndpoint? Jump { get; init; }

    /// <summary>A command of this machine's shell whose input and output are the connection, or null.</summary>
    public string? ProxyCommand { get; init; }

    /// <summary>The user to log in as.</summary>
    public string User { get; init; } = "root";

    /// <summary>Private key files, in the order they are tried. Files that do not exist are passed over, as ssh does.</summary>
    public IReadOnlyList<string> IdentityFiles { get; init; } = [];

    /// <summary>Certificates for keys that are in the agent or in files, beside those that lie next to the key files.</summary>
    public IReadOnlyList<string> CertificateFiles { get; init; } = [];

    /// <summary>Use keys of the agent only where a file or certificate is named for them.</summary>
    public bool IdentitiesOnly { get; init; }

    /// <summary>The ssh-agent's socket or named pipe, or null for none.</summary>
    public string? IdentityAgent { get; init; }

    /// <summary>The ways to log in that may be used, in their order: <c>publickey</c>, <c>keyboard-interactive</c>, <c>password</c>.</summary>
    public IReadOnlyList<string> AuthenticationMethods { get; init; } = ["publickey", "keyboard-interactive", "password"];

    /// <summary>How often a person is asked for a password.</summary>
    public int PasswordPrompts { get; init; } = 3;

    /// <summary>Who is asked for passphrases and about unknown host keys; null when nobody is there.</summary>
    public IRemotePrompt? Prompt { get; init; }

    /// <summary>A password to log in with after the keys were tried, or null.</summary>
    public string? Password { get; init; }

    /// <summary>known_hosts files; an accepted new key is recorded in the first.</summary>
    public IReadOnlyList<string> KnownHostsFiles { get; init; } = [];

    /// <summary>
    /// A program of this machine and its arguments that prints more lines of known_hosts, or null; in the arguments %H, %I, %K, %t and %f stand for what
    /// is looked for (ssh_config(5), KnownHostsCommand).
    /// </summary>
    public IReadOnlyList<string>? KnownHostsCommand { get; init; }

    /// <summary>The family of addresses that is tried, <c>inet</c> or <c>inet6</c>, or null for any.</summary>
    public string? AddressFamily { get; init; }

    /// <summary>The address of this machine that connections come from, or null for any.</summary>
    public string? BindAddress { get; init; }

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

    /// <summary>
    /// The algorithms that may be used, by the names that ssh_config has for the lists (<c>ciphers</c>, <c>kexalgorithms</c>, <c>macs</c>,
    /// <c>hostkeyalgorithms</c>, <c>casignaturealgorithms</c>, <c>pubkeyacceptedalgorithms</c>); what is not named is as it comes.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Algorithms { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>How long connecting and logging in may take in all.</summary>
    public TimeSpan ConnectTimeout { get; init; } = DefaultConnectTimeout;

    /// <summary>
    /// How often the connection is checked while something waits on it; it counts as lost when no answer has come after two
    /// such times. Zero switches the checks off.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; init; } = DefaultKeepAliveInterval;

    /// <summary>After how long a connection that nobody uses is closed; the next use opens it anew. Zero keeps it open.</summary>
    public TimeSpan IdleTime { get; init; }

    /// <summary>Channels used at once on the connection; below OpenSSH's default <c>MaxSessions</c> of 10.</summary>
    public int MaxSessions { get; init; } = 8;

    /// <summary>How long connecting may take where nobody says it.</summary>
    public static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(15);

    internal static readonly TimeSpan DefaultKeepAliveInterval = TimeSpan.FromSeconds(15);

    internal bool Allows(string list, string algorithm) => !Algorithms.TryGetValue(list, out var allowed) || allowed.Contains(algorithm);

    /// <inheritdoc/>
    public override string ToString() => Port == 22 ? $"{User}@{Host}" : $"{User}@{Host}:{Port}";
}
