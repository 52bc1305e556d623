using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Ganeti.Ssh;

namespace Ganeti.Tests.Ssh;

[Trait("Kind", "unit")]
public sealed partial class KnownHostsTests : IDisposable
{
    private const string Keyscan = "known_hosts-openssh9.2-keyscan.txt";
    private const string Hashed = "known_hosts-openssh9.2-hashed.txt";
    private const string Patterns = "known_hosts-openssh9.2-patterns.txt";

    private readonly string _folder = Directory.CreateTempSubdirectory("gnt-known-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_ssh_keyscan_prints_has_several_keys_for_a_host_and_port()
    {
        var known = KnownHosts.Read([Fixture(Keyscan)]).For("[127.0.0.1]:40022").ToList();

        Assert.Equal(["ssh-rsa", "ecdsa-sha2-nistp256", "ssh-ed25519"], known.Select(line => line.KeyType));
        Assert.Equal([2, 3, 4], known.Select(line => line.Line));
        Assert.Equal("SHA256:zXqrR5CZJVe+32/hec/aRNdvxbpbit06XkbTPNWRUyQ", HostKeyErrors.Fingerprint(known[2].Key));
    }

    [Theory]
    [InlineData("h1", 3, 5, 8)]
    [InlineData("H1", 3, 5, 8)]
    [InlineData("h2", 5, 8)]
    [InlineData("h12", 8)]
    [InlineData("192.0.2.1", 3, 8)]
    [InlineData("foo.example.com", 4, 8)]
    [InlineData("evil.example.com", 8)]
    [InlineData("[h3.example.org]:2222", 7, 8)]
    [InlineData("h3.example.org", 8, 9)]
    [InlineData("h1.upper.example", 8, 11)]
    [InlineData("broken", 8)]
    [InlineData("h4", 5, 8)]
    public void Lines_are_found_by_names_patterns_and_their_negation(string name, params int[] lines) =>
        Assert.Equal(lines, KnownHosts.Read([Fixture(Patterns)]).For(name).Select(line => line.Line));

    [Theory]
    [InlineData("h1.example.org", 2, 3)]
    [InlineData("H1.Example.Org", 2, 3)]
    [InlineData("[h2.example.org]:2222", 4)]
    [InlineData("192.0.2.1", 5)]
    [InlineData("h2.example.org")]
    [InlineData("*")]
    public void Hashed_names_are_found(string name, params int[] lines) =>
        Assert.Equal(lines, KnownHosts.Read([Fixture(Hashed)]).For(name).Select(line => line.Line));

    [Theory]
    [InlineData(Patterns, "h1", "h2", "h3", "h12", "h1.example.org", "foo.example.com", "evil.example.com", "[h3.example.org]:2222", "h1.upper.example")]
    [InlineData(Hashed, "h1.example.org", "[h2.example.org]:2222", "h2.example.org", "192.0.2.1", "nobody")]
    [InlineData(Keyscan, "127.0.0.1", "[127.0.0.1]:40022")]
    public void The_same_lines_are_found_as_by_ssh_keygen(string fixture, params string[] names)
    {
        RealSshd.Require();
        foreach (var name in names)
        {
            var found = RealSshd.TryRunTool("ssh-keygen", "-F", name, "-f", Fixture(fixture));
            var lines = FoundLine().Matches(found).Select(match => int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));

            Assert.Equal(lines, KnownHosts.Read([Fixture(fixture)]).For(name).Select(line => line.Line));
        }
    }

    [Fact]
    public void Markers_are_told_apart()
    {
        var known = KnownHosts.Read([Fixture(Patterns)]).For("x.example.org").ToList();

        Assert.Equal([KnownHostMarker.Revoked, KnownHostMarker.CertAuthority], known.Select(line => line.Marker));
    }

    [Fact]
    public void Files_that_do_not_exist_say_nothing_and_the_others_are_read_in_order()
    {
        var known = KnownHosts.Read([Path.Combine(_folder, "none"), Fixture(Hashed), Fixture(Patterns)]).For("h1.example.org").ToList();

        Assert.Equal([Fixture(Hashed), Fixture(Hashed), Fixture(Patterns), Fixture(Patterns), Fixture(Patterns)], known.Select(line => line.File));
    }

    [Theory]
    [InlineData("")]
    [InlineData("other ssh-ed25519 AAAA\n")]
    [InlineData("other ssh-ed25519 AAAA")]
    public void A_recorded_key_is_a_line_of_its_own_that_is_found_again(string before)
    {
        var file = Path.Combine(_folder, "new", "known_hosts");
        var key = Key();
        if (before.Length > 0)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, before);
        }

        KnownHosts.Append(file, "h1", key);
        KnownHosts.Append(file, "h1", key);

        Assert.Equal(before.TrimEnd('\n') + (before.Length > 0 ? "\n" : "") + $"h1 ssh-ed25519 {Convert.ToBase64String(key)}\n", File.ReadAllText(file));
        Assert.True(Assert.Single(KnownHosts.Read([file]).For("h1")).IsKey(key));
    }

    [Fact]
    public void A_new_file_and_its_folder_are_the_owners_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "file modes are a thing of Unix");
        var file = Path.Combine(_folder, "new", "known_hosts");

        KnownHosts.Append(file, "h1", Key());

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
        }
    }

    [Fact]
    public void Many_who_record_at_once_lose_no_line()
    {
        var file = Path.Combine(_folder, "known_hosts");
        var key = Key();

        Parallel.For(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => KnownHosts.Append(file, $"h{i}", key));

        Assert.Equal(40, File.ReadAllLines(file).Distinct().Count(line => line.EndsWith(Convert.ToBase64String(key), StringComparison.Ordinal)));
    }

    private static byte[] Key() => KnownHosts.Read([Fixture(Patterns)]).For("h1.example.org").First().Key;

    private static string Fixture(string name, [CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../fixtures", name));

    [GeneratedRegex("found: line ([0-9]+)")]
    private static partial Regex FoundLine();
}
