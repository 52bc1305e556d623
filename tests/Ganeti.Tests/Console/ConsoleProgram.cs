using System.Diagnostics;

namespace Ganeti.Tests.Hosting;

/// <summary>The built console, run as its users run it.</summary>
internal static class ConsoleProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The program of the same build configuration as these tests.</summary>
    public static string Path { get; } = Find();

    public sealed record Result(string Output, string Errors, int Status);

    public static Result Run(params string[] arguments) => RunWithInput(string.Empty, arguments);

    public static Result RunWithInput(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("NO_COLOR");
        start.Environment["TERM"] = "xterm-256color";
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"The console hangs: {string.Join(' ', arguments)}");
        }

        return new Result(output.Result, errors.Result, process.ExitCode);
    }

    private static string Find()
    {
        var binaries = new DirectoryInfo(AppContext.BaseDirectory);
        var root = binaries;
        while (!File.Exists(System.IO.Path.Combine(root.FullName, "Ganeti.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException("Ganeti.sln is nowhere above the tests.");
        }

        // …/bin/<Configuration>/<framework>
        return System.IO.Path.Combine(
            root.FullName, "src", "Ganeti.Console", "bin", binaries.Parent!.Name, binaries.Name, "ganeti-console");
    }
}
