using System.Security.Cryptography;
using System.Text;
using Ganeti.Remote;

namespace Ganeti.Tests.Ssh;

/// <summary>The table of what is odd about a host that can be reached: what a command there gives all the same.</summary>
[Trait("Kind", "server")]
public sealed class FarSideTests
{
    private const string Ordinary = "";
    private const string Greeting = "echo Welcome to $(hostname); echo '{\"not\": \"ours\"}'";
    private const string LongGreeting = "head -c 200000 /dev/zero | tr '\\0' x";
    private const string GreetingWithoutEnd = "printf 'Last login: never'";
    private const string Latin1 = "export LC_ALL=de_DE.ISO-8859-1 LANG=de_DE.ISO-8859-1 TZ=Pacific/Auckland";
    private const string OtherPath = "PATH=/usr/bin:/bin; alias true=false; cd /";
    private const string Disappears = "kill -9 $$";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    //         ~/.bashrc            script                                              exit  output                  error
    [InlineData(Ordinary, "echo a; echo b >&2; exit 3", 3, "a\n", "b\n")]
    [InlineData(Greeting, "echo a", 0, "a\n", "")]
    [InlineData(Greeting, "exit 1", 1, "", "")]
    [InlineData(LongGreeting, "echo a", 0, "a\n", "")]
    [InlineData(GreetingWithoutEnd, "printf a", 0, "a", "")]
    [InlineData(Latin1, "echo $LC_ALL $TZ", 0, "C UTC\n", "")]
    [InlineData(Latin1, "printf 'M\\374ller'", 0, "M\ufffdller", "")]
    [InlineData(OtherPath, "true && pwd", 0, "/\n", "")]
    [InlineData(Ordinary, "printf 'a\\342\\202'", 0, "a\ufffd", "")]
    [InlineData(Ordinary, "printf '\\033[2J\\0\\r'", 0, "\u001b[2J\0\r", "")]
    [InlineData(Ordinary, "cat /proc/version >/dev/full", 1, "", "No space left on device")]
    [InlineData(Ordinary, "socat-that-is-not-there - x", 127, "", "not found")]
    public async Task A_command_gives_what_it_prints_whatever_the_login_is_like(string profile, string script, int exit, string output, string error)
    {
        await using var sshd = await StartAsync(profile);
        await using var host = await sshd.ConnectAsync();

        var result = await host.RunAsync(RemoteCommand.Script(script), Token);

        Assert.Equal((exit, output), (result.ExitStatus, result.OutputText));
        Assert.Contains(error, result.ErrorText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Ordinary)]
    [InlineData(Greeting)]
    [InlineData(LongGreeting)]
    [InlineData(GreetingWithoutEnd)]
    public async Task A_pipe_has_the_programs_own_bytes_only(string profile)
    {
        await using var sshd = await StartAsync(profile);
        await using var host = await sshd.ConnectAsync();
        await using var pipe = await host.OpenPipeAsync(new RemoteCommand("cat"), Token);

        await pipe.WriteAsync("\u0003{}"u8.ToArray(), Token);

        var buffer = new byte[10];
        var length = await pipe.ReadAsync(buffer, Token);
        Assert.Equal("\u0003{}", Encoding.UTF8.GetString(buffer, 0, length));
    }

    [Fact]
    public async Task A_login_shell_that_dies_is_an_error_and_the_connection_goes_on()
    {
        await using var sshd = await StartAsync(Disappears);
        await using var host = await sshd.ConnectAsync();

        Assert.Equal((null, "KILL"), await host.RunAsync(new RemoteCommand("true"), Token) is var dead ? (dead.ExitStatus, dead.Signal) : default);

        File.WriteAllText(sshd.InFolder(".bashrc"), Ordinary);
        Assert.Equal(0, (await host.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
    }

    [Fact]
    public async Task A_forced_command_prints_for_itself()
    {
        await using var sshd = await RealSshd.StartAsync("ForceCommand echo only this");
        await using var host = await sshd.ConnectAsync();

        Assert.Equal("only this\n", (await host.RunAsync(new RemoteCommand("true"), Token)).OutputText);
        await using var pipe = await host.OpenPipeAsync(new RemoteCommand("cat"), Token);
        var buffer = new byte[100];
        Assert.Equal(10, await pipe.ReadAsync(buffer, Token));
    }

    [Fact]
    public async Task A_very_long_output_is_whole_and_takes_the_memory_of_what_it_is()
    {
        const int Length = 64 * 1024 * 1024;
        await using var sshd = await StartAsync(Ordinary);
        await using var host = await sshd.ConnectAsync();

        var result = await host.RunAsync(RemoteCommand.Script("head -c $1 /dev/zero | tr '\\0' x; seq 1 100000 >&2", $"{Length}"), Token);

        Assert.Equal(Length, result.Output.Length);
        Assert.Equal(-1, result.Output.Span.IndexOfAnyExcept((byte)'x'));
        Assert.EndsWith("\n100000\n", result.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_cut_in_the_middle_of_a_character_is_lost_and_not_a_wrong_text()
    {
        await using var sshd = await StartAsync(Ordinary);
        await using var link = new FaultyLink(sshd.Port);
        await using var host = await sshd.ConnectAsync(endpoint => endpoint with { Port = link.Port, HostKeyAlias = $"[127.0.0.1]:{sshd.Port}" });
        await using var pipe = await host.OpenPipeAsync(RemoteCommand.Script("printf '\\342\\202'; sleep 600"), Token);
        var buffer = new byte[10];
        Assert.Equal(2, await pipe.ReadAsync(buffer, Token));

        link.Fault = LinkFault.Reset;

        Assert.Equal(GanetiError.ConnectionLost, (await Assert.ThrowsAsync<RemoteException>(() => pipe.ReadAsync(buffer, Token))).Error);
    }

    [Fact]
    public async Task A_pipe_that_the_server_refused_at_first_is_as_good_as_any()
    {
        await using var sshd = await RealSshd.StartAsync("MaxSessions 1");
        await using var host = await sshd.ConnectAsync();
        var running = host.RunAsync(new RemoteCommand("sleep", "1"), Token);
        await Task.Delay(200, Token);

        await using var pipe = await host.OpenPipeAsync(new RemoteCommand("cat"), Token);

        await pipe.WriteAsync("x"u8.ToArray(), Token);
        Assert.Equal(1, await pipe.ReadAsync(new byte[100], Token));
        Assert.Equal(0, (await running).ExitStatus);
    }

    [Fact]
    public async Task The_mark_is_found_however_the_bytes_come()
    {
        await using var sshd = await StartAsync("for i in 1 2 3; do printf x; sleep 0.05; done");
        await using var host = await sshd.ConnectAsync();
        var word = Convert.ToHexString(RandomNumberGenerator.GetBytes(64));

        Assert.Equal(word, (await host.RunAsync(new RemoteCommand("printf", word), Token)).OutputText);
    }

    private static async Task<RealSshd> StartAsync(string profile)
    {
        var sshd = await RealSshd.StartAsync();
        File.WriteAllText(sshd.InFolder(".bashrc"), profile);
        return sshd;
    }
}
