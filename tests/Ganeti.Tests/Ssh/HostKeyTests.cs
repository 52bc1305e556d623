using Ganeti.Remote;

namespace Ganeti.Tests.Ssh;

[Trait("Kind", "server")]
public sealed class HostKeyTests : IAsyncLifetime
{
    private RealSshd _sshd = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _sshd = await RealSshd.StartAsync(keyTypes: ["ed25519", "ecdsa", "rsa"]);

    public ValueTask DisposeAsync() => _sshd?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task An_unknown_host_is_refused_with_its_fingerprint()
    {
        File.Delete(_sshd.KnownHostsFile);

        var error = await FailsAsync();

        Assert.Equal(GanetiError.HostKeyUnknown, error.Error);
        Assert.Contains($"ED25519 key {_sshd.Fingerprint()}", error.Message, StringComparison.Ordinal);
        Assert.Contains("-AcceptNewHostKey", error.RecommendedAction, StringComparison.Ordinal);
        Assert.False(File.Exists(_sshd.KnownHostsFile));
    }

    [Fact]
    public async Task An_accepted_host_is_recorded_and_known_from_then_on()
    {
        File.Delete(_sshd.KnownHostsFile);

        await using (await _sshd.ConnectAsync(e => e with { AcceptNewHostKey = true }))
        {
            Assert.Equal($"[127.0.0.1]:{_sshd.Port} {_sshd.PublicHostKey()}\n", await File.ReadAllTextAsync(_sshd.KnownHostsFile, Token));
        }

        await using var strict = await _sshd.ConnectAsync();
        Assert.True(strict.IsConnected);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_changed_key_is_refused_whatever_was_asked_for(bool acceptNew)
    {
        RealSshd.KeyGen("-t", "ed25519", "-f", _sshd.InFolder("other"));
        var other = (await File.ReadAllTextAsync(_sshd.InFolder("other.pub"), Token)).Trim();
        await File.WriteAllTextAsync(_sshd.KnownHostsFile, $"# who we know\n\n[127.0.0.1]:{_sshd.Port} {other}\n", Token);

        var error = await FailsAsync(e => e with { AcceptNewHostKey = acceptNew });

        Assert.Equal(GanetiError.HostKeyChanged, error.Error);
        Assert.Contains(_sshd.Fingerprint(), error.Message, StringComparison.Ordinal);
        Assert.Contains(RealSshd.RunTool("ssh-keygen", "-lf", _sshd.InFolder("other.pub")).Split(' ')[1], error.Message, StringComparison.Ordinal);
        Assert.Contains($"{_sshd.KnownHostsFile} line 3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rsa")]
    [InlineData("ecdsa")]
    public async Task A_host_known_by_one_of_its_keys_shows_that_one(string type)
    {
        await File.WriteAllTextAsync(_sshd.KnownHostsFile, $"[127.0.0.1]:{_sshd.Port} {_sshd.PublicHostKey(type)}\n", Token);

        await using var host = await _sshd.ConnectAsync();

        Assert.True(host.IsConnected);
    }

    [Fact]
    public async Task A_host_that_lost_the_kind_of_key_it_is_known_by_has_changed()
    {
        await using var sshd = await RealSshd.StartAsync(keyTypes: ["ed25519"]);
        await File.WriteAllTextAsync(sshd.KnownHostsFile, $"[127.0.0.1]:{sshd.Port} {_sshd.PublicHostKey("rsa")}\n", Token);

        var error = await Assert.ThrowsAsync<RemoteException>(() => sshd.ConnectAsync(e => e with { AcceptNewHostKey = true }));

        Assert.Equal(GanetiError.HostKeyChanged, error.Error);
        Assert.Contains($"{sshd.KnownHostsFile} line 1", error.Message, StringComparison.Ordinal);
        Assert.Contains($"shows the ED25519 key {sshd.Fingerprint()}", error.Message, StringComparison.Ordinal);
        Assert.Contains($"known as RSA {_sshd.Fingerprint("rsa")}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [InlineData(null)]
    public async Task Somebody_who_can_be_asked_about_an_unknown_host_decides_and_has_all_the_time(bool? answer)
    {
        File.Delete(_sshd.KnownHostsFile);
        var person = new Answers
        {
            Choice = _ =>
            {
                Thread.Sleep(1500);
                return answer;
            },
        };
        Task<IRemoteHost> Connect() => _sshd.ConnectAsync(e => e with { Prompt = person, ConnectTimeout = TimeSpan.FromSeconds(1) });

        if (answer == true)
        {
            await using var host = await Connect();
            Assert.StartsWith($"[127.0.0.1]:{_sshd.Port} ssh-ed25519 ", await File.ReadAllTextAsync(_sshd.KnownHostsFile, Token), StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(GanetiError.HostKeyUnknown, (await Assert.ThrowsAsync<RemoteException>(Connect)).Error);
            Assert.False(File.Exists(_sshd.KnownHostsFile));
        }

        Assert.Contains(_sshd.Fingerprint(), Assert.Single(person.Seen), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_asked_about_a_changed_key_or_where_strictness_is_configured()
    {
        var person = new Answers { Choice = _ => true };
        File.Delete(_sshd.KnownHostsFile);
        Assert.Equal(GanetiError.HostKeyUnknown, (await FailsAsync(e => e with { Prompt = person, AskAboutNewHostKey = false })).Error);

        await File.WriteAllTextAsync(_sshd.KnownHostsFile, $"[127.0.0.1]:{_sshd.Port} {(await File.ReadAllTextAsync($"{_sshd.UserKey}.pub", Token)).Trim()}\n", Token);
        Assert.Equal(GanetiError.HostKeyChanged, (await FailsAsync(e => e with { Prompt = person })).Error);

        Assert.Empty(person.Seen);
    }

    [Fact]
    public async Task A_key_is_recorded_under_a_hashed_name_where_that_is_configured()
    {
        File.Delete(_sshd.KnownHostsFile);

        await using (await _sshd.ConnectAsync(e => e with { AcceptNewHostKey = true, HashKnownHosts = true }))
        {
            Assert.StartsWith("|1|", await File.ReadAllTextAsync(_sshd.KnownHostsFile, Token), StringComparison.Ordinal);
        }

        Assert.Equal(0, (await _sshd.SshAsync("-o", $"UserKnownHostsFile={_sshd.KnownHostsFile}")).Status);
        await using var strict = await _sshd.ConnectAsync();
        Assert.True(strict.IsConnected);
    }

    [Theory]
    [InlineData("rsa", null)]
    [InlineData("ed25519", nameof(GanetiError.HostKeyUnknown))]
    public async Task The_clusters_own_file_vouches_for_a_node_by_the_clusters_name(string type, string? error)
    {
        var vouched = new ClusterHostKeys("gnt.example.org", "/var/lib/ganeti/known_hosts on h1", $"gnt.example.org {(type == "rsa" ? _sshd.PublicHostKey("rsa") : await OtherKeyAsync())}\n");
        File.Delete(_sshd.KnownHostsFile);

        if (error is null)
        {
            await using var host = await _sshd.ConnectAsync(e => e with { ClusterHostKeys = vouched });
            Assert.False(File.Exists(_sshd.KnownHostsFile));
        }
        else
        {
            var refusal = await FailsAsync(e => e with { ClusterHostKeys = vouched });
            Assert.Equal(error, refusal.Error.Id);
            Assert.Contains(vouched.Source, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_clusters_own_file_does_not_outweigh_the_operators()
    {
        var vouched = new ClusterHostKeys("gnt.example.org", "/var/lib/ganeti/known_hosts on h1", $"gnt.example.org {_sshd.PublicHostKey("rsa")}\n");
        await File.WriteAllTextAsync(_sshd.KnownHostsFile, $"[127.0.0.1]:{_sshd.Port} {await OtherKeyAsync()}\n", Token);

        Assert.Equal(GanetiError.HostKeyChanged, (await FailsAsync(e => e with { ClusterHostKeys = vouched })).Error);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_even_where_it_is_known()
    {
        await File.WriteAllTextAsync(
            _sshd.KnownHostsFile, $"[127.0.0.1]:{_sshd.Port} {_sshd.PublicHostKey()}\n@revoked * {_sshd.PublicHostKey()}\n", Token);

        var error = await FailsAsync(e => e with { AcceptNewHostKey = true });

        Assert.Equal(GanetiError.HostKeyRevoked, error.Error);
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hashed_name_is_known()
    {
        RealSshd.RunTool("ssh-keygen", "-H", "-f", _sshd.KnownHostsFile);
        Assert.StartsWith("|1|", await File.ReadAllTextAsync(_sshd.KnownHostsFile, Token), StringComparison.Ordinal);

        await using var host = await _sshd.ConnectAsync();

        Assert.True(host.IsConnected);
    }

    [Fact]
    public async Task A_key_known_for_the_host_without_a_port_is_good_for_its_other_ports()
    {
        _sshd.WriteKnownHosts("127.0.0.1");

        await using var host = await _sshd.ConnectAsync();

        Assert.True(host.IsConnected);
    }

    [Fact]
    public async Task Another_port_of_a_known_host_may_have_other_keys_and_is_then_unknown()
    {
        await using var sshd = await RealSshd.StartAsync(keyTypes: ["ed25519"]);
        await File.WriteAllTextAsync(sshd.KnownHostsFile, $"127.0.0.1 {_sshd.PublicHostKey("rsa")}\n", Token);

        var error = await Assert.ThrowsAsync<RemoteException>(() => sshd.ConnectAsync());

        Assert.Equal(GanetiError.HostKeyUnknown, error.Error);
    }

    [Fact]
    public async Task A_key_is_looked_up_and_recorded_under_the_alias()
    {
        File.Delete(_sshd.KnownHostsFile);

        await using (await _sshd.ConnectAsync(e => e with { HostKeyAlias = "h1.example.org", AcceptNewHostKey = true }))
        {
            Assert.StartsWith("h1.example.org ssh-ed25519 ", await File.ReadAllTextAsync(_sshd.KnownHostsFile, Token), StringComparison.Ordinal);
        }

        await using var strict = await _sshd.ConnectAsync(e => e with { HostKeyAlias = "h1.example.org" });
        Assert.Equal(GanetiError.HostKeyUnknown, (await FailsAsync()).Error);
    }

    [Fact]
    public async Task A_key_that_can_not_be_recorded_is_not_accepted()
    {
        Directory.CreateDirectory(_sshd.InFolder("folder"));

        var error = await FailsAsync(e => e with { AcceptNewHostKey = true, KnownHostsFiles = [_sshd.InFolder("folder")] });

        Assert.Equal(GanetiError.HostKeyNotRecorded, error.Error);
    }

    private async Task<string> OtherKeyAsync() => string.Join(' ', (await File.ReadAllTextAsync($"{_sshd.UserKey}.pub", Token)).Split(' ').Take(2));

    private Task<RemoteException> FailsAsync(Func<RemoteEndpoint, RemoteEndpoint>? change = null) =>
        Assert.ThrowsAsync<RemoteException>(() => _sshd.ConnectAsync(change));
}
