namespace Ganeti.Tests.Engine;

/// <summary>Where things lie in the working tree that these tests were built in.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The built module's manifest.</summary>
    public static string Manifest { get; } = At("out", "Ganeti", "Ganeti.psd1");

    public static string At(params string[] path) => Path.Combine([Root, .. path]);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Ganeti.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("Ganeti.sln is nowhere above the tests.");
        }

        return folder.FullName;
    }
}
