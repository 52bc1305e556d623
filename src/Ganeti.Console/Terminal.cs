using SystemConsole = System.Console;

namespace Ganeti.Console;

/// <summary>
/// Standard output and standard error, written by one thread at a time, with the progress pane lifted out of the way.
/// Writing never fails after a stop: cmdlets say what goes on from <c>Dispose</c>.
/// </summary>
internal sealed class Terminal : IDisposable
{
    /// <summary>As wide as redirected output is laid out.</summary>
    public const int RedirectedWidth = 120;

    private const int RedirectedHeight = 50;

    private readonly Lock gate = new();
    private bool atLineStart = true;

    public Terminal(bool noColor)
    {
        var plain = noColor || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var dumb = Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";
        IsDumb = dumb;
        HasColor = !plain && !dumb && IsOutputTerminal;
        HasErrorColor = !plain && !dumb && IsErrorTerminal;
        Progress = new ProgressPane(this);
    }

    public static bool IsInputTerminal => !SystemConsole.IsInputRedirected;

    public static bool IsOutputTerminal => !SystemConsole.IsOutputRedirected;

    public static bool IsErrorTerminal => !SystemConsole.IsErrorRedirected;

    /// <summary>Questions can be shown and answered.</summary>
    public static bool CanAsk => IsInputTerminal && (IsOutputTerminal || IsErrorTerminal);

    /// <summary>No escape sequences at all, not even for line editing.</summary>
    public bool IsDumb { get; }

    public bool HasColor { get; }

    public bool HasErrorColor { get; }

    public ProgressPane Progress { get; }

    /// <summary>Columns, of the terminal if output goes to one.</summary>
    public static int Width => Size(() => SystemConsole.WindowWidth, IsOutputTerminal, RedirectedWidth);

    public static int Height => Size(() => SystemConsole.WindowHeight, IsOutputTerminal, RedirectedHeight);

    /// <summary>Where questions and prompts go: the terminal, even when output is redirected.</summary>
    public static TextWriter Prompts => IsOutputTerminal ? SystemConsole.Out : SystemConsole.Error;

    public void Write(string text) => Write(SystemConsole.Out, IsOutputTerminal, text);

    public void WriteError(string text) => Write(SystemConsole.Error, IsErrorTerminal, text);

    public void WritePrompt(string text) => Write(Prompts, true, text);

    /// <summary>A line was ended by other means than <see cref="Write(string)"/>: the user's Enter.</summary>
    public void LineEnded() => atLineStart = true;

    /// <summary>Ends a line that was left open, which the prompt would overwrite.</summary>
    public void FreshLine()
    {
        if (!atLineStart)
        {
            WritePrompt(Environment.NewLine);
        }
    }

    /// <summary>Draws below what was written, unless that is in the middle of a line.</summary>
    public void Draw(Func<string> picture)
    {
        lock (gate)
        {
            if (atLineStart)
            {
                SystemConsole.Error.Write(picture());
            }
        }
    }

    public void Dispose() => Progress.Dispose();

    private void Write(TextWriter writer, bool isTerminal, string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        lock (gate)
        {
            if (isTerminal)
            {
                SystemConsole.Error.Write(Progress.Erase());
                atLineStart = text[^1] == '\n';
            }

            try
            {
                writer.Write(text);
            }
            catch (IOException)
            {
                // The reader of a pipe has gone (head); what it no longer wants is not an error.
            }
        }
    }

    private static int Size(Func<int> ask, bool isTerminal, int fallback)
    {
        if (!isTerminal)
        {
            return fallback;
        }

        try
        {
            return ask() is > 0 and var size ? size : fallback;
        }
        catch (IOException)
        {
            return fallback;
        }
    }
}
