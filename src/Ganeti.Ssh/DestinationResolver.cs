using Ganeti.Remote;

namespace Ganeti.Ssh;

/// <summary>From what an operator asks for to where it is and how one gets there.</summary>
/// <param name="client">OpenSSH's client.</param>
internal sealed class DestinationResolver(string client)
{
    private const int MaxJumps = 16;

    private static readonly string[] Lists = ["ciphers", "kexalgorithms", "macs", "hostkeyalgorithms", "casignaturealgorithms", "pubkeyacceptedalgorithms"];

    private static readonly string[] Methods = ["publickey", "keyboard-interactive", "password"];

    /// <exception cref="GanetiException">A name is none, or the configuration can't be understood.</exception>
    internal Task<RemoteEndpoint> ResolveAsync(RemoteDestination destination, CancellationToken cancellationToken) =>
        ResolveAsync(destination, MaxJumps, cancellationToken);

    private async Task<RemoteEndpoint> ResolveAsync(RemoteDestination destination, int jumps, CancellationToken cancellationToken)
    {
        ThrowIfUnsafe(destination.Host, destination.User);
        foreach (var file in (string?[])[destination.ConfigFile, .. destination.IdentityFiles, .. destination.KnownHostsFiles ?? []])
        {
            if (file?.Contains('\0', StringComparison.Ordinal) == true)
            {
                throw Invalid("file", file);
            }
        }

        var endpoint = await OpenSshConfig.ReadAsync(client, destination, cancellationToken) is { } config
            ? Configured(destination, config)
            : Unconfigured(destination);
        ThrowIfUnsafe(endpoint.Host, endpoint.User);
        var through = destination.JumpHost ?? endpoint.JumpHosts;
        return endpoint.Endpoint with
        {
            Jump = through is null or "none" ? null : await JumpAsync(destination, endpoint.Tokens.Replaced(through), jumps, cancellationToken),
            ProxyCommand = through is null && endpoint.ProxyCommand is { } command ? endpoint.Tokens.Replaced(command) : null,
        };
    }

    /// <summary>The last of the hosts to jump over; the others are on the way to it. The first has its own way by the configuration.</summary>
    private async Task<RemoteEndpoint> JumpAsync(RemoteDestination destination, string hosts, int jumps, CancellationToken cancellationToken)
    {
        if (jumps == 0)
        {
            throw new GanetiException(GanetiError.SshConfigInvalid, $"The way to {destination.Host} leads over more than {MaxJumps} jump hosts: ssh_config leads in a circle.")
            {
                RecommendedAction = "Except the jump host from its own rule: 'Match host *.example.org,!gate.example.org' instead of 'Host *'.",
            };
        }

        var last = hosts.LastIndexOf(',');
        var jump = await ResolveAsync(
            RemoteDestination.ParseJump(hosts[(last + 1)..].Trim()) with
            {
                JumpHost = last > 0 ? hosts[..last] : null,
                DefaultUser = Environment.UserName,
                ConfigFile = destination.ConfigFile,
                KnownHostsFiles = destination.KnownHostsFiles,
                AcceptNewHostKey = destination.AcceptNewHostKey,
                ConnectTimeout = destination.ConnectTimeout,
                Prompt = destination.Prompt,
            },
            jumps - 1,
            cancellationToken);

        return Offered(jump, destination.IdentityFiles);
    }

    /// <summary>Keys that were given for a connection may be those of the hosts on its way, too.</summary>
    private static RemoteEndpoint Offered(RemoteEndpoint jump, IReadOnlyList<string> keys) => jump with
    {
        IdentityFiles = [.. jump.IdentityFiles.Union(keys)],
        Jump = jump.Jump is { } before ? Offered(before, keys) : null,
    };

