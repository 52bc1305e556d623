using Ganeti.Remote;
using Ganeti.Ssh;

namespace Ganeti.Tests.Ssh;

[Trait("Kind", "server")]
public sealed class DestinationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gnt-config-").FullName;

    public DestinationTests() => RealSshd.Require();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("h1", null, "h1", null)]
    [InlineData("bob@h1", "bob", "h1", null)]
    [InlineData("bob@example.org@h1", "bob@example.org", "h1", null)]
    [InlineData("fe80::1", null, "fe80::1", null)]
    [InlineData("ssh://h1", null, "h1", null)]
    [InlineData("ssh://bob@h1:2222/", "bob", "h1", 2222)]
    [InlineData("ssh://b%40b@[fe80::1]:2222", "b@b", "fe80::1", 2222)]
    public void A_destination_is_read_as_ssh_reads_it(string text, string? user, string host, int? port)
    {
        var destination = RemoteDestination.Parse(text);

        Assert.Equal((user, host, port), (destination.User, destination.Host, destination.Port));
    }

    [Fact]
    public async Task What_is_given_outweighs_the_configuration_and_decides_its_matches()
    {
        var endpoint = await ResolveAsync(
            "Match user alice\n IdentityFile ~/.ssh/of-alice\nHost h1\n User bob\n Port 2222\n UserKnownHostsFile /tmp/known\n ProxyJump gate\n",
            d => d with { User = "alice", Port = 22, IdentityFiles = ["/tmp/given"], KnownHostsFiles = ["/tmp/mine"], JumpHost = "none" });

        Assert.Equal(("h1", 22, "alice", null), (endpoint.Host, endpoint.Port, endpoint.User, endpoint.Jump));
        Assert.Equal(["/tmp/given", Path.Combine(OpenSshDefaults.Home, ".ssh/of-alice")], endpoint.IdentityFiles);
        Assert.Equal(["/tmp/mine"], endpoint.KnownHostsFiles);
    }

    [Theory]
    [InlineData("", "root")]
    [InlineData("Host h1\n User {me}\n", "{me}")]
    [InlineData("Host h1\n User alice\n", "alice")]
    [InlineData("Host h2\n User alice\n", "root")]
    [InlineData("Include {d}/included\n", "carol")]
    public async Task Without_any_user_it_is_root(string config, string user)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "included"), "Host h1\n User carol\n", Token);
        string Filled(string text) => text.Replace("{me}", Environment.UserName, StringComparison.Ordinal).Replace("{d}", _folder, StringComparison.Ordinal);

        Assert.Equal(Filled(user), (await ResolveAsync(Filled(config))).User);
        Assert.Equal(user == "root" ? "dave" : Filled(user), (await ResolveAsync(Filled(config), d => d with { DefaultUser = "dave" })).User);
    }

    [Fact]
    public async Task Jump_hosts_are_a_chain_in_which_each_has_its_own_configuration()
    {
        var endpoint = await ResolveAsync(
            "Host gate\n HostName gate.example.org\n User gatekeeper\nHost inner\n Port 2200\n",
            d => d with { JumpHost = "gate,carol@inner:2201", IdentityFiles = ["/tmp/given"], AcceptNewHostKey = true });

        var inner = endpoint.Jump!;
        var gate = inner.Jump!;
        Assert.Equal(("inner", 2201, "carol", true), (inner.Host, inner.Port, inner.User, inner.AcceptNewHostKey));
        Assert.Equal(("gate.example.org", 22, "gatekeeper", null), (gate.Host, gate.Port, gate.User, gate.Jump));
        Assert.Contains("/tmp/given", gate.IdentityFiles);
    }

    [Fact]
    public async Task Questions_and_strictness_follow_the_configuration()
    {
        var person = new Answers();

        Assert.Null((await ResolveAsync("BatchMode yes\n", d => d with { Prompt = person })).Prompt);
        Assert.Same(person, (await ResolveAsync("BatchMode no\n", d => d with { Prompt = person })).Prompt);
        Assert.True((await ResolveAsync("")).AskAboutNewHostKey);
        Assert.False((await ResolveAsync("StrictHostKeyChecking yes\n")).AskAboutNewHostKey);
        Assert.True((await ResolveAsync("HashKnownHosts yes\n")).HashKnownHosts);
        Assert.Equal("/tmp/agent-h1", (await ResolveAsync("IdentityAgent /tmp/agent-%h\n")).IdentityAgent);
        Assert.Null((await ResolveAsync("IdentityAgent none\n")).IdentityAgent);
    }

    [Theory]
    [InlineData("-oProxyCommand=touch /tmp/gnt-pwned")]
    [InlineData("h1;touch")]
    [InlineData("$(touch)")]
    [InlineData("`touch`")]
    [InlineData("h1\ntouch")]
    [InlineData("h1 touch")]
    [InlineData("h1\u001b[2J")]
    [InlineData("'h1'")]
    [InlineData("")]
    public async Task A_name_that_a_shell_would_take_for_more_is_refused(string host)
    {
        var error = await Assert.ThrowsAsync<GanetiException>(() => ResolveAsync("ProxyCommand echo %h\n", d => d with { Host = host }));

        Assert.Equal(GanetiError.DestinationInvalid, error.Error);
        Assert.DoesNotContain('\u001b', error.Message);
    }

    [Theory]
    [InlineData("-l")]
    [InlineData("a;b")]
    [InlineData("a`b`")]
    [InlineData("a\\")]
    public async Task So_is_such_a_user(string user) =>
        Assert.Equal(GanetiError.DestinationInvalid, (await Assert.ThrowsAsync<GanetiException>(() => ResolveAsync("", d => d with { User = user }))).Error);

    [Fact]
    public async Task What_ssh_complains_about_is_in_the_error()
    {
        var error = await Assert.ThrowsAsync<GanetiException>(() => ResolveAsync("Host *\n NoSuchOption yes\n"));

        Assert.Equal(GanetiError.SshConfigInvalid, error.Error);
        Assert.Contains("line 2: Bad configuration option: nosuchoption", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_takes_for_ever_is_given_up_after_the_timeout()
    {
        var error = await Assert.ThrowsAsync<GanetiException>(() =>
            ResolveAsync("Match exec \"sleep 8698765\"\n User bob\n", d => d with { ConnectTimeout = TimeSpan.FromMilliseconds(500) }));

        Assert.Equal(GanetiError.SshConfigInvalid, error.Error);
        Assert.Contains("0.5 s", error.Message, StringComparison.Ordinal);
        await Eventually.IsTrueAsync(() => !Processes.Running("sleep", "8698765"));
    }

    [Fact]
    public async Task Without_a_client_of_OpenSSH_its_defaults_hold_and_a_file_can_not_be_read()
    {
        var transport = new SshTransport { Client = Path.Combine(_folder, "no-such-ssh") };

        var endpoint = await transport.ResolveAsync(RemoteDestination.Parse("h1") with { JumpHost = "bob@gate:2222" }, Token);
        var error = await Assert.ThrowsAsync<GanetiException>(() => transport.ResolveAsync(RemoteDestination.Parse("h1") with { ConfigFile = "/tmp/config" }, Token));

        Assert.Equal(("h1", 22, "root"), (endpoint.Host, endpoint.Port, endpoint.User));
        Assert.Equal(("gate", 2222, "bob"), (endpoint.Jump!.Host, endpoint.Jump.Port, endpoint.Jump.User));
        Assert.Equal(OpenSshDefaults.IdentityFiles, endpoint.IdentityFiles);
        Assert.Equal(GanetiError.SshConfigInvalid, error.Error);
    }

    [Fact]
    public async Task A_proxy_command_that_fails_says_what_it_said()
    {
        var endpoint = await ResolveAsync("ProxyCommand sh -c 'echo the gate is shut >&2; exit 7'\n");

        var error = await Assert.ThrowsAsync<RemoteException>(() => new SshTransport().ConnectAsync(endpoint, null, Token));

        Assert.Equal((GanetiError.ProxyCommandFailed, 7), (error.Error, error.ExitStatus));
        Assert.Contains("the gate is shut", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_command_ends_with_its_connection_and_with_an_attempt_that_is_given_up()
    {
        var silent = await ResolveAsync("ProxyCommand sleep 8612345\n");
        await Assert.ThrowsAsync<RemoteException>(() => new SshTransport().ConnectAsync(silent with { ConnectTimeout = TimeSpan.FromMilliseconds(500) }, null, Token));
        await Eventually.IsTrueAsync(() => !Processes.Running("sleep", "8612345"));

        await using var sshd = await RealSshd.StartAsync();
        var proxy = new[] { "socat", "-", $"TCP:127.0.0.1:{sshd.Port}" };
        await using (await sshd.ConnectAsync(e => e with { ProxyCommand = string.Join(' ', proxy) }))
        {
            Assert.True(Processes.Running(proxy));
        }

        await Eventually.IsTrueAsync(() => !Processes.Running(proxy));
    }

    [Fact]
    public async Task A_proxy_command_does_not_hear_the_ctrl_c_that_stops_a_cmdlet()
    {
        var silent = await ResolveAsync("ProxyCommand sleep 8612346\n");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var connecting = new SshTransport().ConnectAsync(silent, null, cancel.Token);
        await Eventually.IsTrueAsync(() => Processes.Running("sleep", "8612346"));

        RealSshd.RunTool("pkill", "-INT", "-xf", "sleep 8612346");
        await Task.Delay(300, Token);
        Assert.True(Processes.Running("sleep", "8612346"));

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
        await Eventually.IsTrueAsync(() => !Processes.Running("sleep", "8612346"));
    }

    private Task<RemoteEndpoint> ResolveAsync(string config, Func<RemoteDestination, RemoteDestination>? change = null)
    {
        var file = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        File.WriteAllText(file, config);
        var destination = new RemoteDestination { Host = "h1", ConfigFile = file };
        return new SshTransport().ResolveAsync(change?.Invoke(destination) ?? destination, Token);
    }
}
