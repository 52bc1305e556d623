using System.Diagnostics;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Cluster;

/// <summary>A real Ganeti of three nodes, brought up by tests/lab; these tests run in its client's network, one after the other.</summary>
[CollectionDefinition(nameof(Lab), DisableParallelization = true)]
public sealed class Lab
{
    /// <summary>For what has to happen "at once" on a busy machine: only a fault takes longer.</summary>
    public static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);

    private static readonly string? Name = Environment.GetEnvironmentVariable("GANETI_LAB_NAME");

    /// <summary>Without a lab the test is skipped, but fails where there must be one.</summary>
    public static void Require()
    {
        if (string.IsNullOrEmpty(Name))
        {
            const string Why = "no lab: run in the client of one, 'tests/lab/lab.sh client …'";
            Assert.SkipWhen(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")), Why);
            Assert.Fail(Why);
        }
    }

    /// <summary>An engine that is connected to the lab's cluster.</summary>
    internal static PowerShellEngine Connected(RecordingHost? host = null) => Connected("h1", host);

    internal static PowerShellEngine Connected(string node, RecordingHost? host = null)
    {
        var engine = new PowerShellEngine(host);
        engine.Run($"$null = Connect-GntCluster {node}").Succeeded();
        return engine;
    }

    /// <summary>Runs a command on a node; its output.</summary>
    public static string Exec(string node, params string[] argv) => Script(["exec", node, .. argv]);

    /// <summary>What a gnt-… list says, a row a line, a value a field.</summary>
    public static string[][] List(string command, string fields, params string[] arguments) =>
        [.. Exec("h1", [command, "list", "--no-headers", "--separator=|", .. command is "gnt-instance" or "gnt-node" ? ["--units=m"] : Array.Empty<string>(), "-o", fields, .. arguments])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('|'))];

    /// <summary>Runs a script of tests/lab on the master.</summary>
    public static string Python(string script, string[] arguments, string input = "") =>
        Start(["exec", "h1", "/usr/bin/python3", "-c", File.ReadAllText(Repository.At("tests", "lab", script)), .. arguments], input);

    /// <summary>A fault, or its end: <c>cut h3</c>, <c>start-node h3</c> …</summary>
    public static string Script(params string[] arguments) => Start(arguments, string.Empty);

    private static string Start(string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", [Environment.GetEnvironmentVariable("GANETI_LAB_SCRIPT")!, "--name", Name!, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"lab {string.Join(' ', arguments.Select(argument => argument.Length < 200 ? argument : argument[..200] + "…"))}: {error.GetAwaiter().GetResult()}");
        return output;
    }

    /// <summary>The SSH connections that the master has with this client.</summary>
    public static int Sessions() => Exec("h1", "ss", "-Htn", "state", "established", "( sport = :22 )").Split('\n').Count(line => line.Contains("192.0.2.1:", StringComparison.Ordinal));

    /// <summary>The number of the last job in the queue.</summary>
    internal static long LastJob(PowerShellEngine engine) => engine.Run("Get-GntJob").Succeeded().Of<GntJob>().Max(job => job.Id!.Value);

    /// <summary>A job that does nothing for some seconds; its number.</summary>
    public static long Delay(double seconds, params string[] options)
    {
        // It says the number on standard error.
        var said = Exec("h1", ["sh", "-c", "exec gnt-debug delay --submit \"$@\" 2>&1", "sh", .. options, seconds.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        return long.Parse(said.Split(':')[^1].Trim(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public static async Task EventuallyAsync(Func<bool> condition, string what)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 200, $"not within 20 seconds: {what}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
