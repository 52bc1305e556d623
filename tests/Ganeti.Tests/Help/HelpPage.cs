using System.Text.RegularExpressions;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Help;

/// <summary>A cmdlet's Markdown page, in the schema 2.0.0 of platyPS.</summary>
internal sealed partial record HelpPage(
    string Name,
    string Synopsis,
    IReadOnlyList<string> SyntaxSets,
    IReadOnlyList<string> Description,
    IReadOnlyList<HelpPage.Example> Examples,
    IReadOnlyList<HelpPage.Parameter> Parameters,
    IReadOnlyList<string> Inputs,
    IReadOnlyList<string> Outputs,
    IReadOnlyList<string> Notes,
    IReadOnlyList<string> Links)
{
    public static string Folder { get; } = Repository.At("en-US");

    public sealed record Example(string Title, string Code, string Text, string Remarks);

    /// <param name="Name">The name.</param>
    /// <param name="Text">What it is for.</param>
    /// <param name="Facts">The facts below the text, once for each group of parameter sets that share them.</param>
    public sealed record Parameter(string Name, string Text, IReadOnlyList<IReadOnlyDictionary<string, string>> Facts);

    public static HelpPage Read(string cmdlet) => Parse(File.ReadAllText(Path.Combine(Folder, $"{cmdlet}.md")).ReplaceLineEndings("\n"));

    /// <summary>Text without line breaks and the marks of a link, for comparing.</summary>
    public static string Plain(string text) => Blanks().Replace(Link().Replace(text, "$1"), " ").Trim();

    public static IReadOnlyList<string> Paragraphs(string text) =>
        [.. Regex.Split(text, @"\n\s*\n|\n(?=- )").Select(Plain).Where(paragraph => paragraph.Length > 0)];

    private static HelpPage Parse(string text)
    {
        var sections = Parts(text, "## ");
        string Section(string name) => sections.Single(section => section.Title == name).Body;
        return new HelpPage(
            Parts(text, "# ").Single().Title,
            Plain(Section("SYNOPSIS")),
            [.. Parts(Section("SYNTAX"), "### ").Select(part => part.Title)],
            Paragraphs(Section("DESCRIPTION")),
            [.. Parts(Section("EXAMPLES"), "### ").Select(part => ToExample(part.Title, part.Body))],
            [.. Parts(Section("PARAMETERS"), "### -").Select(part => ToParameter(part.Title, part.Body))],
            [.. Parts(Section("INPUTS"), "### ").Select(part => $"{part.Title}: {Plain(part.Body)}")],
            [.. Parts(Section("OUTPUTS"), "### ").Select(part => $"{part.Title}: {Plain(part.Body)}")],
            Paragraphs(Section("NOTES")),
            [.. Link().Matches(Section("RELATED LINKS")).Select(link => link.Groups[1].Value)]);
    }

    private static Example ToExample(string title, string body)
    {
        var blocks = Block().Matches(body);
        return new Example(
            title,
            blocks.First(block => block.Groups["kind"].Value == "powershell").Groups["text"].Value,
            string.Join("\n\n", blocks.Select(block => block.Groups["text"].Value)),
            Plain(Block().Replace(body, string.Empty)));
    }

    private static Parameter ToParameter(string name, string body)
    {
        // Of a level that "### -" does not see: the common parameters end the last one.
        var own = body.Split("\n### ", 2)[0];
        return new Parameter(
            name,
            string.Join(' ', Paragraphs(Block().Replace(own, string.Empty))),
            [.. Block().Matches(own).Select(block => Facts(block.Groups["text"].Value))]);
    }

    private static Dictionary<string, string> Facts(string yaml) => yaml.Split('\n')
        .Select(line => line.Split(':', 2))
        .Where(pair => pair.Length == 2)
        .ToDictionary(pair => pair[0].Trim(), pair => pair[1].Trim(), StringComparer.Ordinal);

    /// <summary>The parts that begin with a heading of one kind; headings within code are none.</summary>
    private static List<(string Title, string Body)> Parts(string text, string mark)
    {
        var parts = new List<(string Title, string Body)>();
        var isCode = false;
        foreach (var line in text.Split('\n'))
        {
            isCode ^= line.StartsWith("```", StringComparison.Ordinal);
            if (!isCode && line.StartsWith(mark, StringComparison.Ordinal))
            {
                parts.Add((line[mark.Length..].Trim(), string.Empty));
            }
            else if (parts.Count > 0)
            {
                parts[^1] = (parts[^1].Title, $"{parts[^1].Body}{line}\n");
            }
        }

        return parts;
    }

    [GeneratedRegex(@"^```(?<kind>\w*)\n(?<text>.*?)\n```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\[([^\]\[]+)\]\([^)]+\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
