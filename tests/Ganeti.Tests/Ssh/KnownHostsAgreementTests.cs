using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ganeti.Remote;

namespace Ganeti.Tests.Ssh;

/// <summary>Each case is decided by the real <c>ssh</c> and by this module, on the same files and the same server.</summary>
/// <remarks>
/// In the text stand: {ed}, {ec}, {rsa} for the server's keys, {other} for somebody else's, {ca}, {eca}, {rca} for authorities, {p} for the
/// port, {hash NAME} for a hashed name, and a line "---" between two files.
/// </remarks>
[Trait("Kind", "server")]
public sealed class KnownHostsAgreementTests(KnownHostsAgreementTests.Server server) : IClassFixture<KnownHostsAgreementTests.Server>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "unknown")]
    [InlineData("[127.0.0.1]:{p} {ed}", "accepted")]
    [InlineData("[127.0.0.1]:{p} {ec}", "accepted")]
    [InlineData("[127.0.0.1]:{p} {rsa}", "accepted")]
    [InlineData("[127.0.0.1]:{p} {other}", "changed")]
    [InlineData("127.0.0.1 {ed}", "accepted")]
    [InlineData("127.0.0.1 {rsa}", "unknown")]
    [InlineData("127.0.0.1 {other}", "unknown")]
    [InlineData("127.0.0.1 {ed}\n[127.0.0.1]:{p} {other}", "changed")]
    [InlineData("[127.0.0.1]:* {ed}", "accepted")]
    [InlineData("* {ed}", "accepted")]
    [InlineData("*,!127.0.0.1 {ed}", "accepted")]
    [InlineData("*,![127.0.0.1]:{p} {ed}", "accepted")]
    [InlineData("[*]:{p},![127.0.0.1]:{p} {ed}", "unknown")]
    [InlineData("foo,[127.0.0.1]:{p},bar {ed}", "accepted")]
    [InlineData("{hash [127.0.0.1]:{p}} {ed}", "accepted")]
    [InlineData("{hash 127.0.0.1} {ed}", "accepted")]
    [InlineData("{hash [127.0.0.1]:{p}} {other}", "changed")]
    [InlineData("|1|bad|bad {ed}", "unknown")]
    [InlineData("@revoked * {ed}\n[127.0.0.1]:{p} {ed}", "revoked")]
    [InlineData("[127.0.0.1]:{p} {ed}\n@revoked [127.0.0.1]:{p} {ed}", "revoked")]
    [InlineData("@revoked elsewhere {ed}\n[127.0.0.1]:{p} {ed}", "accepted")]
    [InlineData("@revoked * {other}\n[127.0.0.1]:{p} {ed}", "accepted")]
    [InlineData("@cert-authority * {ed}", "unknown")]
    [InlineData("@nonsense * {ed}", "unknown")]
    [InlineData("# a comment\n\n   [127.0.0.1]:{p}\t{ed}   a comment", "accepted")]
    [InlineData("not a line\n[127.0.0.1]:{p} {ed}", "accepted")]
    [InlineData("[127.0.0.1]:{p} ssh-ed25519 AAAAgarbage", "unknown")]
    [InlineData("[127.0.0.1]:{p} {ed}\r\n", "accepted")]
    [InlineData("[127.0.0.1]:{p} {other}\n[127.0.0.1]:{p} {ed}", "accepted")]
    [InlineData("[127.0.0.1]:{p} {rsa}\n[127.0.0.1]:{p} {other}", "changed")]
    [InlineData("elsewhere {other}\n---\n[127.0.0.1]:{p} {ed}", "accepted")]
    [InlineData("[127.0.0.1]:{p} {other}\n---\n[127.0.0.1]:{p} {ed}", "accepted")]
    [InlineData("[127.0.0.1]:{p} {ed}\n---\n@revoked * {ed}", "revoked")]
    public Task Lines_names_and_ports(string text, string verdict) => AgreeAsync(text, verdict);

    [Theory]
    [InlineData("h1.example.org {ed}", "accepted")]
    [InlineData("H1.EXAMPLE.ORG {ed}", "accepted")]
    [InlineData("*.example.org {ed}", "accepted")]
    [InlineData("h?.example.org {ed}", "accepted")]
    [InlineData("*.example.org,!h1.example.org {ed}", "unknown")]
    [InlineData("!h1.example.org,*.example.org {ed}", "unknown")]
    [InlineData("*.example.com {ed}", "unknown")]
    [InlineData("[127.0.0.1]:{p} {ed}", "unknown")]
    [InlineData("{hash h1.example.org} {ed}", "accepted")]
    public Task Aliases(string text, string verdict) => AgreeAsync(text, verdict, alias: "h1.example.org");

    [Theory]
    [InlineData("", "accepted")]
    [InlineData("127.0.0.1 {other}", "accepted")]
    [InlineData("[127.0.0.1]:{p} {other}", "changed")]
    [InlineData("[127.0.0.1]:{p} {ed}\n@revoked * {ed}", "revoked")]
    public Task New_keys_where_they_are_accepted(string text, string verdict) => AgreeAsync(text, verdict, acceptNew: true);

    [Theory]
    [InlineData("@cert-authority * {ca}", "accepted")]
    [InlineData("@cert-authority [127.0.0.1]:{p} {ca}", "accepted")]
    [InlineData("@cert-authority 127.0.0.1 {ca}", "accepted")]
    [InlineData("@cert-authority * {other}", "unknown")]
    [InlineData("@cert-authority elsewhere {ca}", "unknown")]
    [InlineData("@cert-authority * {other}\n[127.0.0.1]:{p} {ed}", "accepted")]
    [InlineData("@cert-authority * {ca}\n[127.0.0.1]:{p} {other}", "accepted")]
    [InlineData("@cert-authority * {ca}\n@revoked * {ca}", "revoked")]
    [InlineData("@cert-authority * {ca}\n@revoked * {ed}", "revoked")]
    [InlineData("[127.0.0.1]:{p} {ca}", "changed")]
    [InlineData("@cert-authority * {ca}", "accepted", "-n", "127.0.0.1,h1.example.org")]
    [InlineData("@cert-authority * {ca}", "unknown", "-n", "127.*")]
    [InlineData("@cert-authority * {ca}", "unknown", "-n", "h1.example.org")]
    [InlineData("@cert-authority * {ca}\n[127.0.0.1]:{p} {ed}", "accepted", "-n", "h1.example.org")]
    [InlineData("@cert-authority * {ca}\n[127.0.0.1]:{p} {other}", "changed", "-n", "h1.example.org")]
    [InlineData("@cert-authority * {ca}", "unknown", "-n", "127.0.0.1", "-V", "20200101:20210101")]
    [InlineData("@cert-authority * {ca}", "unknown", "-n", "127.0.0.1", "-V", "20900101:20910101")]
    [InlineData("@cert-authority * {ca}", "accepted", "-n", "127.0.0.1", "-V", "always:forever")]
    [InlineData("@cert-authority * {ca}", "unknown", "-n", "127.0.0.1", "-O", "critical:nonsense=1")]
    public Task Certificates(string text, string verdict, params string[] certificate) => AgreeAsync(text, verdict, certificate: ("ca", certificate));

    [Theory]
    [InlineData("@cert-authority * {eca}", "eca", "ed25519")]
    [InlineData("@cert-authority * {rca}", "rca", "ed25519")]
    [InlineData("@cert-authority * {ca}", "ca", "rsa")]
    [InlineData("@cert-authority * {ca}", "ca", "ecdsa")]
    public Task Certificates_of_every_kind_of_key(string text, string authority, string type) =>
        AgreeAsync(text, "accepted", certificate: (authority, ["-n", "127.0.0.1"]), type: type);

    [Theory]
    [InlineData("h1.example.org", "accepted")]
    [InlineData("h2.example.org", "unknown")]
    public Task A_certificate_is_for_the_alias(string principal, string verdict) =>
        AgreeAsync("@cert-authority * {ca}", verdict, alias: "h1.example.org", certificate: ("ca", ["-n", principal]));

    [Theory]
    [InlineData("{ed}", "revoked")]
    [InlineData("{other}", "accepted")]
    [InlineData("krl {ed}", "revoked")]
    [InlineData("krl {other}", "accepted")]
    [InlineData("missing", "revoked")]
    public async Task Keys_in_a_file_of_revoked_ones(string revoked, string verdict)
    {
        var file = Path.Combine(server.Folder, Guid.NewGuid().ToString("N"));
        if (revoked != "missing")
        {
            var keys = $"{file}.pub";
            await File.WriteAllTextAsync(keys, server.Filled(revoked.Replace("krl ", string.Empty, StringComparison.Ordinal)) + "\n", Token);
            if (revoked.StartsWith("krl", StringComparison.Ordinal))
            {
                RealSshd.RunTool("ssh-keygen", "-q", "-k", "-f", file, keys);
            }
            else
            {
                File.Move(keys, file);
            }
        }

        await AgreeAsync("[127.0.0.1]:{p} {ed}", verdict, revoked: file);
    }

    private async Task AgreeAsync(
        string text,
        string verdict,
        string? alias = null,
        bool acceptNew = false,
        (string Authority, string[] Options)? certificate = null,
        string? revoked = null,
        string type = "ed25519")
    {
        await using var certified = certificate is { } wanted ? await server.CertifiedAsync(wanted.Authority, type, wanted.Options) : null;
        var sshd = certified ?? server.Sshd;
        var files = server.Filled(text, sshd).Split("\n---\n").Select((content, i) =>
        {
            var file = Path.Combine(sshd.Folder, $"known{i}-{Guid.NewGuid():N}");
            File.WriteAllText(file, content);
            return file;
        }).ToList();

        var theirs = await VerdictOfSshAsync(sshd, files, alias, acceptNew, revoked);
        var ours = await OurVerdictAsync(sshd.Endpoint with { KnownHostsFiles = files, HostKeyAlias = alias, AcceptNewHostKey = acceptNew, RevokedHostKeysFile = revoked });

        Assert.Equal((verdict, verdict), (theirs, ours));
    }

    private static async Task<string> OurVerdictAsync(RemoteEndpoint endpoint)
    {
        var before = endpoint.KnownHostsFiles.Select(File.ReadAllText).ToList();
        try
        {
            await using var host = await new Ganeti.Ssh.SshTransport().ConnectAsync(endpoint, null, Token);
            return "accepted";
        }
        catch (RemoteException e) when (e.Error.Id.StartsWith("HostKey", StringComparison.Ordinal))
        {
            Assert.Equal(before, endpoint.KnownHostsFiles.Select(File.ReadAllText));
            return e.Error.Id["HostKey".Length..].ToLowerInvariant();
        }
    }

    private static async Task<string> VerdictOfSshAsync(RealSshd sshd, List<string> files, string? alias, bool acceptNew, string? revoked)
    {
        // Copies, as ssh records what it accepts.
        var copies = files.Select(file =>
        {
            File.Copy(file, $"{file}.ssh");
            return $"{file}.ssh";
        });
        var (status, error) = await sshd.SshAsync(
        [
            "-o", $"UserKnownHostsFile={string.Join(' ', copies)}",
            "-o", $"StrictHostKeyChecking={(acceptNew ? "accept-new" : "yes")}",
            .. alias is null ? Array.Empty<string>() : ["-o", $"HostKeyAlias={alias}"],
            .. revoked is null ? Array.Empty<string>() : ["-o", $"RevokedHostKeys={revoked}"],
        ]);
        return status == 0 ? "accepted"
            : error.Contains("IDENTIFICATION HAS CHANGED", StringComparison.Ordinal) ? "changed"
            : error.Contains("REVOKED", StringComparison.Ordinal) || error.Contains("revoked", StringComparison.Ordinal) ? "revoked"
            : error.Contains("host key is known for", StringComparison.Ordinal) ? "unknown"
            : error;
    }

    /// <summary>A server with keys of each kind, and authorities.</summary>
    public sealed class Server : IAsyncLifetime
    {
        public RealSshd Sshd { get; private set; } = null!;

        public string Folder => Sshd.Folder;

        public async ValueTask InitializeAsync()
        {
            Sshd = await RealSshd.StartAsync(keyTypes: ["ed25519", "ecdsa", "rsa"]);
            foreach (var (name, type) in (ReadOnlySpan<(string, string)>)[("other", "ed25519"), ("ca", "ed25519"), ("eca", "ecdsa"), ("rca", "rsa")])
            {
                RealSshd.KeyGen("-t", type, "-f", Sshd.InFolder(name));
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (Sshd is not null)
            {
                await Sshd.DisposeAsync();
            }
        }

        /// <summary>Another server, whose one key is certified.</summary>
        public Task<RealSshd> CertifiedAsync(string authority, string type, string[] options) => RealSshd.StartAsync(
            folder =>
            {
                RealSshd.RunTool("ssh-keygen", ["-q", "-s", Sshd.InFolder(authority), "-h", "-I", "test", .. options, Path.Combine(folder, $"host_{type}.pub")]);
                return $"HostCertificate {Path.Combine(folder, $"host_{type}-cert.pub")}";
            },
            type);

        public string Filled(string text, RealSshd? sshd = null)
        {
            sshd ??= Sshd;
            text = text.Replace("{p}", sshd.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            foreach (var (mark, type) in (ReadOnlySpan<(string, string)>)[("{ed}", "ed25519"), ("{ec}", "ecdsa"), ("{rsa}", "rsa")])
            {
                text = File.Exists(sshd.InFolder($"host_{type}.pub")) ? text.Replace(mark, sshd.PublicHostKey(type), StringComparison.Ordinal) : text;
            }

            foreach (var name in (ReadOnlySpan<string>)["other", "ca", "eca", "rca"])
            {
                text = text.Replace($"{{{name}}}", string.Join(' ', File.ReadAllText(Sshd.InFolder($"{name}.pub")).Split(' ').Take(2)), StringComparison.Ordinal);
            }

            var salt = RandomNumberGenerator.GetBytes(20);
            return System.Text.RegularExpressions.Regex.Replace(text, "{hash ([^}]*)}", match =>
#pragma warning disable CA5350 // The format prescribes SHA-1.
                $"|1|{Convert.ToBase64String(salt)}|{Convert.ToBase64String(HMACSHA1.HashData(salt, Encoding.ASCII.GetBytes(match.Groups[1].Value)))}");
#pragma warning restore CA5350
        }
    }
}
