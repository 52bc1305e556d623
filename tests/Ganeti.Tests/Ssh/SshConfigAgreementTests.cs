using System.Diagnostics;
using System.Globalization;
using Ganeti.Remote;
using Ganeti.Ssh;

namespace Ganeti.Tests.Ssh;

/// <summary>Each configuration is followed by the real <c>ssh</c> and by this module: both come to the same server as the same user, or both do not.</summary>
/// <remarks>
/// In the text stand: {p}, {j}, {k} for the ports of three servers, {d} for a folder with the file <c>known</c> (all of their keys), the key
/// <c>key</c> that all of them let in, and <c>wrong</c>, which none does.
/// </remarks>
[Trait("Kind", "server")]
public sealed class SshConfigAgreementTests(SshConfigAgreementTests.Servers servers) : IClassFixture<SshConfigAgreementTests.Servers>
{
    private const string There = "Host *\n HostName 127.0.0.1\n UserKnownHostsFile {d}/known\n IdentityFile {d}/key\n";

    private const string Unknown = "Host *\n Port {p}\n UserKnownHostsFile {d}/none\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Host n1\n Port {p}\n" + There, "{p}")]
    [InlineData("host=n1\n port = \"{p}\"\n# comment\n" + There, "{p}")]
    [InlineData("Host n? !n1\n Port 1\nHost n1\n Port {p}\n" + There, "{p}")]
    [InlineData("Host other\n Port 1\nHost n1\n Port {p}\n Port 1\nHost *\n Port 2\n" + There, "{p}")]
    [InlineData("Match host n1\n Port {p}\n" + There, "{p}")]
    [InlineData("Match originalhost n1 exec \"test %n = n1\"\n Port {p}\n" + There, "{p}")]
    [InlineData("Match originalhost n1 exec false\n Port 1\nHost *\n Port {p}\n" + There, "{p}")]
    [InlineData("Match final all\n Port {p}\n" + There, "{p}")]
    [InlineData("Include {d}/included\n" + There, "{p}")]
    [InlineData("Host *\n Port {p}\n HostName 127.0.0.%h\n UserKnownHostsFile {d}/known\n IdentityFile {d}/key\n", "{p}", "1")]
    [InlineData("Host *\n Port {p}\n HostName 127.0.0.1\n UserKnownHostsFile {d}/%n-known {d}/known\n IdentityFile {d}/k%%/%n-%p-%h-%r\n IdentityFile {d}/%nkey\n", "{p}")]
    [InlineData("Host *\n Port {p}\n HostName 127.0.0.1\n UserKnownHostsFile \"{d}/with blanks/known hosts\" {d}/none\n IdentityFile \"{d}/with blanks/a key\"\n", "{p}")]
    [InlineData("Host *\n Port {p}\n HostName 127.0.0.1\n UserKnownHostsFile ${GNT_TEST_FOLDER}/known\n IdentityFile ${GNT_TEST_FOLDER}/key\n", "{p}")]
    [InlineData("Host *\n Port {p}\n HostName 127.0.0.1\n UserKnownHostsFile {d}/none\n GlobalKnownHostsFile {d}/known\n IdentityFile {d}/key\n", "{p}")]
    [InlineData("Host *\n Port {p}\n HostName 127.0.0.1\n UserKnownHostsFile {d}/none\n IdentityFile {d}/key\n", "failed")]
    [InlineData("Host *\n Port {p}\n IdentityFile {d}/wrong\n" + There, "{p}")]
    [InlineData("Host *\n Port {p}\n HostName 127.0.0.1\n UserKnownHostsFile {d}/known\n IdentityFile {d}/wrong\n", "failed")]
    [InlineData("Host *\n Port {p}\n PubkeyAuthentication no\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n PreferredAuthentications password\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n PubkeyAcceptedAlgorithms rsa-sha2-512\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n PreferredAuthentications keyboard-interactive,publickey\n" + There, "{p}")]
    [InlineData("Host *\n Port {p}\n HostKeyAlias named\n" + There, "{p}")]
    [InlineData("Host *\n Port {p}\n HostKeyAlias nobody\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n HostKeyAlias nobody\n StrictHostKeyChecking accept-new\n UserKnownHostsFile {d}/new-{n}\n" + There, "{p}")]
    [InlineData("Host *\n Port {p}\n HostKeyAlias wrong\n StrictHostKeyChecking accept-new\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n StrictHostKeyChecking no\n UserKnownHostsFile /dev/null\n" + There, "{p}")]
    [InlineData("Host *\n Port {p}\n StrictHostKeyChecking accept-new\n UserKnownHostsFile none\n GlobalKnownHostsFile {d}/global-{n}\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n RevokedHostKeys {d}/revoked\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n HostKeyAlgorithms rsa-sha2-512\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n KexAlgorithms curve25519-sha256\n Ciphers aes256-ctr\n MACs hmac-sha2-256\n" + There, "{p}")]
    [InlineData("Host *\n Port {p}\n Ciphers aes256-cbc\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n User nosuchuser\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n NoSuchOption yes\n" + There, "failed")]
    [InlineData("IgnoreUnknown NoSuch*\nHost *\n Port {p}\n NoSuchOption yes\n" + There, "{p}")]
    [InlineData("Host elsewhere\n Port {p}\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n AddressFamily inet\n" + There, "{p}")]
    [InlineData("Host *\n Port {p}\n AddressFamily inet6\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n HostName localhost\n HostKeyAlias named\n AddressFamily inet\n" + There, "{p}")]
    [InlineData("Host *\n Port {p}\n BindAddress 127.0.0.9\n" + There, "{p}")]
    [InlineData("Host *\n Port {p}\n BindAddress 203.0.113.9\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n BindAddress ::1\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n ConnectTimeout 5\n" + There, "{p}")]
    [InlineData("Host *\n Port {p}\n ConnectTimeout 1\n ProxyCommand sleep 8698766\n" + There, "failed")]
    [InlineData(Unknown + " KnownHostsCommand /bin/cat {d}/known\n" + There, "{p}")]
    [InlineData(Unknown + " KnownHostsCommand /bin/cat \"{d}/with blanks/known hosts\"\n" + There, "{p}")]
    [InlineData(Unknown + " KnownHostsCommand /bin/grep -F \"%H \" {d}/known\n" + There, "failed")]
    [InlineData(Unknown + " KnownHostsCommand /bin/sed -n s/^%H/&/p {d}/known\n" + There, "failed")]
    [InlineData(Unknown + " KnownHostsCommand /bin/grep -F %H {d}/known\n" + There, "{p}")]
    [InlineData(Unknown + " KnownHostsCommand /bin/grep -F -e \"%H %t %K\" -e NONE-%I {d}/asked\n" + There, "{p}")]
    [InlineData(Unknown + " HostKeyAlias named\n KnownHostsCommand /bin/grep -h ^%H {d}/%u-%n /dev/null {d}/known\n" + There, "failed")]
    [InlineData(Unknown + " HostKeyAlias named\n KnownHostsCommand /bin/sed -n s/^%H/%H/p {d}/known\n" + There, "{p}")]
    [InlineData(Unknown + " KnownHostsCommand /bin/true\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n KnownHostsCommand /bin/false\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n KnownHostsCommand true\n" + There, "{p}")]
    [InlineData("Host *\n Port {p}\n KnownHostsCommand /bin/no-such-command\n" + There, "{p}")]
    [InlineData(Unknown + " KnownHostsCommand cat {d}/known\n" + There, "failed")]
    [InlineData("Host *\n Port {p}\n KnownHostsCommand /bin/sed s/^named/[127.0.0.1]:{j}/ {d}/known\n" + There, "{p}")]
    public Task Where_and_with_what(string text, string outcome, string host = "n1") => AgreeAsync(text, outcome, host);

    [Theory]
    [InlineData("Host n1\n Port {p}\n ProxyJump 127.0.0.1:{j}\nHost 127.0.0.1\n" + There, "{p}", "j")]
    [InlineData("Host n1\n Port {p}\n ProxyJump gate\nHost gate\n Port {j}\n" + There, "{p}", "j")]
    [InlineData("Host n1\n Port {p}\n ProxyJump gate,inner\nHost gate\n Port {j}\nHost inner\n Port {k}\n" + There, "{p}", "jk")]
    [InlineData("Host n1\n Port {p}\n ProxyJump inner\nHost inner\n Port {k}\n ProxyJump gate\nHost gate\n Port {j}\n" + There, "{p}", "jk")]
    [InlineData("Host n1\n Port {p}\n ProxyJump none\n ProxyJump gate\nHost gate\n Port {j}\n" + There, "{p}", "")]
    [InlineData("Host n1\n Port {p}\n ProxyJump gate\nHost gate\n Port {j}\n HostKeyAlias nobody\n" + There, "failed", "")]
    [InlineData("Host n1\n Port {p}\n ProxyJump gate\nHost gate\n Port {j}\n User nosuchuser\n" + There, "failed", "")]
    [InlineData("Host n1\n Port {p}\n HostKeyAlias nobody\n ProxyJump gate\nHost gate\n Port {j}\n" + There, "failed", "j")]
    [InlineData("Host n1\n Port {p}\n ProxyJump gate\nHost gate\n Port 1\n" + There, "failed", "")]
    [InlineData("Host n1\n Port 1\n ProxyJump gate\nHost gate\n Port {j}\n" + There, "failed", "j")]
    [InlineData("Host n1\n Port {p}\n ProxyCommand socat - TCP:%h:%p\n" + There, "{p}", "")]
    [InlineData("Host n1\n Port 1\n ProxyCommand socat - TCP:127.0.0.1:{p} # %n %r %%\n HostKeyAlias named\n" + There, "{p}", "")]
    [InlineData("Host n1\n Port {p}\n ProxyCommand none\n ProxyCommand false\n" + There, "{p}", "")]
    [InlineData("Host n1\n Port {p}\n ProxyCommand exit 3\n" + There, "failed", "")]
    public async Task On_which_way(string text, string outcome, string over) => await AgreeAsync(text, outcome, "n1", over);

    // The real ssh starts itself over and over here, without an end.
    [Fact]
    public async Task A_way_in_a_circle_is_an_error()
    {
        var file = Path.Combine(servers.Folder, "circle");
        await File.WriteAllTextAsync(file, "Host n1 inner\n ProxyJump gate\nHost gate\n ProxyJump inner\n", Token);

        var error = await Assert.ThrowsAsync<GanetiException>(() => new SshTransport().ResolveAsync(RemoteDestination.Parse("n1") with { ConfigFile = file }, Token));

        Assert.Equal(GanetiError.SshConfigInvalid, error.Error);
        Assert.Contains("circle", error.Message, StringComparison.Ordinal);
    }

    private async Task AgreeAsync(string text, string outcome, string host, string? over = null)
    {
        var file = Path.Combine(servers.Folder, $"config-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(file, servers.Filled(text), Token);

        var before = servers.Logins();
        var theirs = await OutcomeOfSshAsync(file, host);
        var between = servers.Logins();
        var ours = await OurOutcomeAsync(file, host);
        var after = servers.Logins();

        outcome = servers.Filled(outcome);
        Assert.Equal((outcome, outcome), (theirs, ours));
        if (over is not null)
        {
            Assert.Equal((over, over), (Servers.Between(before, between), Servers.Between(between, after)));
        }
    }

    private static async Task<string> OurOutcomeAsync(string file, string host)
    {
        var transport = new SshTransport();
        try
        {
            var endpoint = await transport.ResolveAsync(RemoteDestination.Parse(host) with { ConfigFile = file }, Token);
            await using var connected = await transport.ConnectAsync(endpoint with { IdentityAgent = null }, null, Token);
            return (await connected.RunAsync(RemoteCommand.Script("echo ${SSH_CONNECTION##* }"), Token)).OutputText.Trim();
        }
        catch (GanetiException e)
        {
            Assert.NotEmpty(e.RecommendedAction!);
            return "failed";
        }
    }

    private static async Task<string> OutcomeOfSshAsync(string file, string host)
    {
        using var ssh = Process.Start(new ProcessStartInfo("ssh", ["-F", file, "-o", "BatchMode=yes", "-o", "IdentityAgent=none", host, "echo ${SSH_CONNECTION##* }"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
        ssh.StandardInput.Close();
        var error = ssh.StandardError.ReadToEndAsync(Token);
        var output = await ssh.StandardOutput.ReadToEndAsync(Token);
        await ssh.WaitForExitAsync(Token);
        TestContext.Current.TestOutputHelper?.WriteLine(await error);
        return ssh.ExitCode == 0 ? output.Trim() : "failed";
    }

    /// <summary>Three servers that let the same key in.</summary>
    public sealed class Servers : IAsyncLifetime
    {
        private RealSshd[] _servers = [];

        public string Folder => _servers[0].Folder;

        public static string Between(int[] before, int[] after) =>
            (after[1] > before[1] ? "j" : string.Empty) + (after[2] > before[2] ? "k" : string.Empty);

        public async ValueTask InitializeAsync()
        {
            _servers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RealSshd.StartAsync()));
            var user = _servers[0].UserKey;
            foreach (var server in _servers)
            {
                File.Copy($"{user}.pub", server.InFolder("authorized_keys"), overwrite: true);
            }

            Directory.CreateDirectory(In("with blanks"));
            RealSshd.KeyGen("-t", "ed25519", "-f", In("wrong"));
            foreach (var name in (string[])["key", "n1key", "with blanks/a key"])
            {
                File.Copy(user, In(name));
                File.Copy($"{user}.pub", In($"{name}.pub"));
            }

            var wrong = string.Join(' ', (await File.ReadAllTextAsync(In("wrong.pub"), Token)).Split(' ').Take(2));
            var known = _servers.Select(server => $"[127.0.0.1]:{server.Port} {server.PublicHostKey()}\n").Append($"named {_servers[0].PublicHostKey()}\nwrong {wrong}\n");
            await File.WriteAllTextAsync(In("known"), string.Concat(known), Token);
            File.Copy(In("known"), In("with blanks/known hosts"));
            await File.WriteAllTextAsync(In("asked"), $"# NONE-ORDER\n{string.Concat(known)}", Token);
            await File.WriteAllTextAsync(In("included"), Filled("Host n1\n Port {p}\n"), Token);
            await File.WriteAllTextAsync(In("revoked"), _servers[0].PublicHostKey() + "\n", Token);
            Environment.SetEnvironmentVariable("GNT_TEST_FOLDER", Folder);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var server in _servers)
            {
                await server.DisposeAsync();
            }
        }

        /// <summary>How many logins each server has seen.</summary>
        public int[] Logins() => [.. _servers.Select(server => server.Log.Split("Accepted publickey").Length)];

        public string Filled(string text)
        {
            foreach (var (mark, server) in "pjk".Zip(_servers))
            {
                text = text.Replace($"{{{mark}}}", server.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            }

            return text.Replace("{d}", Folder, StringComparison.Ordinal).Replace("{n}", Guid.NewGuid().ToString("N"), StringComparison.Ordinal);
        }

        private string In(string name) => Path.Combine(Folder, name);
    }
}
