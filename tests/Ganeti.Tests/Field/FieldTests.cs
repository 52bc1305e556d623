using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Field;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class FieldTests
{
    public FieldTests() => Lab.Require();

    [Theory]
    [InlineData("instance", "gnt-instance")]
    [InlineData("node", "gnt-node")]
    [InlineData("group", "gnt-group")]
    [InlineData("network", "gnt-network")]
    [InlineData("job", "gnt-job")]
    public void The_fields_are_those_that_gnt_list_fields_shows(string kind, string command)
    {
        using var engine = Lab.Connected();

        var fields = engine.Run($"Get-GntField {kind}").Succeeded().Of<GntField>();

        var listed = Lab.Exec("h1", command, "list-fields", "--no-headers", "--separator=|").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('|')[0]);
        Assert.Equal(listed.Order(StringComparer.Ordinal), fields.Select(field => field.Name!).Order(StringComparer.Ordinal));
        Assert.All(fields, field => Assert.True(field.Kind == kind && field is { Title.Length: > 0, ValueKind.Length: > 0, Description.Length: > 0, ClusterName: "gnt.lab.example" }));
    }

    [Fact]
    public void Fields_go_by_names_and_patterns()
    {
        using var engine = Lab.Connected();

        Assert.Equal(("instance", "unit"), engine.Run("Get-GntField instance be/maxmem").Succeeded().One<GntField>() is var field ? (field.Kind, field.ValueKind) : default);
        Assert.Equal(["group", "group.uuid"], engine.Run("Get-GntField node group*").Succeeded().Of<GntField>().Select(field => field.Name));
        Assert.Equal("group", engine.Run("Get-GntField node group").Succeeded().One<GntField>().Name);
        Assert.Empty(engine.Run("Get-GntField lock x*").Succeeded().Output);
        Assert.Equal("nosuch", engine.Run("Get-GntField lock nosuch").FailedWith("FieldUnknown").Error.TargetObject);
        Assert.Contains(engine.Run("'export', 'filter' | Get-GntField").Succeeded().Of<GntField>(), field => field.Kind == "filter");
        engine.Run("Get-GntField cluster").FailedWith("ParameterArgumentValidationError");
        Assert.Contains("Get-GntField instance", engine.Run("Get-GntInstance vm1 -Field nosuch").FailedWith("FieldUnknown").Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-GntInstance -Field be/max", "be/maxmem")]
    [InlineData("Get-GntNode -Field name,ctot", "ctotal")]
    [InlineData("Get-GntJob -Field end", "end_ts")]
    [InlineData("Get-GntJob -Operation TEST", "TEST_DELAY")]
    public void Fields_and_operations_are_completed(string line, string expected)
    {
        using var engine = Lab.Connected();
        Lab.Delay(0.1);
        engine.Set("line", line);

        var matches = engine.Run("[System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches").Succeeded().Of<System.Management.Automation.CompletionResult>();

        Assert.Contains(matches, match => match.ListItemText == expected && match.ToolTip.Contains(expected, StringComparison.Ordinal));
    }
}
