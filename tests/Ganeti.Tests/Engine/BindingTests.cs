using System.Management.Automation;
using System.Reflection;

namespace Ganeti.Tests.Engine;

[Trait("Kind", "engine")]
public sealed class BindingTests
{
    // One for all: it has no connection, and nothing that is refused leaves anything in it.
    private static readonly Lazy<PowerShellEngine> Shared = new(() => new PowerShellEngine());

    // Design §4, as far as the nouns exist.
    private static readonly Dictionary<string, string[]> Graph = new()
    {
        ["GntGroup"] = ["GntNode", "GntInstance"],
        ["GntNode"] = ["GntInstance", "GntGroup", "GntDisk", "GntJob", "GntExport", "GntTag", "DrbdDevice", "GntHistory", "LvmVolume", "LvmVolumeGroup", "LvmPhysicalVolume", "BlockDevice", "GntLeftover", "GntMount"],
        ["GntInstance"] = ["GntNode", "GntDisk", "GntNic", "GntJob", "GntExport", "GntConsole", "GntOs", "GntTag", "DrbdDevice", "GntHistory", "LvmVolume", "LvmVolumeGroup", "LvmPhysicalVolume", "BlockDevice", "GntMount"],
        ["GntDisk"] = ["GntInstance", "DrbdDevice", "LvmVolume", "LvmVolumeGroup", "LvmPhysicalVolume", "BlockDevice", "GntMount"],
        ["DrbdDevice"] = ["DrbdDevice", "GntDisk", "GntInstance", "GntNode", "BlockHolder", "LvmVolume", "LvmVolumeGroup", "LvmPhysicalVolume", "BlockDevice"],
        ["LvmVolume"] = ["LvmVolume", "LvmVolumeGroup", "LvmPhysicalVolume", "BlockDevice", "BlockHolder", "DrbdDevice", "GntDisk", "GntInstance", "GntNode"],
        ["LvmVolumeGroup"] = ["LvmVolume", "LvmVolumeGroup", "LvmPhysicalVolume", "BlockDevice", "DrbdDevice", "GntDisk", "GntInstance", "GntNode"],
        ["LvmPhysicalVolume"] = ["LvmVolume", "LvmVolumeGroup", "LvmPhysicalVolume", "BlockDevice", "DrbdDevice", "GntDisk", "GntInstance", "GntNode"],
        ["BlockDevice"] = ["LvmVolume", "LvmVolumeGroup", "LvmPhysicalVolume", "BlockDevice", "BlockHolder", "DrbdDevice", "GntDisk", "GntInstance", "GntNode"],
        ["GntJob"] = ["GntInstance", "GntNode"],
        ["GntNetwork"] = ["GntNic", "GntInstance", "GntGroup"],
    };

    // What else a cmdlet has to be told.
    private static readonly Dictionary<string, string> Told = new()
    {
        ["Add-GntDisk"] = "-Size 1GB",
        ["Add-GntTag"] = "-Tag x",
        ["Convert-GntDisk"] = "-Template plain",
        ["Copy-GntInstance"] = "-NewName x",
        ["Export-GntInstance"] = "-TargetNode h1",
        ["Move-GntDisk"] = "-Auto",
        ["Move-LvmVolume"] = "-From sdb",
        ["New-LvmVolume"] = "-Name kvmvg/x -Size 1GB",
        ["New-LvmVolumeGroup"] = "-Name x -Disk sdz",
        ["Remove-GntTag"] = "-Tag x",
        ["Rename-GntInstance"] = "-NewName other",
        ["Rename-LvmVolume"] = "-NewName other",
        ["Resize-GntDisk"] = "-Size 1GB",
        ["Resize-LvmVolume"] = "-Size 1GB",
        ["Set-DrbdDevice"] = "-ResyncRate 1MB",
        ["Set-GntDisk"] = "-NewName other",
        ["Set-GntInstance"] = "-VCpu 1",
        ["Set-GntJob"] = "-Priority High",
        ["Set-GntNic"] = "-Link other",
        ["Set-GntOs"] = "-Hidden",
    };

    // Which of a guest's parts are meant.
    private static readonly string[] Placed = ["Resize-GntDisk", "Set-GntDisk", "Remove-GntDisk", "Set-GntNic", "Remove-GntNic"];

