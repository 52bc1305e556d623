using System.Net;
using System.Net.Sockets;
using System.Text;
using Ganeti.Remote;
using Ganeti.Ssh;

namespace Ganeti.Tests.Ssh;

[Trait("Kind", "server")]
public sealed class SshConnectTests : IAsyncLifetime
{
    private RealSshd _sshd = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _sshd = await RealSshd.StartAsync();

    public ValueTask DisposeAsync() => _sshd?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task A_key_that_the_server_does_not_know_is_refused_and_named()
    {
        var wrong = _sshd.InFolder("wrong");
        RealSshd.KeyGen("-t", "rsa", "-f", wrong);

        var error = await FailsAsync(e => e with { IdentityFiles = [_sshd.InFolder("none"), wrong] });

        Assert.Equal(GanetiError.AuthenticationFailed, error.Error);
        Assert.Contains($"{_sshd.InFolder("none")}: no such file", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{wrong} (ssh-rsa): refused", error.Message, StringComparison.Ordinal);
        Assert.Contains(Environment.UserName, error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_rsa_key_costs_one_of_the_servers_tries_only()
    {
        await using var sshd = await RealSshd.StartAsync("MaxAuthTries 4");
        var wrong = Enumerable.Range(0, 3).Select(i => sshd.InFolder($"wrong{i}")).ToList();
        wrong.ForEach(file => RealSshd.KeyGen("-t", "rsa", "-f", file));

        await using var host = await sshd.ConnectAsync(e => e with { IdentityFiles = [.. wrong, sshd.UserKey] });

        Assert.True(host.IsConnected);
    }

    [Fact]
    public async Task Too_many_refused_keys_are_an_error_of_the_login()
    {
        await using var sshd = await RealSshd.StartAsync("MaxAuthTries 2");
        var wrong = Enumerable.Range(0, 3).Select(i => sshd.InFolder($"wrong{i}")).ToList();
        wrong.ForEach(file => RealSshd.KeyGen("-t", "ed25519", "-f", file));

        var error = await Assert.ThrowsAsync<RemoteException>(() => sshd.ConnectAsync(e => e with { IdentityFiles = [.. wrong, sshd.UserKey] }));

        Assert.Equal(GanetiError.AuthenticationFailed, error.Error);
        Assert.Contains("wrong0 (ssh-ed25519): refused", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_that_does_not_exist_is_refused_and_named()
    {
        var error = await FailsAsync(e => e with { User = "nosuchuser" });

        Assert.Equal(GanetiError.AuthenticationFailed, error.Error);
        Assert.Contains("nosuchuser", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_nothing_to_log_in_with_the_error_says_so()
    {
        var error = await FailsAsync(e => e with { IdentityFiles = [] });

        Assert.Equal(GanetiError.AuthenticationFailed, error.Error);
        Assert.Contains("nothing to log in with", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_does_not_stand_in_the_error()
    {
        var error = await FailsAsync(e => e with { IdentityFiles = [], Password = "not-the-password" });

        Assert.Contains("keyboard-interactive: refused", error.Message, StringComparison.Ordinal);

        Assert.Equal(GanetiError.AuthenticationFailed, error.Error);
        Assert.Contains("password: refused", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-password", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-t", "ed25519")]
    [InlineData("-t", "ecdsa", "-b", "384")]
    [InlineData("-t", "rsa", "-b", "2048")]
    [InlineData("-t", "rsa", "-b", "2048", "-m", "PEM")]
    [InlineData("-t", "ecdsa", "-m", "PKCS8")]
    public async Task Keys_of_every_type_and_format_log_in_encrypted_or_not(params string[] type)
    {
        foreach (var passphrase in (string[])["", "pass phrase"])
        {
            var key = _sshd.InFolder($"key-{passphrase.Length}");
            RealSshd.RunTool("ssh-keygen", ["-q", .. type, "-N", passphrase, "-f", key]);
            await File.WriteAllTextAsync(_sshd.InFolder("authorized_keys"), await File.ReadAllTextAsync($"{key}.pub", Token), Token);
            var person = new Answers { Secret = _ => "pass phrase" };

            await using var host = await _sshd.ConnectAsync(e => e with { IdentityFiles = [key], Prompt = person });

            Assert.True(host.IsConnected);
            Assert.Equal(passphrase.Length > 0 ? [$"Passphrase for {key}: "] : [], person.Seen);
        }
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("rsa")]
    public async Task A_certificate_beside_the_key_logs_in_where_only_its_authority_is_known(string type)
    {
        await using var sshd = await RealSshd.StartAsync();
        var (authority, key) = (sshd.InFolder("authority"), sshd.InFolder("certified"));
        RealSshd.KeyGen("-t", "ed25519", "-f", authority);
        RealSshd.KeyGen("-t", type, "-f", key);
        RealSshd.RunTool("ssh-keygen", "-q", "-s", authority, "-I", "test", "-n", Environment.UserName, $"{key}.pub");
        await File.WriteAllTextAsync(sshd.InFolder("authorized_keys"), $"cert-authority {await File.ReadAllTextAsync($"{authority}.pub", Token)}", Token);

        await using var host = await sshd.ConnectAsync(e => e with { IdentityFiles = [key] });

        Assert.True(host.IsConnected);
    }

    [Fact]
    public async Task Keys_that_can_not_be_used_are_passed_over_with_the_reason()
    {
        var encrypted = _sshd.InFolder("encrypted");
        RealSshd.RunTool("ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", encrypted);
        await File.AppendAllTextAsync(_sshd.InFolder("authorized_keys"), await File.ReadAllTextAsync($"{encrypted}.pub", Token), Token);
        var corrupt = _sshd.InFolder("corrupt");
        await File.WriteAllTextAsync(corrupt, "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", Token);

        await using var host = await _sshd.ConnectAsync(e => e with { IdentityFiles = [encrypted, corrupt, _sshd.UserKey] });
        var error = await FailsAsync(e => e with { IdentityFiles = [encrypted, corrupt], Prompt = new Answers { Secret = _ => "wrong" } });

        Assert.True(host.IsConnected);
        Assert.Contains($"{encrypted}: passed over, its passphrase is wrong", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{corrupt}: passed over", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_passphrase_is_asked_for_once_for_all_connections_and_the_clock_stands_meanwhile()
    {
        var key = _sshd.InFolder("encrypted");
        RealSshd.RunTool("ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", key);
        File.Copy($"{key}.pub", _sshd.InFolder("authorized_keys"), overwrite: true);
        var person = new Answers
        {
            Secret = _ =>
            {
                Thread.Sleep(6000);
                return "secret";
            },
        };
        var transport = new SshTransport();
        var endpoint = _sshd.Endpoint with
        {
            IdentityFiles = [key],
            ConnectTimeout = TimeSpan.FromSeconds(5),
            Prompt = person,
        };

        var hosts = new List<IRemoteHost> { await transport.ConnectAsync(endpoint, null, Token) };
        hosts.AddRange(await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => transport.ConnectAsync(endpoint, null, Token))));

        Assert.Single(person.Seen);
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_port_where_nobody_listens_refuses_the_connection()
    {
        var error = await FailsAsync(e => e with { Port = RealSshd.FreePort() });

        Assert.Equal(GanetiError.ConnectionRefused, error.Error);
        Assert.Contains("sshd", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_not_found()
    {
        var error = await FailsAsync(e => e with { Host = "no-such-host.invalid" });

        Assert.Equal(GanetiError.HostNotFound, error.Error);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("\0\u0001\u0002")]
    [InlineData("")]
    public async Task Something_else_that_answers_is_not_an_ssh_server(string banner)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, Encoding.ASCII.GetBytes(banner), hangUp: true);

        var error = await FailsAsync(e => e with { Port = ((IPEndPoint)listener.LocalEndpoint).Port });

        Assert.Equal(GanetiError.NotAnSshServer, error.Error);
        await serving;
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up_after_the_timeout()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, [], hangUp: false);

        var error = await FailsAsync(e => e with { Port = ((IPEndPoint)listener.LocalEndpoint).Port, ConnectTimeout = TimeSpan.FromMilliseconds(300) });

        Assert.Equal(GanetiError.ConnectionTimeout, error.Error);
        await serving;
        await Eventually.IsTrueAsync(() => Processes.OwnThreads("SSH handshake") == 0);
    }

    [Fact]
    public async Task A_server_that_stalls_in_the_handshake_is_given_up_after_the_timeout()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, "SSH-2.0-Silence\r\n"u8.ToArray(), hangUp: false);

        var error = await FailsAsync(e => e with { Port = ((IPEndPoint)listener.LocalEndpoint).Port, ConnectTimeout = TimeSpan.FromMilliseconds(300) });

        Assert.Equal(GanetiError.ConnectionTimeout, error.Error);
        await serving;
    }

    [Fact]
    public async Task An_attempt_can_be_cancelled_in_the_middle_of_the_handshake()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, "SSH-2.0-Silence\r\n"u8.ToArray(), hangUp: false);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        cancel.CancelAfter(200);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new SshTransport().ConnectAsync(_sshd.Endpoint with { Port = ((IPEndPoint)listener.LocalEndpoint).Port }, null, cancel.Token)
                .WaitAsync(TimeSpan.FromSeconds(5), Token));

        await serving;
    }

    [Fact]
    public async Task A_server_with_no_algorithm_in_common_says_what_it_has()
    {
        await using var sshd = await RealSshd.StartAsync("Ciphers aes128-cbc");

        var error = await Assert.ThrowsAsync<RemoteException>(() => sshd.ConnectAsync());

        Assert.Equal(GanetiError.NoCommonAlgorithm, error.Error);
        Assert.Contains("aes128-cbc", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_hosts_connect_at_once()
    {
        var hosts = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => _sshd.ConnectAsync()));

        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    /// <summary>Answers one connection, and waits for its end.</summary>
    private static async Task ServeAsync(TcpListener listener, byte[] banner, bool hangUp)
    {
        using var client = await listener.AcceptTcpClientAsync(Token);
        await client.GetStream().WriteAsync(banner, Token);
        if (!hangUp)
        {
            try
            {
                while (await client.GetStream().ReadAsync(new byte[4096], Token) > 0)
                {
                }
            }
            catch (IOException)
            {
                // Reset, which is an end as well.
            }
        }
    }

    private Task<RemoteException> FailsAsync(Func<RemoteEndpoint, RemoteEndpoint> change) =>
        Assert.ThrowsAsync<RemoteException>(() => _sshd.ConnectAsync(change));
}
