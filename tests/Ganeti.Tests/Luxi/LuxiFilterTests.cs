using Ganeti.Luxi;

namespace Ganeti.Tests.Luxi;

[Trait("Kind", "unit")]
public sealed class LuxiFilterTests
{
    [Fact]
    public void Filters_are_written_as_Ganetis_query_language_has_them()
    {
        Assert.Equal("""["=","name","vm1"]""", LuxiFilter.Equal("name", "vm1").ToString());
        Assert.Equal("""["=","id",7]""", LuxiFilter.Equal("id", 7L).ToString());
        Assert.Equal("""["=[]","tags","web"]""", LuxiFilter.Contains("tags", "web").ToString());
        Assert.Equal("""["=~","name","^vm\\.\""]""", LuxiFilter.Matches("name", "^vm\\.\"").ToString());
        Assert.Equal("""[">=","id",0]""", LuxiFilter.GreaterOrEqual("id", 0).ToString());
        Assert.Equal("""["!",["?","offline"]]""", LuxiFilter.Not(LuxiFilter.True("offline")).ToString());
    }

    [Fact]
    public void One_filter_alone_is_not_joined_and_none_lets_nothing_or_everything_through()
    {
        var one = LuxiFilter.Equal("name", "vm1");

        Assert.Same(one, LuxiFilter.Any(one));
        Assert.Equal("""["|",["=","name","vm1"],["=","name","vm1"]]""", LuxiFilter.Any(one, one).ToString());
        Assert.Equal("""["|"]""", LuxiFilter.Any().ToString());
        Assert.Equal("""["&"]""", LuxiFilter.All().ToString());
    }

    [Fact]
    public void Names_become_regular_expressions_until_they_are_so_many_that_all_rows_are_cheaper()
    {
        var table = ReplayedMaster.Saying("x").Connection().Instances.Table;

        Assert.Equal("""["|",["=~","name","(?i)^vm1(\\..*)?$"],["=~","name","(?i)^web.*$"]]""", table.FilterFor([new("vm1"), new("web*")])!.ToString());
        Assert.Null(table.FilterFor([new("vm1"), new("*")]));
        Assert.Null(table.FilterFor([.. Enumerable.Range(0, 500).Select(i => new NamePattern($"vm{i}"))]));
    }

    [Fact]
    public void The_guests_of_a_node_are_its_primaries_its_secondaries_or_both()
    {
        Assert.Equal("""["=","pnode","h1"]""", GntInstances.OnNode("h1", primary: true, secondary: false).ToString());
        Assert.Equal("""["=[]","snodes","h1"]""", GntInstances.OnNode("h1", primary: false, secondary: true).ToString());
        Assert.Equal("""["|",["=","pnode","h1"],["=[]","snodes","h1"]]""", GntInstances.OnNode("h1", primary: true, secondary: true).ToString());
    }
}
