using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Ganeti.Remote;

namespace Ganeti.Ssh;

/// <summary>
/// What ssh_config says about a host, decided by OpenSSH's own client (<c>ssh -G</c>): nobody else knows Host, Match, Include and
/// canonical names as well.
/// </summary>
internal sealed class OpenSshConfig
{
    private static readonly string[] None = [];

    private readonly Dictionary<string, List<string>> _settings = new(StringComparer.Ordinal);

    internal OpenSshConfig(string output)
    {
        foreach (var line in output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ', 2) is [var name, var value])
            {
                _settings.TryAdd(name.ToLowerInvariant(), []);
                _settings[name.ToLowerInvariant()].Add(value);
            }
        }
    }

    /// <summary>The settings for a destination, or null where there is no OpenSSH client.</summary>
    /// <exception cref="GanetiException">The client does not understand its configuration, or there is none to read the given file.</exception>
    internal static async Task<OpenSshConfig?> ReadAsync(string client, RemoteDestination destination, CancellationToken cancellationToken)
    {
        string[] options =
        [
            .. destination.ConfigFile is { } file ? ["-F", file] : None,
            .. destination.Port is { } port ? ["-p", port.ToString(CultureInfo.InvariantCulture)] : None,
            .. destination.User is { } user ? ["-l", user] : None,
            .. destination.JumpHost is { } jump ? ["-J", jump] : None,
            .. destination.IdentityFiles.SelectMany(identity => (string[])["-i", identity]),
        ];
        try
        {
            var config = new OpenSshConfig(await RunAsync(client, destination, options, cancellationToken));

            // It does not tell a configured user from its own default, which is not ours.
            return destination.User is null && config.Get("user") == Environment.UserName && destination.DefaultUser != Environment.UserName && !await HasUserAsync(client, destination, options, cancellationToken)
                ? config.With("user", destination.DefaultUser)
                : config;
        }
        catch (Win32Exception e)
        {
            return destination.ConfigFile is null or "none"
                ? null
                : throw new GanetiException(GanetiError.SshConfigInvalid, $"{destination.ConfigFile} can't be read: there is no OpenSSH client here that does it ({e.Message}).")
                {
                    RecommendedAction = "Install OpenSSH's client, or give what is in the file by parameters.",
                };
        }
    }

    /// <summary>A setting's first value, or null; <c>none</c> counts as null.</summary>
    internal string? Get(string name) => _settings.GetValueOrDefault(name)?[0] is { } value and not "none" ? value : null;

    internal bool IsNone(string name) => _settings.GetValueOrDefault(name)?[0] == "none";

    /// <summary>All values of a setting that may be given several times.</summary>
    internal IReadOnlyList<string> All(string name) => [.. (_settings.GetValueOrDefault(name) ?? []).Where(value => value != "none")];

    internal int? Number(string name) => int.TryParse(Get(name), CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A setting that is a list of algorithms.</summary>
    internal IReadOnlyList<string>? List(string name) => Get(name)?.Split(',');

    internal bool IsOn(string name) => Get(name) is "yes" or "true";

    internal bool IsOff(string name) => Get(name) is "no" or "false" or "off";

    /// <summary>A setting that is a list of files; ssh prints them with blanks between and no quotes, so a blank within a name is told by what follows.</summary>
    internal IReadOnlyList<string> Files(string name)
    {
        var files = new List<string>();
        foreach (var part in Get(name)?.Split(' ') ?? [])
        {
            if (files.Count == 0 || part.StartsWith('/') || part.StartsWith('~') || (part.Length > 2 && part[1] == ':' && char.IsAsciiLetter(part[0])) || part.StartsWith("__PROGRAMDATA__", StringComparison.Ordinal))
            {
                files.Add(part);
            }
            else
            {
                files[^1] += $" {part}";
            }
        }

        return [.. files.Where(file => file != "none")];
    }

    /// <summary>Whether the configuration names a user: seen by giving it another default, behind all of its own.</summary>
    private static async Task<bool> HasUserAsync(string client, RemoteDestination destination, string[] options, CancellationToken cancellationToken)
    {
        const string Nobody = "gnt-no-user";
        var file = Path.GetTempFileName();
        try
        {
            var own = destination.ConfigFile is { } given
                ? given == "none" ? None : [given]
                : (string[])[OpenSshDefaults.UserConfig, OpenSshDefaults.SystemConfig];
            await File.WriteAllLinesAsync(file, [.. own.Select(path => $"Include \"{Path.GetFullPath(path)}\""), "Match all", $"User {Nobody}"], cancellationToken);
            var without = destination.ConfigFile is null ? options : options[2..];
            return new OpenSshConfig(await RunAsync(client, destination, ["-F", file, .. without], cancellationToken)).Get("user") != Nobody;
        }
        catch (GanetiException)
        {
            // What includes other files by names that are relative to itself can't be looked at in this way.
            return false;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<string> RunAsync(string client, RemoteDestination destination, string[] options, CancellationToken cancellationToken)
    {
        using var ssh = Process.Start(new ProcessStartInfo(client, ["-T", .. options, "-G", "--", destination.Host])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var time = destination.ConnectTimeout ?? RemoteEndpoint.DefaultConnectTimeout;
        limit.CancelAfter(time);
        try
        {
            ssh.StandardInput.Close();
            var error = ssh.StandardError.ReadToEndAsync(limit.Token);
            var output = await ssh.StandardOutput.ReadToEndAsync(limit.Token);
            await ssh.WaitForExitAsync(limit.Token);
            return ssh.ExitCode == 0 ? output : throw new GanetiException(
                GanetiError.SshConfigInvalid,
                $"ssh does not say how {destination.Host} is reached: {RemoteText.Printable(string.Join(' ', (await error).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))}")
            {
                RecommendedAction = $"Correct what 'ssh -G {destination.Host}' complains about, or go without the file by -ConfigFile none.",
            };
        }
        catch (OperationCanceledException)
        {
            ssh.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new GanetiException(
                GanetiError.SshConfigInvalid,
                string.Create(CultureInfo.InvariantCulture, $"'ssh -G {destination.Host}' did not say within {time.TotalSeconds:0.#} s how {destination.Host} is reached."))
            {
                RecommendedAction = "Look for a 'Match exec' in ssh_config that hangs, or for CanonicalizeHostname without name servers.",
            };
        }
    }

    private OpenSshConfig With(string name, string value)
    {
        _settings[name] = [value];
        return this;
    }
}
