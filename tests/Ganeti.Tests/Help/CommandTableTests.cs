using System.Management.Automation;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Help;

/// <summary>about_Ganeti_Commands against the module and against Ganeti's own programs.</summary>
public static partial class CommandTableTests
{
    private static readonly string[] Covered = ["gnt-backup", "gnt-instance", "gnt-job", "gnt-os"];

    [Trait("Kind", "engine")]
    public sealed class InTheModule
    {
        [Fact]
        public void Each_cmdlet_and_parameter_in_the_table_exists()
        {
            using var engine = new PowerShellEngine();
            var commands = engine.Run("Get-Command -Module Ganeti").Succeeded().Output
                .Select(item => (CommandInfo)item.BaseObject)
                .ToDictionary(command => command.Name, StringComparer.Ordinal);

            var wrong = CommandTable.Read().GroupBy(row => row.Command).SelectMany(rows => Wrong([.. rows], commands)).Distinct().ToArray();
            Assert.True(wrong.Length == 0, string.Join('\n', wrong));
        }

        [Fact]
        public void Each_row_says_what_stands_for_it()
        {
            var rows = CommandTable.Read();

            Assert.NotEmpty(rows);
            Assert.All(rows, row => Assert.True(Word().IsMatch(row.Meaning) || row.Meaning.StartsWith("none: ", StringComparison.Ordinal), row.ToString()));
        }

        // A parameter is one of the cmdlet before it, or where there is none in its row, of one of those that stand for the subcommand.
        // PowerShell's own cmdlets are not looked at: this engine has few of them.
        private static IEnumerable<string> Wrong(IReadOnlyList<CommandTable.Row> rows, Dictionary<string, CommandInfo> commands)
        {
            string[] whole = [.. Word().Matches(rows[0].Meaning).Select(match => match.Groups["cmdlet"].Value).Where(IsOurs)];
            foreach (var row in rows)
            {
                string[] owners = row.Option is null ? [] : whole;
                foreach (Match word in Word().Matches(row.Meaning))
                {
                    if (word.Groups["cmdlet"] is { Success: true, Value: var cmdlet })
                    {
                        owners = [cmdlet];
                        if (IsOurs(cmdlet) && !commands.ContainsKey(cmdlet))
                        {
                            yield return $"{row.Command} {row.Option}: no cmdlet {cmdlet}";
                        }
                    }
                    else if (owners.All(IsOurs) && !owners.Any(owner => commands.TryGetValue(owner, out var command) && command.Parameters.ContainsKey(word.Groups["parameter"].Value)))
                    {
                        yield return $"{row.Command} {row.Option}: no parameter {word.Value} of {string.Join(", ", owners)}";
                    }
                }
            }
        }

        private static bool IsOurs(string cmdlet) => Regex.IsMatch(cmdlet, "-(Gnt|Drbd|Lvm|Block)");
    }

    [Trait("Kind", "cluster")]
    [Collection(nameof(Lab))]
    public sealed class InGaneti
    {
        [Fact]
        public void The_table_has_the_subcommands_and_options_that_Ganeti_has()
        {
            Lab.Require();
            using var answer = JsonDocument.Parse(Lab.Python("gnt-parse.py", ["commands"]));

            var real = Covered.SelectMany(program => answer.RootElement.GetProperty(program).EnumerateObject().SelectMany(subcommand =>
                subcommand.Value.EnumerateArray()
                    .Select(option => $"{program} {subcommand.Name} {string.Join('/', option.EnumerateArray().Select(spelling => spelling.GetString()))}")
                    .Prepend($"{program} {subcommand.Name} ")));

            Assert.Equal(real.Order(StringComparer.Ordinal), CommandTable.Read().Select(row => $"{row.Command} {row.Option}").Order(StringComparer.Ordinal));
        }
    }

    [GeneratedRegex(@"(?<![\w-])((?<cmdlet>[A-Z]\w+-[A-Z]\w+)|-(?<parameter>[A-Z]\w*))")]
    private static partial Regex Word();
}
