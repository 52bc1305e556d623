using System.Text.RegularExpressions;

namespace Ganeti.Tests.Help;

/// <summary>
/// The table of about_Ganeti_Commands: a subcommand begins in column 5, each of its options in column 7, and what stands for it in column 37,
/// from where it may go on in the next line.
/// </summary>
internal static partial class CommandTable
{
    /// <param name="Command">A subcommand with its program, <c>gnt-instance add</c>.</param>
    /// <param name="Option">All its spellings, <c>-B/--backend-parameters</c>, or null for the subcommand itself.</param>
    /// <param name="Meaning">What stands for it here.</param>
    public sealed record Row(string Command, string? Option, string Meaning);

    public static IReadOnlyList<Row> Read()
    {
        var rows = new List<Row>();
        foreach (var line in File.ReadLines(Path.Combine(HelpPage.Folder, "about_Ganeti_Commands.help.txt")))
        {
            if (Entry().Match(line) is { Success: true } entry)
            {
                var (option, meaning) = (entry.Groups["option"], entry.Groups["meaning"].Value);
                rows.Add(option.Success ? new Row(rows[^1].Command, option.Value, meaning) : new Row(entry.Groups["command"].Value, null, meaning));
            }
            else if (rows.Count > 0 && Rest().Match(line) is { Success: true } rest)
            {
                rows[^1] = rows[^1] with { Meaning = $"{rows[^1].Meaning} {rest.Groups["meaning"].Value}" };
            }
        }

        return rows;
    }

    [GeneratedRegex(@"^(?=.{36}\S)    ((?<command>gnt-\w+ [\w-]+)|  (?<option>-\S+)) {2,}(?<meaning>\S.*)$")]
    private static partial Regex Entry();

    [GeneratedRegex(@"^ {36}(?<meaning>\S.*)$")]
    private static partial Regex Rest();
}