    private static Resolved Configured(RemoteDestination destination, OpenSshConfig config)
    {
        var host = config.Get("hostname") ?? destination.Host;
        var port = int.Parse(config.Get("port") ?? "22", System.Globalization.CultureInfo.InvariantCulture);
        var user = config.Get("user") ?? destination.DefaultUser;
        var alias = config.Get("hostkeyalias");
        var tokens = new Tokens(destination.Host, host, port, user, alias);
        if (config.IsOn("proxyusefdpass"))
        {
            throw new GanetiException(GanetiError.SshConfigInvalid, $"ssh_config has ProxyUseFdpass for {destination.Host}, which this module can't do.")
            {
                RecommendedAction = "Give the way by -JumpHost, or a ProxyCommand without ProxyUseFdpass in the file of -ConfigFile.",
            };
        }

        return new Resolved(tokens, config.Get("proxyjump"), config.Get("proxycommand"), Asked(destination) with
        {
            Host = host,
            Port = port,
            User = user,
            HostKeyAlias = alias,
            // ssh itself drops a given file that does not exist, with a warning that nobody sees here.
            IdentityFiles = [.. destination.IdentityFiles.Union(Files(config.All("identityfile")))],
            CertificateFiles = Files(config.All("certificatefile")),
            IdentitiesOnly = config.IsOn("identitiesonly"),
            IdentityAgent = AgentOf(config, tokens),
            AuthenticationMethods = MethodsOf(config),
            PasswordPrompts = config.Number("numberofpasswordprompts") ?? 3,
            Prompt = config.IsOn("batchmode") ? null : destination.Prompt,
            KnownHostsFiles = destination.KnownHostsFiles ?? Files(
            [
                // New keys go into the first, which must never be one of the system's.
                .. config.Files("userknownhostsfile") is { Count: > 0 } own ? own : [KnownHosts.NoFile],
                .. config.Files("globalknownhostsfile"),
            ]),
            AcceptNewHostKey = destination.AcceptNewHostKey || config.Get("stricthostkeychecking") is "accept-new" or "no" or "off" or "false",
            AskAboutNewHostKey = config.Get("stricthostkeychecking") is null or "ask",
            KnownHostsCommand = destination.KnownHostsFiles is null && config.Get("knownhostscommand") is { } command ? KnownHostsCommand.Split(command, tokens) : null,
            AddressFamily = config.Get("addressfamily") is "inet" or "inet6" ? config.Get("addressfamily") : null,
            BindAddress = config.Get("bindaddress"),
            ConnectTimeout = destination.ConnectTimeout ?? (config.Number("connecttimeout") is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : RemoteEndpoint.DefaultConnectTimeout),
            HashKnownHosts = config.IsOn("hashknownhosts"),
            KeepAliveInterval = config.Number("serveraliveinterval") is { } alive and > 0 ? TimeSpan.FromSeconds(alive) : RemoteEndpoint.DefaultKeepAliveInterval,
            RevokedHostKeysFile = config.Get("revokedhostkeys") is { } revoked ? tokens.InFileName(revoked) : null,
            Algorithms = Lists.Where(list => config.List(list) is not null).ToDictionary(list => list, list => config.List(list)!),
        });

        string[] Files(IReadOnlyList<string> values) => [.. values.Select(tokens.InFileName)];
    }

    private static Resolved Unconfigured(RemoteDestination destination)
    {
        var endpoint = Asked(destination) with
        {
            Host = destination.Host,
            Port = destination.Port ?? 22,
            User = destination.User ?? destination.DefaultUser,
            IdentityFiles = destination.IdentityFiles.Count > 0 ? destination.IdentityFiles : OpenSshDefaults.IdentityFiles,
            IdentityAgent = OpenSshDefaults.IdentityAgent,
            Prompt = destination.Prompt,
            KnownHostsFiles = destination.KnownHostsFiles ?? OpenSshDefaults.KnownHostsFiles,
            AcceptNewHostKey = destination.AcceptNewHostKey,
        };
        return new Resolved(new Tokens(destination.Host, endpoint.Host, endpoint.Port, endpoint.User, null), null, null, endpoint);
    }

    private static RemoteEndpoint Asked(RemoteDestination destination) => new()
    {
        Host = destination.Host,
        Destination = destination,
        Password = destination.Password,
        Sudo = destination.Sudo,
        ConnectTimeout = destination.ConnectTimeout ?? RemoteEndpoint.DefaultConnectTimeout,
    };

    private static string? AgentOf(OpenSshConfig config, Tokens tokens) => config.Get("identityagent") switch
        {
            null => config.IsNone("identityagent") ? null : OpenSshDefaults.IdentityAgent,
            "SSH_AUTH_SOCK" => OpenSshDefaults.IdentityAgent,
            ['$', .. var name] when !name.StartsWith('{') => Environment.GetEnvironmentVariable(name),
            var named => tokens.InFileName(named),
        };

    private static string[] MethodsOf(OpenSshConfig config)
    {
        var preferred = config.List("preferredauthentications") ?? Methods;
        return
        [
            .. preferred.Where(method => method switch
            {
                "publickey" => !config.IsOff("pubkeyauthentication"),
                "keyboard-interactive" => !config.IsOff("kbdinteractiveauthentication"),
                "password" => !config.IsOff("passwordauthentication"),
                _ => false,
            }),
        ];
    }

    /// <summary>
    /// Names come from the cluster, too, and go into the arguments of <c>ssh -G</c> and into the shell's hands with a ProxyCommand. OpenSSH
    /// refuses the same characters (9.6, valid_hostname and valid_ruser).
    /// </summary>
    private static void ThrowIfUnsafe(string host, string? user)
    {
        const string Shell = "'`\"$\\;&<>|(){}";
        if (host.Length == 0 || host.StartsWith('-') || host.Any(c => Shell.Contains(c, StringComparison.Ordinal) || char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            throw Invalid("host", host);
        }

        if (user is not null && (user.Length == 0 || user.StartsWith('-') || user.EndsWith('\\') || user.Any(c => (Shell.Contains(c, StringComparison.Ordinal) && c is not ('$' or '\\')) || char.IsControl(c))))
        {
            throw Invalid("user", user);
        }
    }

    private static GanetiException Invalid(string kind, string name) =>
        new(GanetiError.DestinationInvalid, $"'{RemoteText.Printable(name)}' is no name of a {kind}.")
        {
            RecommendedAction = "A name has no blanks, quotes or other characters that a shell reads as its own, and no dash at its start.",
        };

    private sealed record Resolved(Tokens Tokens, string? JumpHosts, string? ProxyCommand, RemoteEndpoint Endpoint)
    {
        internal string Host => Endpoint.Host;

        internal string User => Endpoint.User;
    }
}
