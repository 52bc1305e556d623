using Ganeti.Remote;
using Ganeti.Ssh;

namespace Ganeti.Tests.Ssh;

[Trait("Kind", "server")]
public sealed class LoginTests : IAsyncLifetime
{
    private const string Password = "the password";

    private RealSshd _sshd = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _sshd = await RealSshd.StartAsync("MaxAuthTries 3");

    public ValueTask DisposeAsync() => _sshd?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Each_of_three_kinds_of_key_in_the_agent_logs_in()
    {
        using var agent = new RealAgent();
        string[] types = ["ed25519", "ecdsa", "rsa"];
        foreach (var type in types)
        {
            agent.Add(NewKey(type));
        }

        foreach (var type in types)
        {
            await AllowAsync(type);
            await using var host = await _sshd.ConnectAsync(e => e with { IdentityFiles = [], IdentityAgent = agent.Socket });
            Assert.Equal(0, (await host.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
        }
    }

    [Fact]
    public async Task A_key_that_is_in_the_agent_and_named_by_a_file_goes_first_and_asks_for_no_passphrase()
    {
        using var agent = new RealAgent();
        for (var i = 0; i < 3; i++)
        {
            agent.Add(NewKey("ed25519", $"wrong{i}"));
        }

        var key = NewKey("ed25519", "named");
        agent.Add(key);
        RealSshd.RunTool("ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f", key);
        await AllowAsync("named");
        File.Move($"{key}.pub", $"{key}.pub.away");
        var person = new Answers();

        await using var host = await _sshd.ConnectAsync(e => e with { IdentityFiles = [_sshd.UserKey, key], IdentityAgent = agent.Socket, Prompt = person });
        Assert.True(host.IsConnected);
        Assert.Empty(person.Seen);

        // Behind all the others, it is one too many for the server.
        var error = await FailsAsync(e => e with { IdentityFiles = [], IdentityAgent = agent.Socket });
        Assert.Contains("wrong0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_keys_that_are_named_are_used_where_that_is_configured()
    {
        using var agent = new RealAgent();
        var key = NewKey("ed25519", "held");
        agent.Add(key);
        await AllowAsync("held");
        RemoteEndpoint Only(RemoteEndpoint e, params string[] files) => e with { IdentityFiles = files, IdentityAgent = agent.Socket, IdentitiesOnly = true };

        var error = await FailsAsync(e => Only(e, NewKey("ed25519", "other")));
        File.Delete(key);
        await using var host = await _sshd.ConnectAsync(e => Only(e, $"{key}.pub"));

        Assert.DoesNotContain("held", error.Message, StringComparison.Ordinal);
        Assert.True(host.IsConnected);
    }

    [Theory]
    [InlineData("beside", "ed25519")]
    [InlineData("beside", "rsa")]
    [InlineData("agent", "ecdsa")]
    [InlineData("agent", "rsa")]
    [InlineData("named, key in a file", "ed25519")]
    [InlineData("named, key in the agent", "ed25519")]
    [InlineData("beside, key in the agent", "rsa")]
    public async Task A_certificate_logs_in_wherever_it_and_its_key_are(string where, string type)
    {
        using var agent = new RealAgent();
        var (authority, key) = (NewKey("ed25519", "authority"), NewKey(type, "certified"));
        RealSshd.RunTool("ssh-keygen", "-q", "-s", authority, "-I", "test", "-n", Environment.UserName, $"{key}.pub");
        await File.WriteAllTextAsync(_sshd.InFolder("authorized_keys"), $"cert-authority {await File.ReadAllTextAsync($"{authority}.pub", Token)}", Token);
        var certificate = $"{key}-cert.pub";
        if (where.Contains("agent", StringComparison.Ordinal))
        {
            if (where != "agent")
            {
                File.Move(certificate, $"{certificate}.away");
            }

            agent.Add(key);
            if (where != "agent")
            {
                File.Move($"{certificate}.away", certificate);
            }

            // The private half is the agent's alone.
            File.WriteAllText(key, File.ReadAllText($"{key}.pub"));
        }

        var named = where.StartsWith("named", StringComparison.Ordinal);
        if (named)
        {
            File.Move(certificate, certificate = _sshd.InFolder("elsewhere.pub"));
        }

        await using var host = await _sshd.ConnectAsync(e => e with
        {
            IdentityFiles = where == "agent" ? [] : [key],
            CertificateFiles = named ? [certificate] : [],
            IdentityAgent = where.Contains("agent", StringComparison.Ordinal) ? agent.Socket : null,
        });

        Assert.True(host.IsConnected);
    }

    [Fact]
    public async Task An_agent_that_refuses_or_is_gone_is_named_and_the_next_key_is_tried()
    {
        using var agent = new RealAgent();
        agent.Add(_sshd.UserKey, "-c");
        var other = NewKey("ed25519", "other");

        var refused = await FailsAsync(e => e with { IdentityFiles = [other], IdentityAgent = agent.Socket });
        var gone = await FailsAsync(e => e with { IdentityFiles = [other], IdentityAgent = _sshd.InFolder("no-agent") });
        await File.AppendAllTextAsync(_sshd.InFolder("authorized_keys"), await File.ReadAllTextAsync($"{other}.pub", Token), Token);
        await using var host = await _sshd.ConnectAsync(e => e with { IdentityFiles = [other], IdentityAgent = agent.Socket });

        Assert.Contains("the agent refused to sign", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"{other} (ssh-ed25519): refused", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"agent {_sshd.InFolder("no-agent")}: ", gone.Message, StringComparison.Ordinal);
        Assert.True(host.IsConnected);
    }

    [Fact]
    public async Task A_security_key_waits_for_its_touch_without_limit_says_so_and_is_asked_by_one_at_a_time()
    {
        using var token = new SecurityKey();
        await File.WriteAllTextAsync(_sshd.InFolder("authorized_keys"), token.PublicLine + "\n", Token);
        var person = new Answers();
        var transport = new SshTransport();
        var endpoint = _sshd.Endpoint with { IdentityFiles = [], IdentityAgent = token.Socket, Prompt = person, ConnectTimeout = TimeSpan.FromSeconds(2) };

        var connecting = Enumerable.Range(0, 3).Select(_ => transport.ConnectAsync(endpoint, null, Token)).ToList();
        await Eventually.IsTrueAsync(() => token.Waiting == 1);
        await Task.Delay(3000, Token);
        token.Touch();
        var hosts = await Task.WhenAll(connecting);

        Assert.Equal(1, token.MostWaiting);
        Assert.Equal(3, person.Seen.Count);
        Assert.Equal($"Touch the security key for key my token in the agent to log in on {endpoint}.", person.Seen[0]);
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_attempt_that_waits_for_a_touch_is_given_up_at_once_and_the_next_one_gets_its_turn()
    {
        using var token = new SecurityKey();
        await File.WriteAllTextAsync(_sshd.InFolder("authorized_keys"), token.PublicLine + "\n", Token);
        var endpoint = _sshd.Endpoint with { IdentityFiles = [], IdentityAgent = token.Socket, Prompt = new Answers() };
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var waiting = new SshTransport().ConnectAsync(endpoint, null, cancel.Token);
        await Eventually.IsTrueAsync(() => token.Waiting == 1);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(1), Token));
        token.Touch();
        await using var host = await new SshTransport().ConnectAsync(endpoint, null, Token);
        Assert.True(host.IsConnected);
    }

    [Fact]
    public async Task Nobody_is_there_to_touch_a_key_and_the_time_is_up()
    {
        using var token = new SecurityKey();
        await File.WriteAllTextAsync(_sshd.InFolder("authorized_keys"), token.PublicLine + "\n", Token);

        foreach (var prompt in (IRemotePrompt?[])[null, new Answers { IsThere = false }])
        {
            var error = await FailsAsync(e => e with { IdentityFiles = [], IdentityAgent = token.Socket, Prompt = prompt, ConnectTimeout = TimeSpan.FromSeconds(1) });

            Assert.Equal(GanetiError.ConnectionTimeout, error.Error);
            Assert.Contains("waited for the agent's signature with key my token", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_passphrase_is_asked_for_a_key_that_the_server_would_not_take()
    {
        var key = NewKey("ed25519", "locked");
        RealSshd.RunTool("ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f", key);
        var person = new Answers { Secret = _ => "secret" };

        await using var host = await _sshd.ConnectAsync(e => e with { IdentityFiles = [key, _sshd.UserKey], Prompt = person });

        Assert.Empty(person.Seen);
    }

    [Fact]
    public async Task What_can_not_be_used_says_why()
    {
        var certificate = _sshd.InFolder("lost-cert.pub");
        var (authority, lost) = (NewKey("ed25519", "authority"), NewKey("ed25519", "lost"));
        RealSshd.RunTool("ssh-keygen", "-q", "-s", authority, "-I", "test", $"{lost}.pub");
        File.Delete(lost);
        await AllowAsync("lost");

        var error = await FailsAsync(e => e with { IdentityFiles = [$"{lost}.pub", _sshd.InFolder("none")], CertificateFiles = [certificate, _sshd.InFolder("no-cert")] });

        Assert.Contains($"certificate {certificate}: passed over, only its public half is there", error.Message, StringComparison.Ordinal);
        Assert.Contains($"certificate {_sshd.InFolder("no-cert")}: no such file", error.Message, StringComparison.Ordinal);
        Assert.Contains($"key {_sshd.InFolder("none")}: no such file", error.Message, StringComparison.Ordinal);
        Assert.Contains($"key {lost}.pub: passed over, only its public half is there", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_was_given_answers_the_server_however_it_asks()
    {
        foreach (var off in (string[])["KbdInteractiveAuthentication no", "PasswordAuthentication no"])
        {
            await using var sshd = await RealSshd.StartWithPasswordAsync(Password, off);
            await using var host = await sshd.ConnectAsync(e => e with { IdentityFiles = [], Password = Password });
            var error = await Assert.ThrowsAsync<RemoteException>(() => sshd.ConnectAsync(e => e with { IdentityFiles = [], Password = "wrong one" }));

            Assert.True(host.IsConnected);
            Assert.Equal(GanetiError.AuthenticationFailed, error.Error);
            Assert.Contains("refused", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("wrong one", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_person_answers_what_the_server_asks_and_may_mistype()
    {
        await using var sshd = await RealSshd.StartWithPasswordAsync(Password);
        var tries = 0;
        var person = new Answers { Secret = _ => tries++ < 2 ? "mistyped" : Password };

        await using var host = await sshd.ConnectAsync(e => e with { IdentityFiles = [], Prompt = person });

        Assert.True(host.IsConnected);
        Assert.Equal(Enumerable.Repeat($"({sshd.Endpoint}) Password: ", 3), person.Seen);
    }

    [Fact]
    public async Task A_person_types_the_password_and_has_three_tries()
    {
        await using var sshd = await RealSshd.StartWithPasswordAsync(Password, "KbdInteractiveAuthentication no");
        var person = new Answers { Secret = _ => "mistyped" };

        var error = await Assert.ThrowsAsync<RemoteException>(() => sshd.ConnectAsync(e => e with { IdentityFiles = [], Prompt = person }));

        Assert.Equal(GanetiError.AuthenticationFailed, error.Error);
        Assert.Equal(Enumerable.Repeat($"Password for {sshd.Endpoint}: ", 3), person.Seen);
    }

    [Fact]
    public async Task A_server_that_wants_a_key_and_a_password_gets_both()
    {
        await using var sshd = await RealSshd.StartWithPasswordAsync(Password, "AuthenticationMethods publickey,keyboard-interactive");

        await using var host = await sshd.ConnectAsync(e => e with { Password = Password });
        var error = await Assert.ThrowsAsync<RemoteException>(() => sshd.ConnectAsync());

        Assert.True(host.IsConnected);
        Assert.Contains($"key {sshd.UserKey} (ssh-ed25519): accepted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_that_nobody_answers_is_in_the_error()
    {
        await using var sshd = await RealSshd.StartWithPasswordAsync(Password);

        var error = await Assert.ThrowsAsync<RemoteException>(() => sshd.ConnectAsync(e => e with { IdentityFiles = [], Prompt = new Answers() }));

        Assert.Equal(GanetiError.AuthenticationFailed, error.Error);
        Assert.Contains("nobody answered 'Password:'", error.Message, StringComparison.Ordinal);
        Assert.Contains("password: none was given", error.Message, StringComparison.Ordinal);
    }

    private string NewKey(string type, string? name = null)
    {
        var file = _sshd.InFolder(name ?? type);
        RealSshd.KeyGen("-t", type, "-C", name ?? type, "-f", file);
        return file;
    }

    private Task AllowAsync(string name) =>
        File.WriteAllTextAsync(_sshd.InFolder("authorized_keys"), File.ReadAllText(_sshd.InFolder($"{name}.pub")), Token);

    private Task<RemoteException> FailsAsync(Func<RemoteEndpoint, RemoteEndpoint> change) => Assert.ThrowsAsync<RemoteException>(() => _sshd.ConnectAsync(change));
}
