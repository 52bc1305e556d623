using System.Xml.Linq;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Help;

/// <summary>A cmdlet in the file that Get-Help reads.</summary>
internal sealed class MamlCommand
{
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";

    private readonly XElement _element;

    private MamlCommand(XElement element) => _element = element;

    public static string Path { get; } = Repository.At("out", "Ganeti", "en-US", "Ganeti.dll-Help.xml");

    public static IReadOnlyDictionary<string, MamlCommand> All { get; } = XDocument.Load(Path).Root!
        .Elements(Command + "command")
        .ToDictionary(element => element.Element(Command + "details")!.Element(Command + "name")!.Value, element => new MamlCommand(element), StringComparer.Ordinal);

    public string Synopsis => Text(_element.Element(Command + "details")!.Element(Maml + "description"));

    public IReadOnlyList<string> Description => Paragraphs(_element.Element(Maml + "description"));

    public IReadOnlyList<string> Notes => Paragraphs(_element.Element(Maml + "alertSet"));

    public IReadOnlyList<string> Links => [.. _element.Descendants(Maml + "linkText").Select(link => link.Value)];

    public IReadOnlyList<string> Inputs => [.. _element.Descendants(Command + "inputType").Select(Typed)];

    public IReadOnlyList<string> Outputs => [.. _element.Descendants(Command + "returnValue").Select(Typed)];

    public IReadOnlyDictionary<string, string> Parameters => _element.Element(Command + "parameters")!.Elements(Command + "parameter")
        .ToDictionary(Name, parameter => Text(parameter.Element(Maml + "description")), StringComparer.Ordinal);

    /// <summary>The parameters of each way to call it, in the order shown.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Syntax =>
        [.. _element.Descendants(Command + "syntaxItem").Select(item => item.Elements(Command + "parameter").Select(Name).ToList())];

    public IReadOnlyList<HelpPage.Example> Examples => [.. _element.Descendants(Command + "example").Select(example =>
    {
        var code = example.Element(Dev + "code")!.Value.ReplaceLineEndings("\n");
        return new HelpPage.Example(example.Element(Maml + "title")!.Value.Trim('-', ' '), code.Split("\n\n")[0], code, Text(example.Element(Dev + "remarks")));
    })];

    private static string Name(XElement parameter) => parameter.Element(Maml + "name")!.Value;

    private static string Typed(XElement element) => $"{element.Descendants(Maml + "name").First().Value}: {Text(element.Element(Maml + "description"))}";

    private static IReadOnlyList<string> Paragraphs(XElement? element) =>
        [.. element?.Descendants(Maml + "para").Select(para => HelpPage.Plain(para.Value)).Where(text => text.Length > 0) ?? []];

    private static string Text(XElement? element) => string.Join(' ', Paragraphs(element));
}
