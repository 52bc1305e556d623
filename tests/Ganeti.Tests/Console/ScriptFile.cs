namespace Ganeti.Tests.Hosting;

/// <summary>A script of a test's own, gone with it.</summary>
internal sealed class ScriptFile : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ganeti console ");

    public ScriptFile(string text)
    {
        Path = System.IO.Path.Combine(folder.FullName, "script.ps1");
        File.WriteAllText(Path, text);
    }

    public string Path { get; }

    public void Dispose() => folder.Delete(recursive: true);
}