    public static TheoryData<string, string> EveryNounIntoEveryCmdlet
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var cmdlet in Models.Cmdlets.Where(type => type.Name is not "ConnectGntClusterCommand"))
            {
                foreach (var noun in Models.Nouns)
                {
                    data.Add(noun.Name, ModuleTests.NameOf(cmdlet));
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(EveryNounIntoEveryCmdlet))]
    public void A_noun_binds_to_the_parameter_of_its_own_type_or_is_refused(string noun, string cmdlet)
    {
        var engine = Shared.Value;
        var source = (GntObject)Models.Sample(Models.Nouns.Single(type => type.Name == noun), "vm1");
        source.ClusterUuid = "elsewhere";

        var told = (source is GntTag && cmdlet == "Remove-GntTag" ? null : Told.GetValueOrDefault(cmdlet)) + (noun == nameof(GntInstance) && Placed.Contains(cmdlet) ? " -Index 0" : string.Empty);

        var error = engine.Run($"$input | {cmdlet} {told}", source).Error;

        if (Accepts(cmdlet, source.GetType()))
        {
            Assert.Equal("ClusterNotConnected", error.FullyQualifiedErrorId.Split(',')[0]);
            Assert.Equal(source, error.TargetObject is PSObject wrapped ? wrapped.BaseObject : error.TargetObject);
        }
        else if (source is GntCluster && cmdlet == "Disconnect-GntCluster")
        {
            Assert.Equal("ClusterNotFound", error.FullyQualifiedErrorId.Split(',')[0]);
        }
        else
        {
            Assert.IsAssignableFrom<ParameterBindingException>(error.Exception);
        }
    }

    [Fact]
    public void Every_noun_goes_where_the_design_says() => Assert.All(Graph, pair => Assert.All(pair.Value, target =>
        Assert.True(Accepts($"Get-{target}", Models.Nouns.Single(type => type.Name == pair.Key)), $"{pair.Key} | Get-{target}")));

    [Fact]
    public void Names_are_taken_from_the_pipeline()
    {
        using var engine = new PowerShellEngine();

        engine.Run("'vm1' | Get-GntInstance").FailedWith("NotConnected");
        engine.Run("'h1' | Get-GntNode").FailedWith("NotConnected");
        engine.Run("17 | Get-GntJob").FailedWith("NotConnected");
        engine.Run("'17' | Wait-GntJob").FailedWith("NotConnected");
        engine.Run("17 | Watch-GntJob").FailedWith("NotConnected");
        engine.Run("'17' | Stop-GntJob").FailedWith("NotConnected");
        engine.Run("'job' | Get-GntField").FailedWith("NotConnected");
    }

    [Fact]
    public void Without_a_connection_the_error_says_what_to_do()
    {
        using var engine = new PowerShellEngine();

        var outcome = engine.Run("Get-GntInstance; 'not reached'");

        Assert.Equal(ErrorCategory.ConnectionError, outcome.FailedWith("NotConnected").Error.CategoryInfo.Category);
        Assert.Contains("Connect-GntCluster", outcome.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.IsType<GanetiException>(outcome.Error.Exception);
    }

    [Fact]
    public void A_cluster_by_a_name_that_is_not_connected_is_an_error()
    {
        using var engine = new PowerShellEngine();

        var outcome = engine.Run("Get-GntInstance -Cluster elsewhere");

        Assert.Equal(("elsewhere", ErrorCategory.ObjectNotFound), (outcome.FailedWith("ClusterNotFound").Error.TargetObject, outcome.Error.CategoryInfo.Category));
    }

    [Theory]
    [InlineData("-Failover -AllowFailover")]
    [InlineData("-Failover -NonLive")]
    [InlineData("-IgnoreConsistency")]
    [InlineData("-ShutdownTimeout 5")]
    [InlineData("-TargetNode h2 -Allocator hail")]
    [InlineData("-Cleanup -Failover")]
    [InlineData("-Cleanup -AllowFailover")]
    [InlineData("-NoWait -PassThru")]
    public void Moving_refuses_switches_that_contradict_each_other_before_anything_else(string switches)
    {
        using var engine = new PowerShellEngine();

        var outcome = engine.Run($"Move-GntInstance vm1 {switches}");

        Assert.Equal(ErrorCategory.InvalidArgument, outcome.FailedWith("ParameterInvalid").Error.CategoryInfo.Category);
        Assert.NotEmpty(outcome.Error.ErrorDetails.RecommendedAction);
    }

    [Theory]
    [InlineData("Get-DrbdDevice -Problem -Peer")]
    [InlineData("Test-GntMirror -InSync")]
    [InlineData("Test-GntMirror -SampleTime 2h")]
    [InlineData("Get-DrbdDevice -Problem -SampleTime 1e12")]
    public void What_a_diagnosis_can_not_do_is_refused_before_anything_is_asked(string script)
    {
        using var engine = new PowerShellEngine();

        Assert.NotEmpty(engine.Run(script).FailedWith("ParameterInvalid").Error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void Two_parameter_sets_at_once_are_refused()
    {
        using var engine = new PowerShellEngine();

        engine.Run("Get-GntInstance -Name vm1 -Node h1").FailedWith("AmbiguousParameterSet");
        engine.Run("Get-GntInstance -Group default -Node h1").FailedWith("AmbiguousParameterSet");
    }

    [Theory]
    [InlineData("Get-GntInstance vm")]
    [InlineData("Get-GntNode -Group de")]
    [InlineData("Get-GntJob 1")]
    [InlineData("Get-GntLock -Cluster x -Name ")]
    [InlineData("Get-GntInstance -Field be")]
    [InlineData("Get-GntJob -Operation INST")]
    [InlineData("Get-GntInstance -Cluster ")]
    [InlineData("Move-GntInstance vm1 -TargetNode ")]
    [InlineData("Get-DrbdDevice -Node h")]
    [InlineData("Get-GntInstance '[")]
    public void Completion_without_a_connection_is_empty_and_never_an_error(string line)
    {
        using var engine = new PowerShellEngine();
        engine.Set("line", line);

        var outcome = engine.Run("[System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches | Where-Object ResultType -eq ParameterValue").Succeeded();

        Assert.Empty(outcome.Output);
    }

    private static bool Accepts(string cmdlet, Type noun) => Models.Cmdlets.Single(type => ModuleTests.NameOf(type) == cmdlet).GetProperties()
        .Where(property => property.GetCustomAttributes<ParameterAttribute>().Any(parameter => parameter.ValueFromPipeline))
        .Any(property => property.PropertyType == noun || property.PropertyType == noun.MakeArrayType());
}
