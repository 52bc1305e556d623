using System.Management.Automation;
using System.Xml.Linq;

namespace Ganeti.Tests.Engine;

[Trait("Kind", "engine")]
public sealed class ModelTests
{
    public static TheoryData<string> Classes => [.. Models.All.Select(type => type.Name)];

    public static TheoryData<string> Nouns => [.. Models.Nouns.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Classes))]
    public void A_model_can_be_made_by_a_cast_right_after_the_import(string name)
    {
        using var engine = new PowerShellEngine();
        var type = Of(name);
        var settable = type.GetProperties().FirstOrDefault(property => property.SetMethod?.IsPublic == true && (property.PropertyType == typeof(string) || property.PropertyType == typeof(long?) || property.PropertyType == typeof(double?)));

        var made = engine.Run(settable is null ? $"[Ganeti.{name}]@{{}}" : $"[Ganeti.{name}]@{{ {settable.Name} = '17' }}").Succeeded();

        var model = Assert.Single(made.Output).BaseObject;
        Assert.IsType(type, model);
        Assert.Equal("17", Convert.ToString(settable?.GetValue(model) ?? "17", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Words_dates_sizes_and_parameters_convert_in_a_cast()
    {
        using var engine = new PowerShellEngine();

        var instance = engine.Run("[Ganeti.GntInstance]@{ Name = 'vm1'; Status = 'running'; Memory = 512MB; Created = '2026-11-24'; Tags = 'web'; HypervisorParameters = @{ acpi = $true } }").One<GntInstance>();

        Assert.Equal((GntInstanceStatus.running, 512L << 20, 2026), (instance.Status, instance.Memory, instance.Created!.Value.Year));
        Assert.Equal(["web"], instance.Tags!);
        Assert.Equal(true, instance.HypervisorParameters!["acpi"]);
    }

    [Theory]
    [MemberData(nameof(Classes))]
    public void What_can_not_be_set_is_documented_as_derived(string name)
    {
        var type = Of(name);
        var documentation = XDocument.Load(Directory.GetFiles(Repository.At("src", "Ganeti.Core", "bin"), "Ganeti.Core.xml", SearchOption.AllDirectories).MaxBy(File.GetLastWriteTimeUtc)!)
            .Descendants("member").ToDictionary(member => (string)member.Attribute("name")!, member => member.Element("summary")?.Value.Trim() ?? string.Empty);

        Assert.NotNull(type.GetConstructor(Type.EmptyTypes));
        Assert.All(type.GetProperties().Where(property => property.DeclaringType == type), property => Assert.True(
            property.SetMethod?.IsPublic == true || documentation[$"P:{type.FullName}.{property.Name}"].StartsWith("Derived", StringComparison.Ordinal),
            $"{property.Name} can't be set and is not documented as derived."));
    }

    [Theory]
    [MemberData(nameof(Nouns))]
    public void Two_objects_are_equal_when_cluster_and_key_are(string name)
    {
        var (one, same) = ((GntObject)Models.Sample(Of(name)), (GntObject)Models.Sample(Of(name)));
        same.ReadAt = null;

        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(one, (GntObject)Models.Sample(Of(name), "other"));
        same.ClusterUuid = "elsewhere";
        Assert.NotEqual(one, same);
        Assert.NotEqual((GntObject)Activator.CreateInstance(Of(name))!, (GntObject)Activator.CreateInstance(Of(name))!);
        Assert.False(one.Equals((object)"x1"));
    }

    [Fact]
    public void A_guest_is_no_node_of_the_same_name() => Assert.False(new GntInstance { Name = "a", ClusterUuid = "c" }.Equals((object)new GntNode { Name = "a", ClusterUuid = "c" }));

    [Fact]
    public void An_object_as_text_is_its_name()
    {
        Assert.Equal("vm1", new GntInstance { Name = "vm1" }.ToString());
        Assert.Equal("vm1/disk/0", new GntDisk { InstanceName = "vm1", Index = 0 }.ToString());
        Assert.Equal("vm1/nic/2", new GntNic { InstanceName = "vm1", Index = 2 }.ToString());
        Assert.Equal("17", new GntJob { Id = 17 }.ToString());
        Assert.Equal("instance/vm1", new GntLock { Name = "instance/vm1" }.ToString());
        Assert.Equal("be/memory", new GntField { Kind = "instance", Name = "be/memory" }.ToString());
        Assert.Equal("(GntNode)", new GntNode().ToString());
    }

    [Theory]
    [InlineData("instance/vm1", "instance", "vm1")]
    [InlineData("node/[lockset]", "node", null)]
    [InlineData("cluster/BGL", "cluster", "BGL")]
    [InlineData("odd", "odd", null)]
    public void A_lock_says_what_it_is_on(string name, string level, string? on)
    {
        var held = new GntLock { Name = name };
        held.Complete();

        Assert.Equal((level, on), (held.Level, held.ObjectName));
    }

    [Theory]
    [MemberData(nameof(Nouns))]
    public void An_object_comes_back_from_Export_Clixml_as_it_was(string name)
    {
        using var engine = new PowerShellEngine();
        var sample = Models.Sample(Of(name));
        engine.Set("sample", sample);

        var back = Assert.Single(engine.Run("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($sample, 6))").Succeeded().Output);

        Models.AssertSame(sample, back.BaseObject, name);
    }

    [Theory]
    [MemberData(nameof(Nouns))]
    public void Even_with_the_least_depth_an_object_comes_back_with_its_key_and_its_cluster(string name)
    {
        using var engine = new PowerShellEngine();
        var sample = (GntObject)Models.Sample(Of(name));
        engine.Set("sample", sample);

        var back = Assert.Single(engine.Run("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($sample, 1))").Succeeded().Output);

        Assert.Equal<object>(sample, back.BaseObject);
    }

    [Fact]
    public void An_object_that_came_back_is_piped_as_before()
    {
        using var engine = new PowerShellEngine();
        engine.Set("sample", new GntInstance { Name = "vm1", ClusterUuid = "elsewhere", ClusterName = "other" });

        var outcome = engine.Run("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($sample)) | Get-GntNode");

        outcome.FailedWith("ClusterNotConnected");
        Assert.Contains("vm1 belongs to cluster other", outcome.Error.Exception.Message, StringComparison.Ordinal);
    }

    private static Type Of(string name) => Models.All.Single(type => type.Name == name);
}
