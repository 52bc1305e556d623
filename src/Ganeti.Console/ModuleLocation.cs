namespace Ganeti.Console;

/// <summary>Where the module is: named by the user, else beside the build that this console is part of.</summary>
internal static class ModuleLocation
{
    private const string Name = "Ganeti";
    private const string Variable = "GANETI_MODULE";

    /// <summary>The path to import, or null where none was named and none was built.</summary>
    public static string? Find(string? named) =>
        named ?? Environment.GetEnvironmentVariable(Variable) switch
        {
            null or "" => Ancestors(AppContext.BaseDirectory)
                .SelectMany(folder => new[] { Path.Combine(folder, Name), Path.Combine(folder, "out", Name) })
                .FirstOrDefault(folder => File.Exists(Path.Combine(folder, Name + ".psd1"))),
            var path => path,
        };

    private static IEnumerable<string> Ancestors(string folder)
    {
        for (var parent = new DirectoryInfo(folder); parent is not null; parent = parent.Parent)
        {
            yield return parent.FullName;
        }
    }
}
