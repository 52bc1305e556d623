using System.Text;

namespace Ganeti.Console;

/// <summary>
/// The lines typed at the prompt, oldest first, kept in a file between runs. A command of several lines is one entry;
/// its line breaks show as <see cref="LineBreak"/> in the editor and are kept so in the file.
/// </summary>
internal sealed class CommandHistory
{
    /// <summary>U+2424, the picture of a line break.</summary>
    public const char LineBreak = '␤';

    private const int Limit = 1000;
    private readonly string path;
    private readonly List<string> entries = [];
    private int position;
    private string draft = string.Empty;

    public CommandHistory(string path)
    {
        this.path = path;
        try
        {
            entries.AddRange(File.ReadAllLines(path).Where(line => line.Length > 0));
            Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // No history yet, or none that may be read: the prompt works without.
        }

        position = entries.Count;
    }

    /// <summary>Where the XDG base directory specification puts state.</summary>
    public static string DefaultPath
    {
        get
        {
            var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
            if (string.IsNullOrEmpty(state))
            {
                state = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
            }

            return Path.Combine(state, "ganeti-console", "history");
        }
    }

    public static string ToLine(string command) => command.ReplaceLineEndings(LineBreak.ToString());

    public static string FromLine(string line) => line.Replace(LineBreak, '\n');

    public void Add(string command)
    {
        var line = ToLine(command);
        if (entries.LastOrDefault() != line)
        {
            entries.Add(line);
            Append(line);
        }

        position = entries.Count;
    }

    /// <summary>The entry before, or null at the oldest; what was being typed is kept for the way back.</summary>
    public string? Previous(string current)
    {
        if (position == 0)
        {
            return null;
        }

        if (position == entries.Count)
        {
            draft = current;
        }

        return entries[--position];
    }

    /// <summary>The entry after, at last what was being typed, or null there.</summary>
    public string? Next()
    {
        if (position == entries.Count)
        {
            return null;
        }

        position++;
        return position == entries.Count ? draft : entries[position];
    }

    private void Append(string line) => Write(() =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(path, options);
        stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
    });

    private void Trim()
    {
        if (entries.Count <= Limit)
        {
            return;
        }

        entries.RemoveRange(0, entries.Count - Limit);
        Write(() =>
        {
            // Renamed over the old file, so that its mode has to be set anew.
            var fresh = $"{path}.{Environment.ProcessId}";
            File.WriteAllLines(fresh, entries);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(fresh, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            File.Move(fresh, path, overwrite: true);
        });
    }

    private static void Write(Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A read-only home: the history lasts as long as the session.
        }
    }
}
