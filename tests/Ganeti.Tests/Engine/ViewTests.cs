using System.Reflection;
using System.Xml.Linq;

namespace Ganeti.Tests.Engine;

[Trait("Kind", "engine")]
public sealed class ViewTests
{
    private const int Columns = 120;

    private static readonly XElement[] Views = [.. XDocument.Load(Repository.At("out", "Ganeti", "Ganeti.format.ps1xml")).Descendants("View")];

    public static TheoryData<string> Nouns => [.. Models.Nouns.Select(type => type.Name), nameof(GntConnection), nameof(GntPlanStep)];

    [Theory]
    [MemberData(nameof(Nouns))]
    public void Every_noun_has_a_table_and_a_list(string name)
    {
        Assert.Contains(ViewsOf(name), view => view.Element("TableControl") is not null);
        Assert.Contains(ViewsOf(name), view => view.Element("ListControl") is not null);
    }

    [Theory]
    [MemberData(nameof(Nouns))]
    public void A_table_fits_120_columns_however_long_the_names_are(string name)
    {
        if (name == nameof(GntConnection))
        {
            return;
        }

        foreach (var text in new[] { "vm1", "a-rather-long-name-of-a-guest.some.department.example.org", new string('x', 200) })
        {
            using var engine = new PowerShellEngine(new RecordingHost(Columns));

            var shown = engine.Shown("$input", Models.Sample(TypeOf(name), text), Models.Sample(TypeOf(name), text + "2"));

            Assert.All(WithoutColours(shown).Split('\n'), line => Assert.True(line.Length <= Columns, $"{line.Length}: {line}"));
            Assert.Contains(text[..3], shown, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Nouns))]
    public void A_table_has_nothing_that_could_steer_the_terminal(string name)
    {
        if (name == nameof(GntConnection))
        {
            return;
        }

        using var engine = new PowerShellEngine(new RecordingHost(Columns));

        var shown = engine.Shown("$input", Models.Sample(TypeOf(name), "v\u001b]0;owned\u0007\u009bm"));

        Assert.DoesNotContain(WithoutColours(shown), c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'));
    }

    [Fact]
    public void The_table_of_guests_shows_what_gnt_instance_list_shows()
    {
        using var engine = new PowerShellEngine(new RecordingHost(Columns));

        var lines = WithoutColours(engine.Shown("[Ganeti.GntInstance]@{ Name = 'vm1.lab.example'; Hypervisor = 'kvm'; OS = 'debian'; PrimaryNode = 'h1.lab.example'; Status = 'running'; StatusText = 'running'; MemoryInUse = 512MB; SecondaryNodes = 'h2.lab.example' }"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()).Where(line => line.Length > 0).ToArray();

        Assert.Equal(["Name", "Hypervisor", "OS", "PrimaryNode", "Status", "Memory", "Secondary"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["vm1.lab.example", "kvm", "debian", "h1", "running", "512", "MiB", "h2"], lines[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void The_table_of_mirrors_shows_both_sides_of_each()
    {
        using var engine = new PowerShellEngine(new RecordingHost(Columns));

        var lines = WithoutColours(engine.Shown("[Ganeti.DrbdDevice]@{ Node = 'h1.lab.example'; Minor = 12; InstanceName = 'vm5.lab.example'; DiskIndex = 0; ConnectionState = 'SyncSource'; ConnectionStateText = 'SyncSource'; RoleText = 'Primary'; PeerRoleText = 'Secondary'; DiskState = 'UpToDate'; DiskStateText = 'UpToDate'; PeerDiskStateText = 'Inconsistent'; OutOfSync = 1GB; ResyncPercent = 3.75; PeerNode = 'h2.lab.example' }"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()).Where(line => line.Length > 0).ToArray();

        Assert.Equal(["Node", "Minor", "Instance", "Disk", "Connection", "Role", "DiskState", "OutOfSync", "Resync", "Peer"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["h1", "12", "vm5", "0", "SyncSource", "Primary/Secondary", "UpToDate/Inconsistent", "1", "GiB", "3.8", "%", "h2"], lines[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void A_sick_side_is_shown_with_what_is_wrong_why_and_what_to_type_next()
    {
        using var engine = new PowerShellEngine(new RecordingHost(Columns));
        const string Side = """
            $side = [Ganeti.DrbdDevice]@{
                Node = 'h1.lab.example'; Minor = 0; InstanceName = 'vm1.lab.example'; DiskIndex = 0; ConnectionStateText = 'StandAlone'; RoleText = 'Primary'; PeerRoleText = 'Unknown'; DiskStateText = 'UpToDate'; PeerDiskStateText = 'DUnknown'
                Problems = @(
                    [Ganeti.DrbdProblem]@{ Kind = 'SplitBrain'; Severity = 'Critical'; Message = 'Split brain.'; Evidence = 'h1: itself', 'h2: the other one', "its log `e]0;owned`a"; Remedy = 'Resolve-It h1' }
                    [Ganeti.DrbdProblem]@{ Kind = 'HeldOpen'; Severity = 'Warning'; Message = 'Held open.'; Evidence = @('h1: itself') }
                )
            }
            $side.PSObject.TypeNames.Insert(0, 'Ganeti.DrbdDevice#Problem')
            $side
            """;

        var lines = WithoutColours(engine.Shown(Side)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd()).Where(line => line.Length > 0).ToArray();

        Assert.Equal(
            [
                "h1.lab.example/drbd0  vm1.lab.example disk 0  StandAlone  Primary/Unknown  UpToDate/DUnknown",
                "  Critical: Split brain.",
                "    h2: the other one",
                "    its log ␛]0;owned␇",
                "    > Resolve-It h1",
                "  Warning: Held open.",
            ],
            lines);
    }

    [Fact]
    public void The_table_of_tested_mirrors_says_of_each_how_it_is()
    {
        using var engine = new PowerShellEngine(new RecordingHost(Columns));
        const string Mirrors = """
            [Ganeti.GntMirror]@{ InstanceName = 'vm1.lab.example'; DiskIndex = 0; Sides = @([Ganeti.DrbdDevice]@{ Node = 'h1.lab.example'; Minor = 0; OutOfSync = 1GB; Problems = @([Ganeti.DrbdProblem]@{ Kind = 'Diskless'; Severity = 'Error'; Message = 'It has no disk.' }) }) },
            [Ganeti.GntMirror]@{ InstanceName = 'vm2.lab.example'; DiskIndex = 1; Sides = @() }
            """;

        var lines = WithoutColours(engine.Shown(Mirrors)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Trim()).Where(line => line.Length > 0).ToArray();

        Assert.Equal(["vm1 0 h1/0 Diskless 1 GiB It has no disk.", "vm2 1 down"], lines[^2..]);
    }

    [Fact]
    public void An_empty_object_is_shown_too()
    {
        using var engine = new PowerShellEngine();

        Assert.All(Models.Nouns, type => Assert.NotEmpty(engine.Shown($"[Ganeti.{type.Name}]@{{}}")));
    }

    // Format-List is no part of the bare engine: what it would show is worked out from the same file.
    [Theory]
    [MemberData(nameof(Nouns))]
    public void A_list_shows_every_property_and_nothing_that_could_steer_the_terminal(string name)
    {
        var type = TypeOf(name);
        var items = ViewsOf(name).Elements("ListControl").Descendants("ListItem").ToArray();

        // Text is a companion of the value, shown in its place.
        var shown = items.Select(item => (string?)item.Element("PropertyName") ?? (string?)item.Element("Label")).ToHashSet();
        var properties = type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Select(property => property.Name).ToHashSet();
        if (name != nameof(GntConnection))
        {
            properties.ExceptWith(name == nameof(GntCluster) ? [nameof(GntObject.ClusterName)] : []);
            Assert.All(properties.Where(property => !(property.EndsWith("Text", StringComparison.Ordinal) && properties.Contains(property[..^4])) && !(property.EndsWith("Uuid", StringComparison.Ordinal) || property.EndsWith("Uuids", StringComparison.Ordinal))), property =>
                Assert.True(shown.Contains(property), $"The list of {name} does not show {property}."));
        }

        Assert.All(items, item =>
        {
            if ((string?)item.Element("PropertyName") is { } property)
            {
                var held = type.GetProperty(property);
                Assert.True(held is not null, $"{name} has no {property}.");
                Assert.False(HoldsText(held.PropertyType), $"The list of {name} shows {property} as it came.");
            }
        });

        if (name != nameof(GntConnection))
        {
            using var engine = new PowerShellEngine();
            var sample = Models.Sample(type, "v\u001b]0;owned\u0007\u009bm");
            Assert.All(items.Select(item => (string?)item.Element("ScriptBlock")).OfType<string>(), script =>
            {
                var text = string.Concat(engine.Run($"$input | ForEach-Object {{ {script} }}", sample).Succeeded().Output);
                Assert.DoesNotContain(text, c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'));
            });
        }
    }

    // The engine's own headings and the states' colours.
    private static string WithoutColours(string text) => System.Text.RegularExpressions.Regex.Replace(text, @"\e\[[0-9;]*m", string.Empty);

    private static bool HoldsText(Type type) => type == typeof(string) || type == typeof(string[]) || type == typeof(GntParameters) || type == typeof(object)
        || (type.IsArray && HoldsText(type.GetElementType()!)) || type == typeof(GntInstancePolicy);

    private static XElement[] ViewsOf(string name) => [.. Views.Where(view => view.Descendants("TypeName").Any(type => (string)type == $"Ganeti.{name}"))];

    private static Type TypeOf(string name) => typeof(GntObject).Assembly.GetType($"Ganeti.{name}", throwOnError: true)!;
}
