namespace Ganeti.Remote;

/// <summary>
/// What an operator asks for: a host, and what is said about it beside the configuration. What is null is as ssh_config says, or as OpenSSH's
/// client has it without one.
/// </summary>
public sealed record RemoteDestination
{
    /// <summary>The host as it was named.</summary>
    public required string Host { get; init; }

    /// <summary>The port.</summary>
    public int? Port { get; init; }

    /// <summary>The user.</summary>
    public string? User { get; init; }

    /// <summary>The user where nobody says another.</summary>
    public string DefaultUser { get; init; } = "root";

    /// <summary>Private key files, tried before those of the configuration.</summary>
    public IReadOnlyList<string> IdentityFiles { get; init; } = [];

    /// <summary>known_hosts files, in place of those of the configuration, for jump hosts, too.</summary>
    public IReadOnlyList<string>? KnownHostsFiles { get; init; }

    /// <summary>The jump hosts in the order they are passed, as <c>ssh -J</c> takes them; <c>none</c> for none.</summary>
    public string? JumpHost { get; init; }

    /// <summary>The configuration file, in place of the user's and the system's.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>A password.</summary>
    public string? Password { get; init; }

    /// <summary>Accept and record unknown host keys, of jump hosts, too.</summary>
    public bool AcceptNewHostKey { get; init; }

    /// <summary>Who is asked and told.</summary>
    public IRemotePrompt? Prompt { get; init; }

    /// <summary>Put <c>sudo -n</c> before every command.</summary>
    public bool Sudo { get; init; }

    /// <summary>How long connecting to one host and logging in there may take; null is as ssh_config says, or <see cref="RemoteEndpoint.DefaultConnectTimeout"/>.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>Reads <c>[user@]host</c> or <c>ssh://[user@]host[:port]</c>, as ssh takes it.</summary>
    /// <param name="text">The text.</param>
    public static RemoteDestination Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        const string Scheme = "ssh://";
        var isUri = text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);
        text = isUri ? text[Scheme.Length..].TrimEnd('/') : text;
        var (user, host) = text.LastIndexOf('@') is var at and > 0 ? (text[..at], text[(at + 1)..]) : (null, text);
        return isUri ? ParseHostPort(host) with { User = user is null ? null : Uri.UnescapeDataString(user) } : new RemoteDestination { Host = host, User = user };
    }

    /// <summary>Without the password.</summary>
    public override string ToString() => User is null ? Host : $"{User}@{Host}";

    /// <summary>Reads one jump host: <c>[user@]host[:port]</c>, an IPv6 address in brackets, or an ssh:// URI.</summary>
    internal static RemoteDestination ParseJump(string text)
    {
        var parsed = Parse(text);
        return text.StartsWith("ssh://", StringComparison.OrdinalIgnoreCase) ? parsed : ParseHostPort(parsed.Host) with { User = parsed.User };
    }

    private static RemoteDestination ParseHostPort(string text)
    {
        if (text.StartsWith('[') && text.IndexOf(']', StringComparison.Ordinal) is var end and > 0)
        {
            return new RemoteDestination { Host = text[1..end], Port = PortOf(text[(end + 1)..]) };
        }

        // An IPv6 address without brackets has no port.
        return text.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0 && text.LastIndexOf(':') == colon
            ? new RemoteDestination { Host = text[..colon], Port = PortOf(text[colon..]) }
            : new RemoteDestination { Host = text };
    }

    private static int? PortOf(string text) =>
        text.StartsWith(':') && int.TryParse(text.AsSpan(1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? port
            : text.Length == 0 ? null : throw new GanetiException(GanetiError.DestinationInvalid, $"'{text.TrimStart(':')}' is no port.");
}
