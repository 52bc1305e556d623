namespace Ganeti.Tests.Ssh;

/// <summary>Waits for what happens by itself, with a bound that only a fault reaches.</summary>
internal static class Eventually
{
    internal static async Task IsTrueAsync(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 3000, "it did not happen within 30 seconds");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}

/// <summary>The processes of this machine, as /proc shows them.</summary>
internal static class Processes
{
    internal static bool Running(params string[] argv) =>
        Directory.GetDirectories("/proc").Any(folder => CommandLine(folder) == string.Join('\0', argv) + "\0");

    internal static int OwnThreads(string name) =>
        Directory.GetDirectories("/proc/self/task").Count(task => Read($"{task}/comm").StartsWith(name, StringComparison.Ordinal));

    /// <summary>Own TCP sockets that are connected to a port or listen on it.</summary>
    internal static int OwnConnections(int port)
    {
        var hex = $":{port:X4}";
        var own = Directory.GetFiles("/proc/self/fd")
            .Select(fd => new FileInfo(fd).LinkTarget ?? string.Empty)
            .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal))
            .Select(target => target[8..^1])
            .ToHashSet();
        return File.ReadAllLines("/proc/self/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => (fields[1].EndsWith(hex, StringComparison.Ordinal) || fields[2].EndsWith(hex, StringComparison.Ordinal)) && own.Contains(fields[9]));
    }

    internal static int OwnSockets() => Directory.GetFiles("/proc/self/fd")
        .Count(fd => new FileInfo(fd).LinkTarget?.StartsWith("socket:[", StringComparison.Ordinal) == true);

    private static string CommandLine(string folder) =>
        char.IsDigit(Path.GetFileName(folder)[0]) ? Read($"{folder}/cmdline") : string.Empty;

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
