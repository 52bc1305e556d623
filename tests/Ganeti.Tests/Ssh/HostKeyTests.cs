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

    private Task<RemoteException> FailsAsync(Func<RemoteEndpoint, RemoteEndpoint>? change = null) =>
        Assert.ThrowsAsync<RemoteException>(() => _sshd.ConnectAsync(change));
}
