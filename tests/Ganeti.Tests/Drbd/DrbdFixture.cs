using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Drbd;

/// <summary>Output of real DRBD tools: the fixtures, and all recordings where they lie beside the repository.</summary>
internal static class DrbdFixture
{
    private static readonly string? Recordings = FindRecordings();

    public static string Read(string file) => File.ReadAllText(Repository.At("tests", "fixtures", file));

    /// <summary>The recorded files of a name, with their scene; none where there are no recordings.</summary>
    public static IEnumerable<(string Path, string Text)> Recorded(params string[] patterns) => Recordings is null
        ? []
        : patterns.SelectMany(pattern => Directory.GetFiles(Recordings, pattern, SearchOption.AllDirectories)).Order(StringComparer.Ordinal)
            .Select(path => (Path.GetRelativePath(Recordings, path), File.ReadAllText(path)));

    /// <summary>The folders of scenes and hosts that have all of the files.</summary>
    public static IEnumerable<string> Scenes(params string[] files) => Recordings is null
        ? []
        : Directory.GetDirectories(Recordings, "*", SearchOption.AllDirectories).Where(folder => files.All(file => File.Exists(Path.Combine(folder, file)))).Order(StringComparer.Ordinal);

    // Beside the repository, wherever a work tree of it lies.
    private static string? FindRecordings()
    {
        for (var folder = new DirectoryInfo(Repository.Root); folder is not null; folder = folder.Parent)
        {
            if (Path.Combine(folder.FullName, "shared", "recordings") is var recordings && Directory.Exists(recordings))
            {
                return recordings;
            }
        }

        return null;
    }
}
