using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;
using RadLine;

namespace Ganeti.Console;

/// <summary>
/// Tab: the engine's own completion. The first Tab extends the word as far as all matches agree and lists them with
/// their tooltips; further ones go through them, Shift+Tab backwards.
/// </summary>
internal sealed class TabCompletion(Runspace runspace, Interrupt interrupt, Terminal terminal)
{
    private const int MaxListed = 15;

    private Collection<CompletionResult> matches = [];
    private string shownLine = string.Empty;
    private int shownEnd = -1;
    private int start;
    private int index;

    /// <summary>The earlier lines of an unfinished command.</summary>
    public string Before { get; set; } = string.Empty;

    public void Complete(LineBuffer buffer, bool forward)
    {
        var isSame = matches.Count > 1 && buffer.Content == shownLine && buffer.Position == shownEnd;
        if (!isSame && !Find(buffer))
        {
            return;
        }

        if (isSame || matches.Count == 1)
        {
            index = (index + (forward ? 1 : -1) + matches.Count) % matches.Count;
            Insert(buffer, matches[index].CompletionText);
            return;
        }

        index = forward ? -1 : 0;
        var common = CommonPrefix();
        if (common.Length >= buffer.Position - start)
        {
            Insert(buffer, common);
        }

        (shownLine, shownEnd) = (buffer.Content, buffer.Position);
        List();
    }

    private bool Find(LineBuffer buffer)
    {
        matches = [];
        index = -1;
        using var shell = PowerShell.Create();
        shell.Runspace = runspace;
        var lookup = runspace.SessionStateProxy.InvokeCommand;
        lookup.PreCommandLookupAction = CompletionStandIns.Lend;
        System.Console.TreatControlCAsInput = false;
        try
        {
            using var watch = interrupt.Watch(() => shell.BeginStop(null, null));
            var offset = Before.Length;
            var found = CommandCompletion.CompleteInput(
                Before + CommandHistory.FromLine(buffer.Content), offset + buffer.Position, options: null, shell);
            if (found.CompletionMatches.Count == 0 || found.ReplacementIndex < offset)
            {
                return false;
            }

            matches = found.CompletionMatches;
            start = found.ReplacementIndex - offset;

            // Replaces to the end of the word even where the cursor was inside it.
            buffer.Move(start + found.ReplacementLength);
            return true;
        }
        catch (Exception)
        {
            // A completer may throw anything; nothing to offer is better than an error in the middle of typing.
            return false;
        }
        finally
        {
            System.Console.TreatControlCAsInput = true;
            lookup.PreCommandLookupAction = null;
        }
    }

    private void Insert(LineBuffer buffer, string text)
    {
        text = CommandHistory.ToLine(text);
        buffer.Clear(start, buffer.Position - start);
        buffer.Move(start);
        buffer.Insert(text);
        buffer.Move(start + text.Length);
        (shownLine, shownEnd) = (buffer.Content, buffer.Position);
    }

    private string CommonPrefix()
    {
        var common = matches[0].CompletionText;
        foreach (var match in matches)
        {
            var length = common.Zip(match.CompletionText)
                .TakeWhile(pair => char.ToUpperInvariant(pair.First) == char.ToUpperInvariant(pair.Second)).Count();
            common = common[..length];
        }

        return common;
    }

    private void List()
    {
        var width = Terminal.Width - 1;
        var listed = matches.Take(MaxListed).ToArray();
        var column = Math.Min(listed.Max(match => match.ListItemText.Length), width / 2);
        var text = new StringBuilder(Environment.NewLine);
        foreach (var match in listed)
        {
            var tip = match.ToolTip.Trim().Split('\n')[0].Trim();
            var row = $"{match.ListItemText.PadRight(column)}  {(tip == match.ListItemText ? string.Empty : tip)}".TrimEnd();
            row = string.Concat(row.Select(character => char.IsControl(character) ? ' ' : character));
            text.AppendLine(row.Length <= width ? row : row[..(width - 1)] + "…");
        }

        if (matches.Count > MaxListed)
        {
            text.Append("… and ").Append(matches.Count - MaxListed).AppendLine(" more");
        }

        terminal.WritePrompt(text.ToString());
    }
}
