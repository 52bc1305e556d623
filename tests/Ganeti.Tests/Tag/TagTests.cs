using Ganeti.Tests.Cluster;

namespace Ganeti.Tests.Tag;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class TagTests
{
    public TagTests() => Lab.Require();

    [Theory]
    [InlineData("Get-GntInstance vm1", "gnt-instance", "vm1", "instance")]
    [InlineData("Get-GntNode h2", "gnt-node", "h2", "node")]
    [InlineData("Get-GntGroup default", "gnt-group", "default", "nodegroup")]
    [InlineData("Get-GntNetwork net1", "gnt-network", "net1", "network")]
    [InlineData("Get-GntCluster", "gnt-cluster", "", "cluster")]
    public void Every_kind_of_thing_has_tags_that_are_added_found_and_removed(string things, string command, string name, string kind)
    {
        using var engine = Lab.Connected();
        string[] list = name.Length == 0 ? [command, "list-tags"] : [command, "list-tags", name];
        Assert.Equal(string.Empty, Lab.Exec("h1", list));

        engine.Run($"{things} | Add-GntTag -Tag test:b, test:a").Succeeded();
        Assert.Equal("test:a\ntest:b\n", Lab.Exec("h1", list));
        Assert.Equal(["test:a", "test:b"], engine.Run($"{things} | Get-GntTag").Succeeded().Of<GntTag>().Select(tag => tag.Tag));
        Assert.All(engine.Run("Get-GntTag test:*").Succeeded().Of<GntTag>(), tag => Assert.Equal(kind, tag.Kind.ToString()));
        Assert.Equal(Lab.Exec("h1", "gnt-cluster", "search-tags", "^test:a$").Split(' ')[1].Trim(), engine.Run("Get-GntTag test:a").Succeeded().One<GntTag>().Tag);

        engine.Run($"{things} | Remove-GntTag test:a").Succeeded();
        Assert.Equal("test:b\n", Lab.Exec("h1", list));
        engine.Run("Get-GntTag test:b | Remove-GntTag").Succeeded();
        Assert.Equal(string.Empty, Lab.Exec("h1", list));
    }

    [Fact]
    public void A_tag_that_is_not_there_is_an_error_a_pattern_is_not_and_the_others_are_removed()
    {
        using var engine = Lab.Connected();
        engine.Run("Add-GntTag one, two -Instance vm1, vm2").Succeeded();

        var outcome = engine.Run("Get-GntInstance vm1 | Remove-GntTag three, one, x*");

        Assert.Equal("vm1.lab.example", outcome.FailedWith("TagNotFound").Error.TargetObject.ToString());
        Assert.Equal(["two"], engine.Run("Get-GntTag -Instance vm1").Of<GntTag>().Select(tag => tag.Tag));
        engine.Run("Get-GntInstance vm1, vm2 | Remove-GntTag *").Succeeded();
        Assert.Empty(engine.Run("Get-GntInstance vm1, vm2 | Get-GntTag").Output);
    }

    [Fact]
    public void WhatIf_shows_the_line_and_what_Ganeti_refuses_is_an_error_about_the_thing()
    {
        using var engine = Lab.Connected();

        engine.Run("Get-GntInstance vm1 | Add-GntTag a, b -WhatIf").Succeeded();
        Assert.Contains("gnt-instance add-tags vm1.lab.example a b", engine.Host.Text, StringComparison.Ordinal);
        Assert.Empty(engine.Run("Get-GntTag -Instance vm1").Output);

        Assert.Equal("vm1.lab.example", engine.Run("Add-GntTag 'a b' -Instance vm1").Error.TargetObject.ToString());
        engine.Run("Add-GntTag a -Instance nosuch").FailedWith("InstanceNotFound");
    }

    [Fact]
    public void Guests_and_nodes_are_chosen_by_tag_on_the_server()
    {
        using var engine = Lab.Connected();
        engine.Run("Add-GntTag rack:1 -Node h1").Succeeded();
        try
        {
            var outcome = engine.Run("Get-GntInstance -Tag web, nosuch -ConfigurationOnly -Debug -Verbose:$false").Succeeded();

            Assert.Equal("vm3.lab.example", outcome.One<GntInstance>().Name);
            Assert.Contains(outcome.Debug, line => line.Contains("\"=[]\",\"tags\",\"web\"", StringComparison.Ordinal));
            Assert.Equal("vm3.lab.example", engine.Run("Get-GntInstance -Tag w* -ConfigurationOnly").Succeeded().One<GntInstance>().Name);
            Assert.Empty(engine.Run("Get-GntInstance vm1 -Tag web -ConfigurationOnly").Succeeded().Output);
            Assert.Equal("h1.lab.example", engine.Run("Get-GntNode -Tag rack:1 -ConfigurationOnly").Succeeded().One<GntNode>().Name);
            Assert.Empty(engine.Run("Get-GntInstance -Tag we").Succeeded().Output);
        }
        finally
        {
            engine.Run("Get-GntTag rack:1 | Remove-GntTag").Succeeded();
        }
    }
}
