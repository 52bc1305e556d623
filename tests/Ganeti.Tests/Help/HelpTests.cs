using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Help;

/// <summary>
/// The Markdown in en-US is the source of the help; platyPS makes the file from it that Get-Help reads:
/// <c>New-ExternalHelp en-US -OutputPath en-US -Force</c>.
/// </summary>
[Trait("Kind", "engine")]
public sealed class HelpTests : IClassFixture<HelpTests.Module>
{
    private static readonly string[] AboutTopics = ["about_Ganeti", "about_Ganeti_Commands", "about_Ganeti_Errors"];

    private readonly Module _module;

    public HelpTests(Module module) => _module = module;

    public static TheoryData<string> Cmdlets { get; } = [.. typeof(Commands.GntCommand).Assembly.GetExportedTypes()
        .Select(type => (CmdletAttribute?)Attribute.GetCustomAttribute(type, typeof(CmdletAttribute)))
        .OfType<CmdletAttribute>()
        .Select(cmdlet => $"{cmdlet.VerbName}-{cmdlet.NounName}")
        .Order(StringComparer.Ordinal)];

    [Fact]
    public void Each_exported_cmdlet_has_a_page_and_no_page_is_of_anything_else()
    {
        var exported = _module.Commands.Keys.Order(StringComparer.Ordinal).ToArray();

        Assert.Equal(exported, Cmdlets.Select(row => row.Data));
        Assert.Equal(exported, Directory.GetFiles(HelpPage.Folder, "*.md").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal));
        Assert.Equal(exported, MamlCommand.All.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_module_folder_has_the_help_that_is_in_the_sources()
    {
        foreach (var source in Directory.GetFiles(HelpPage.Folder).Where(file => !file.EndsWith(".md", StringComparison.Ordinal)))
        {
            Assert.Equal(File.ReadAllText(source), File.ReadAllText(Repository.At("out", "Ganeti", "en-US", Path.GetFileName(source))));
        }
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Get_Help_finds_a_synopsis_and_a_description_and_not_just_the_syntax(string cmdlet)
    {
        var help = _module.Engine.Run($"Get-Help {cmdlet}").Succeeded().Output[0];

        var synopsis = ((string)help.Properties["Synopsis"].Value).Trim();
        Assert.Equal(HelpPage.Read(cmdlet).Synopsis, synopsis);
        Assert.DoesNotContain($"{cmdlet} [", synopsis, StringComparison.Ordinal);
        Assert.EndsWith(".", synopsis, StringComparison.Ordinal);
        Assert.NotEmpty((Array)help.Properties["description"].Value);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Get_Help_shows_two_examples_or_more_and_one_of_them_is_a_pipeline(string cmdlet)
    {
        var codes = _module.Engine.Run($"(Get-Help {cmdlet} -Full).examples.example.code").Succeeded().Output.Select(code => code.ToString()).ToArray();

        Assert.True(codes.Length >= 2, $"{codes.Length} examples");
        Assert.DoesNotContain(codes, string.IsNullOrWhiteSpace);
        Assert.Contains(HelpPage.Read(cmdlet).Examples, example => example.Code.Contains('|', StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Get_Help_describes_every_parameter(string cmdlet)
    {
        foreach (var parameter in Module.OwnParameters(_module.Commands[cmdlet]))
        {
            var description = _module.Engine.Run($"(Get-Help {cmdlet} -Parameter {parameter.Name}).description.Text").Succeeded().Output;

            Assert.False(string.IsNullOrWhiteSpace(string.Concat(description)), $"-{parameter.Name} is not described.");
        }
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Nothing_is_left_to_fill_in(string cmdlet) =>
        Assert.DoesNotContain("{{", File.ReadAllText(Path.Combine(HelpPage.Folder, $"{cmdlet}.md")), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_page_has_the_parameters_of_the_cmdlet(string cmdlet)
    {
        var command = _module.Commands[cmdlet];
        var page = HelpPage.Read(cmdlet);

        Assert.Equal(cmdlet, page.Name);
        Assert.Equal(Module.OwnParameters(command).Select(parameter => parameter.Name).Order(StringComparer.Ordinal), page.Parameters.Select(parameter => parameter.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_page_says_of_each_parameter_what_the_cmdlet_does(string cmdlet)
    {
        var command = _module.Commands[cmdlet];
        foreach (var parameter in HelpPage.Read(cmdlet).Parameters)
        {
            var with = command.ParameterSets.Where(set => set.Parameters.Any(candidate => candidate.Name == parameter.Name)).ToArray();
            var written = new List<string>();
            foreach (var facts in parameter.Facts)
            {
                var sets = facts["Parameter Sets"] == "(All)" ? [.. with.Select(set => set.Name)] : facts["Parameter Sets"].Split(", ");
                written.AddRange(sets);
                foreach (var set in with.Where(set => sets.Contains(set.Name)))
                {
                    var actual = set.Parameters.Single(candidate => candidate.Name == parameter.Name);
                    Assert.Equal(Module.Facts(actual), string.Join("; ", Module.FactNames.Select(name => $"{name} {facts[name]}")));
                }
            }

            Assert.Equal(with.Select(set => set.Name).Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
            Assert.True(parameter.Facts[0]["Parameter Sets"] != "(All)" || with.Length == command.ParameterSets.Count, $"-{parameter.Name} is not in all parameter sets.");
        }
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Each_way_to_call_it_is_shown_with_the_default_first(string cmdlet)
    {
        var command = _module.Commands[cmdlet];
        var sets = command.ParameterSets.OrderByDescending(set => set.IsDefault || command.ParameterSets.Count == 1).ToArray();
        var page = HelpPage.Read(cmdlet);
        var shown = MamlCommand.All[cmdlet].Syntax;

        if (sets.Length > 1)
        {
            Assert.Equal($"{sets[0].Name} (Default)", page.SyntaxSets[0]);
            Assert.Equal(sets.Skip(1).Select(set => set.Name).Order(StringComparer.Ordinal), page.SyntaxSets.Skip(1).Order(StringComparer.Ordinal));
        }

        Assert.Equal(sets.Length, shown.Count);
        Assert.Equal(Names(sets[0]), shown[0].Order(StringComparer.Ordinal));
        Assert.Equal(sets.Select(set => string.Join(' ', Names(set))).Order(StringComparer.Ordinal), shown.Select(names => string.Join(' ', names.Order(StringComparer.Ordinal))).Order(StringComparer.Ordinal));

        static IEnumerable<string> Names(CommandParameterSetInfo set) =>
            set.Parameters.Where(parameter => !Module.IsCommon(parameter.Name)).Select(parameter => parameter.Name).Order(StringComparer.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void What_Get_Help_reads_was_made_from_the_page_as_it_is_now(string cmdlet)
    {
        var page = HelpPage.Read(cmdlet);
        var made = MamlCommand.All[cmdlet];

        Assert.Equal(page.Synopsis, made.Synopsis);
        Assert.Equal(page.Description, made.Description);
        Assert.Equal(page.Parameters.Select(parameter => $"-{parameter.Name}: {parameter.Text}"), made.Parameters.Select(pair => $"-{pair.Key}: {pair.Value}"));
        Assert.Equal(page.Inputs, made.Inputs);
        Assert.Equal(page.Outputs, made.Outputs);
        Assert.Equal(page.Notes, made.Notes);
        Assert.Equal(page.Links, made.Links);
        Assert.Equal(page.Examples.Select(example => (example.Title, example.Text, example.Remarks)), made.Examples.Select(example => (example.Title, example.Text, example.Remarks)));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Examples_can_be_parsed_and_use_parameters_that_there_are(string cmdlet)
    {
        foreach (var example in HelpPage.Read(cmdlet).Examples)
        {
            var script = Parser.ParseInput(example.Code, out _, out var errors);

            Assert.Empty(errors);
            Assert.Contains(script.FindAll(ast => ast is CommandAst, true).Cast<CommandAst>(), used => used.GetCommandName() == cmdlet);
            foreach (var used in script.FindAll(ast => ast is CommandAst, true).Cast<CommandAst>().Where(used => _module.Commands.ContainsKey(used.GetCommandName())))
            {
                var command = _module.Commands[used.GetCommandName()];
                Assert.All(used.CommandElements.OfType<CommandParameterAst>(), parameter => Assert.True(command.Parameters.ContainsKey(parameter.ParameterName), $"{example.Title}: {used}"));
            }
        }
    }

    [Fact]
    public void The_help_names_no_cmdlet_that_does_not_exist()
    {
        foreach (var file in Directory.GetFiles(HelpPage.Folder).Where(file => !file.EndsWith(".xml", StringComparison.Ordinal)))
        {
            var named = Regex.Matches(File.ReadAllText(file), @"\b[A-Z][a-z]+-(Gnt|Drbd|Lvm|Block)\w+").Select(match => match.Value).Distinct(StringComparer.Ordinal);

            Assert.All(named, name => Assert.True(_module.Commands.ContainsKey(name), $"{name} in {Path.GetFileName(file)}"));
        }
    }

    [Fact]
    public void Related_links_lead_to_help_that_there_is() =>
        Assert.All(Cmdlets.SelectMany(row => HelpPage.Read(row.Data).Links), link => Assert.True(_module.Commands.ContainsKey(link) || AboutTopics.Contains(link), link));

    [Fact]
    public void Get_Help_finds_the_about_topics()
    {
        foreach (var topic in AboutTopics)
        {
            var text = Assert.Single(_module.Engine.Run($"Get-Help {topic}").Succeeded().Output).ToString();

            Assert.Contains($"TOPIC\n    {topic}", text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_about_topics_fit_eighty_columns()
    {
        foreach (var topic in AboutTopics)
        {
            Assert.All(File.ReadLines(Path.Combine(HelpPage.Folder, $"{topic}.help.txt")), line => Assert.True(line.Length <= 80, line));
        }
    }

    [Fact]
    public void About_Ganeti_Errors_lists_each_error_with_its_category_and_what_to_do_next()
    {
        var text = File.ReadAllText(Path.Combine(HelpPage.Folder, "about_Ganeti_Errors.help.txt")).ReplaceLineEndings("\n");
        var listed = Regex.Matches(text, @"^    (?<id>[A-Z]\w+) \((?<category>\w+)\)\n(?<text>(        .*\n)+)", RegexOptions.Multiline);

        Assert.Equal(
            GanetiError.All.Values.Select(error => $"{error.Id} ({CategoryOf(error)})").Order(StringComparer.Ordinal),
            listed.Select(entry => $"{entry.Groups["id"].Value} ({entry.Groups["category"].Value})").Order(StringComparer.Ordinal));
        Assert.All(listed, entry => Assert.Contains("\n        Next: ", entry.Groups["text"].Value, StringComparison.Ordinal));

        static ErrorCategory CategoryOf(GanetiError error) => Pipeline.ErrorRecords.From(new GanetiException(error, "It went wrong.")).CategoryInfo.Category;
    }

    /// <summary>The imported module; its help is the same for all tests.</summary>
    public sealed class Module : IDisposable
    {
        internal static readonly string[] FactNames = ["Type", "Aliases", "Required", "Position", "Accept pipeline input"];

        public Module() => Commands = Engine.Run("Get-Command -Module Ganeti").Succeeded().Output
            .Select(item => (CommandInfo)item.BaseObject)
            .ToDictionary(command => command.Name, StringComparer.Ordinal);

        internal PowerShellEngine Engine { get; } = new();

        internal IReadOnlyDictionary<string, CommandInfo> Commands { get; }

        public void Dispose() => Engine.Dispose();

        internal static bool IsCommon(string parameter) => Cmdlet.CommonParameters.Contains(parameter);

        internal static IEnumerable<ParameterMetadata> OwnParameters(CommandInfo command) => command.Parameters.Values.Where(parameter => !IsCommon(parameter.Name));

        internal static string Facts(CommandParameterInfo parameter)
        {
            var type = parameter.ParameterType;
            var pipeline = (parameter.ValueFromPipeline, parameter.ValueFromPipelineByPropertyName) switch
            {
                (true, true) => "True (ByPropertyName, ByValue)",
                (true, false) => "True (ByValue)",
                (false, true) => "True (ByPropertyName)",
                _ => "False",
            };
            string[] facts =
            [
                (Nullable.GetUnderlyingType(type) ?? type).Name,
                string.Join(", ", parameter.Aliases),
                parameter.IsMandatory ? "True" : "False",
                parameter.Position < 0 ? "Named" : parameter.Position.ToString(System.Globalization.CultureInfo.InvariantCulture),
                pipeline,
            ];
            return string.Join("; ", FactNames.Zip(facts, (name, fact) => $"{name} {fact}"));
        }
    }
}
