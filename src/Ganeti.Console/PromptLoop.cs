using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Management.Automation.Language;

namespace Ganeti.Console;

/// <summary>Reads commands and runs them until <c>exit</c>, Ctrl+D or a signal.</summary>
internal sealed class PromptLoop(ScriptRunner runner, ConsoleHost host, LineReader lines, CommandHistory history, Terminal terminal)
{
    private const string ContinuationPrompt = ">> ";

    public void Run()
    {
        while (host.ExitStatus is null && ReadCommand() is { } command)
        {
            if (!string.IsNullOrWhiteSpace(command))
            {
                history.Add(command);
                runner.Run(command);
            }
        }
    }

    /// <summary>A complete command, of as many lines as it takes; empty if it was given up; null at the end.</summary>
    private string? ReadCommand()
    {
        var prompt = Prompt();
        var command = string.Empty;
        while (true)
        {
            var line = lines.Read(prompt, command, out var wasCancelled);
            terminal.LineEnded();
            if (line is null || wasCancelled)
            {
                return line;
            }

            command += line;
            if (!IsIncomplete(command))
            {
                return command;
            }

            command += "\n";
            prompt = ContinuationPrompt;
        }
    }

    private static bool IsIncomplete(string command)
    {
        Parser.ParseInput(command, out _, out var errors);
        return errors.FirstOrDefault()?.IncompleteInput == true;
    }

    /// <summary>The last line of what the user's <c>prompt</c> function gives; the lines above it are written at once.</summary>
    private string Prompt()
    {
        terminal.FreshLine();
        var text = runner.Evaluate("prompt") is { Length: > 0 } given ? given : "GNT> ";
        var start = text.LastIndexOf('\n') + 1;
        var (above, last) = (text[..start], new StringDecorated(text[start..]).ToString(OutputRendering.PlainText));
        if (last.Length > Terminal.Width / 2)
        {
            // The editor needs room beside it.
            (above, last) = (text + Environment.NewLine, "> ");
        }

        terminal.WritePrompt(above);
        return last;
    }
}
