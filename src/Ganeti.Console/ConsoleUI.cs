using System.Management.Automation;
using System.Management.Automation.Host;

namespace Ganeti.Console;

/// <summary>The engine's streams on the terminal, with pwsh's prefixes and colours: all but errors to standard output.</summary>
internal sealed partial class ConsoleUI(Terminal terminal, AnswerReader answers, bool nonInteractive) : PSHostUserInterface
{
    private const string Reset = "\e[0m";

    public override PSHostRawUserInterface RawUI { get; } = new ConsoleRawUI();

    public override bool SupportsVirtualTerminal => terminal.HasColor;

    public Terminal Terminal => terminal;

    /// <summary>What is written now is an error that the engine formats like output.</summary>
    public bool ShowsError { get; set; }

    private static PSStyle.FormattingData Style => PSStyle.Instance.Formatting;

    public override void Write(string value) => terminal.Write(Render(value));

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        terminal.Write(terminal.HasColor ? Coloured(foregroundColor, value) : Render(value));

    public override void WriteLine(string value)
    {
        if (ShowsError)
        {
            WriteErrorLine(value);
        }
        else
        {
            terminal.Write(Render(value) + Environment.NewLine);
        }
    }

    public override void WriteErrorLine(string value) => terminal.WriteError(
        !terminal.HasErrorColor ? GetOutputString(value, false) + Environment.NewLine :
        value.Contains('\e') ? value + Environment.NewLine : Line(Style.Error, value));

    public override void WriteDebugLine(string message) => WriteStream(Style.Debug, "DEBUG: " + message);

    public override void WriteVerboseLine(string message) => WriteStream(Style.Verbose, "VERBOSE: " + message);

    public override void WriteWarningLine(string message) => WriteStream(Style.Warning, "WARNING: " + message);

    public override void WriteProgress(long sourceId, ProgressRecord record) => terminal.Progress.Update(sourceId, record);

    /// <summary>Text without its escape sequences, unless the terminal and <c>$PSStyle.OutputRendering</c> want them.</summary>
    private string Render(string text) => GetOutputString(text, terminal.HasColor);

    private static string Line(string style, string text) => style + text + Reset + Environment.NewLine;

    private static string Coloured(ConsoleColor foreground, string text) =>
        PSStyle.MapForegroundColorToEscapeSequence(foreground) + text + Reset;

    private void WriteStream(string style, string text) =>
        terminal.Write(terminal.HasColor ? Line(style, text) : text + Environment.NewLine);
}
