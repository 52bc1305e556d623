using System.Diagnostics;
using System.Text;
using CsCheck;
using Ganeti.Remote;
using Ganeti.Tests.Engine;
using Ganeti.Tests.Ssh;

namespace Ganeti.Tests.Remote;

public sealed class ShellQuoteTests
{
    // Every character that an argument can hold and a shell could make something of, and some of every length of UTF-8.
    private static readonly string Everything =
        string.Concat(Enumerable.Range(1, 0x2ff).Select(code => (char)code)) + "€\u2028\ufeff\U0001f600";

    private static readonly Gen<string[]> Arguments = Gen.OneOf(
        Gen.Char["'\"\\ \n\t$`!*?[]{}()<>|&;~#=-%^\r\u0001\u007f"],
        Gen.Char['\u0001', '\u02ff'],
        Gen.Char.AlphaNumeric).Array[0, 30].Select(characters => new string(characters)).Array[0, 6];

    [Fact]
    [Trait("Kind", "unit")]
    public void A_nul_is_refused() => Assert.Equal(GanetiError.ParameterInvalid, Assert.Throws<GanetiException>(() => ShellQuote.Quote("a\0b")).Error);

    [Theory]
    [Trait("Kind", "unit")]
    [InlineData("/usr/bin/gnt-instance", "/usr/bin/gnt-instance")]
    [InlineData("", "''")]
    [InlineData("a b", "'a b'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("~root", "'~root'")]
    [InlineData("$(id)", "'$(id)'")]
    public void Only_what_needs_quotes_has_them(string argument, string quoted) => Assert.Equal(quoted, ShellQuote.Quote(argument));

    [Fact]
    [Trait("Kind", "unit")]
    public async Task Every_character_comes_through_a_local_shell_as_it_is()
    {
        foreach (var character in Everything.EnumerateRunes())
        {
            Assert.Equal([character.ToString()], await ThroughShellAsync([character.ToString()]));
        }

        Assert.Equal([Everything, "", "-n", Everything], await ThroughShellAsync([Everything, "", "-n", Everything]));
    }

    [Fact]
    [Trait("Kind", "unit")]
    public async Task Any_arguments_come_through_a_local_shell_as_they_are() =>
        await Arguments.SampleAsync(async arguments => Assert.Equal(arguments, await ThroughShellAsync(arguments)), seed: "0000KxV2Yr63", iter: Soak.Times(100), threads: 2);

    [Fact]
    [Trait("Kind", "server")]
    public async Task Any_arguments_come_through_sshd_as_they_are()
    {
        await using var sshd = await RealSshd.StartAsync();
        await using var host = await sshd.ConnectAsync();

        Assert.Equal([Everything, ""], await ThroughSshdAsync(host, [Everything, ""]));
        Assert.Equal(
            Everything.EnumerateRunes().Select(rune => rune.ToString()),
            await ThroughSshdAsync(host, [.. Everything.EnumerateRunes().Select(rune => rune.ToString())]));
        await Arguments.SampleAsync(
            async arguments => Assert.Equal(arguments, await ThroughSshdAsync(host, arguments)), seed: "0000KxV2Yr63", iter: Soak.Times(100), threads: 4);
    }

    [Fact]
    [Trait("Kind", "server")]
    public async Task A_remote_program_has_the_c_locale_and_utc()
    {
        await using var sshd = await RealSshd.StartAsync();
        await using var host = await sshd.ConnectAsync();

        var result = await host.RunAsync(RemoteCommand.Script("echo $LC_ALL $TZ $1", "x"), TestContext.Current.CancellationToken);

        Assert.Equal("C UTC x\n", result.OutputText);
    }

    private static async Task<string[]> ThroughSshdAsync(IRemoteHost host, string[] arguments)
    {
        var result = await host.RunAsync(Print(arguments), TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (result.ExitStatus, result.ErrorText));
        return Split(result.OutputText);
    }

    private static async Task<string[]> ThroughShellAsync(string[] arguments)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", ShellQuote.CommandLine(Print(arguments).Argv, sudo: false)])
        {
            RedirectStandardOutput = true,
            StandardOutputEncoding = new UTF8Encoding(false),
        })!;
        var output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, shell.ExitCode);
        return Split(output);
    }

    // A NUL after each argument, which none can hold; "$#" first tells no argument from an empty one.
    private static RemoteCommand Print(string[] arguments) =>
        RemoteCommand.Script("printf '%s\\0' \"$#\" \"$@\"", arguments);

    private static string[] Split(string output)
    {
        var parts = output.Split('\0');
        var count = int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(count + 2, parts.Length);
        return parts[1..^1];
    }
}
