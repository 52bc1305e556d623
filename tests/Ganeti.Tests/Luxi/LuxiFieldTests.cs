using System.Globalization;
using System.Text.RegularExpressions;
using Ganeti.Luxi;

namespace Ganeti.Tests.Luxi;

[Trait("Kind", "unit")]
public sealed class LuxiFieldTests
{
    // What Ganeti has and no property holds, each with its reason.
    private static readonly Dictionary<string, Dictionary<string, string>> LeftOut = new(StringComparer.Ordinal)
    {
        ["instance"] = new()
        {
            [@"^(disk|nic)\.[a-z.]+/\d+$"] = "one element of a list that is read whole",
            [@"^(disk|nic)\.count$"] = "the length of a list that is read whole",
            ["^sd[ab]_size$"] = "older name of disk.size/0 and /1",
            ["^(bridge|ip|mac|nic_link|nic_mode|nic_network)$"] = "older name of a field of the first network card",
            ["^hv/"] = "a member of hvparams, which is read whole; -Field gives it",
            ["^be/memory$"] = "older name of be/maxmem",
            ["^vcpus$"] = "older name of be/vcpus",
            ["^admin_up$"] = "admin_state says more",
            [@"^[ps]node(s)?\.group(\.uuid)?$"] = "asked of the few nodes instead: the master looks it up anew for each guest",
            ["^console$"] = "asks every node; Get-GntConsole's",
        },
        ["node"] = new() { ["^ndp/"] = "a member of ndparams, which is read whole" },
        ["group"] = new() { ["^ndp/"] = "a member of ndparams, which is read whole" },
        ["network"] = [],
        ["job"] = [],
        ["lock"] = [],
    };

    public static TheoryData<string> Kinds => [.. LeftOut.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_field_of_Ganeti_is_held_by_a_property_or_left_out_for_a_reason(string kind)
    {
        var mapped = Mapped(kind);

        Assert.All(
            Known(kind).Except(mapped),
            field => Assert.True(LeftOut[kind].Keys.Any(pattern => Regex.IsMatch(field, pattern)), $"{kind}: no property holds '{field}'."));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_property_names_a_field_that_Ganeti_has_and_no_two_the_same(string kind)
    {
        var mapped = Mapped(kind);

        Assert.Empty(mapped.Except(Known(kind)));
        Assert.Equal(mapped.Distinct(StringComparer.Ordinal).Count(), mapped.Length);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_left_out_field_is_really_left_out_and_really_there(string kind) =>
        Assert.All(LeftOut[kind].Keys, pattern => Assert.Contains(Known(kind).Except(Mapped(kind)), field => Regex.IsMatch(field, pattern)));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Bytes_are_made_of_exactly_the_fields_that_Ganeti_counts_in_MiB(string kind)
    {
        var inMebibytes = Fields(kind).Where(field => (string?)field["kind"] == "unit").Select(field => (string)field["name"]!).ToHashSet();
        // A list is of kind "other", whatever it is a list of.
        inMebibytes.UnionWith(["disk.sizes"]);

        Assert.All(PropertiesOf(kind), pair => Assert.True(
            inMebibytes.Contains(pair.Field.Name) == (pair.Field.Unit == LuxiUnit.Mebibytes),
            $"{kind}: {pair.Field.Name} of {pair.Property.Name} is {(inMebibytes.Contains(pair.Field.Name) ? string.Empty : "not ")}in MiB."));
    }

    [Fact]
    public void Every_member_of_the_cluster_information_is_held_by_a_property()
    {
        var known = LuxiFixture.Result("luxi-cluster-info.json").Keys.ToArray();
        var mapped = LuxiModel<GntCluster>.Configuration.Select(field => field.Name).ToArray();

        Assert.Equal(known.Order(StringComparer.Ordinal), mapped.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_costs_a_question_to_every_node_is_marked_live()
    {
        Assert.Equal(["oper_ram", "oper_state", "oper_vcpus", "status"], LuxiModel<GntInstance>.Live.Select(field => field.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["bootid", "cnodes", "cnos", "csockets", "ctotal", "dfree", "dtotal", "mfree", "mnode", "mtotal", "spfree", "sptotal"],
            LuxiModel<GntNode>.Live.Select(field => field.Name).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<GntParameters> Fields(string kind) => LuxiFixture.Items(LuxiFixture.Read("luxi-fields-3.0.2.json")[kind]).Cast<GntParameters>();

    private static string[] Known(string kind) => [.. Fields(kind).Select(field => (string)field["name"]!)];

    private static string[] Mapped(string kind) => [.. PropertiesOf(kind).Select(pair => pair.Field.Name)];

    private static IEnumerable<(System.Reflection.PropertyInfo Property, LuxiFieldAttribute Field)> PropertiesOf(string kind) =>
        typeof(GntObject).Assembly.GetType($"Ganeti.Gnt{CultureInfo.InvariantCulture.TextInfo.ToTitleCase(kind)}", throwOnError: true)!
            .GetProperties(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic)
            .SelectMany(property => property.GetCustomAttributes(typeof(LuxiFieldAttribute), false).Cast<LuxiFieldAttribute>().Select(field => (property, field)));
}
