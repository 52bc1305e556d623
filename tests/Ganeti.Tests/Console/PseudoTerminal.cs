using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Ganeti.Tests.Hosting;

/// <summary>The console in a pseudo terminal of 30 lines of 100 columns, made by <c>script</c> of util-linux.</summary>
internal sealed partial class PseudoTerminal : IDisposable
{
    public const string CtrlC = "\u0003";
    public const string CtrlD = "\u0004";
    public const string Up = "\e[A";
    public const string Prompt = "GNT> ";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("ganeti-console-");
    private readonly Process process;
    private readonly StringBuilder received = new();
    private int seen;

    public PseudoTerminal(string arguments = "")
    {
        var start = new ProcessStartInfo("script", ["-qfec", $"stty rows 30 cols 100; exec '{ConsoleProgram.Path}' {arguments}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm-256color";
        start.Environment["XDG_STATE_HOME"] = state.FullName;
        start.Environment.Remove("NO_COLOR");
        process = Process.Start(start)!;
        _ = Task.Run(Receive);
    }

    public string HistoryFile => Path.Combine(state.FullName, "ganeti-console", "history");

    /// <summary>All that was written to the terminal, escape sequences included.</summary>
    public string Raw
    {
        get
        {
            lock (received)
            {
                return received.ToString();
            }
        }
    }

    public void Send(string keys)
    {
        process.StandardInput.Write(keys);
        process.StandardInput.Flush();
    }

    public void Enter(string line) => Send(line + "\r");

    /// <summary>What was written since the last call up to and with the text.</summary>
    public async Task<string> Expect(string text)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Patience)
        {
            var plain = EscapeSequence.Replace(Raw, string.Empty);
            var found = plain.IndexOf(text, Math.Min(seen, plain.Length), StringComparison.Ordinal);
            if (found >= 0)
            {
                var result = plain[seen..(found + text.Length)];
                seen = found + text.Length;
                return result;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"'{text}' did not appear. The terminal has: {Raw.Replace("\e", "\\e", StringComparison.Ordinal)}");
        return string.Empty;
    }

    /// <summary>The exit status once the console has left by itself.</summary>
    public async Task<int> Exit()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
        state.Delete(recursive: true);
    }

    private async Task Receive()
    {
        var buffer = new char[4096];
        int count;
        while ((count = await process.StandardOutput.ReadAsync(buffer)) > 0)
        {
            lock (received)
            {
                received.Append(buffer, 0, count);
            }
        }
    }

    [GeneratedRegex(@"\e\[[0-9;?]*[A-Za-z]|\e[=>]")]
    private static partial Regex EscapeSequence { get; }
}
