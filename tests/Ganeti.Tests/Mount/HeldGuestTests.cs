using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Mount;

/// <summary>A guest whose disk somebody has mounted does not run on it meanwhile.</summary>
[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class HeldGuestTests
{
    private const string Guest = "vm4.lab.example";
    private const string Tag = "ganeti-mount:0815:o-";

    public HeldGuestTests() => Lab.Require();

    [Fact]
    public void It_is_neither_started_nor_brought_back_unless_that_is_forced()
    {
        using var engine = Lab.Connected();
        Lab.Exec("h1", "gnt-instance", "modify", "--offline", Guest);
        Lab.Exec("h1", "gnt-instance", "add-tags", Guest, Tag);
        try
        {
            Assert.Contains($"Get-GntMount -Instance {Guest}", engine.Run($"Start-GntInstance {Guest}").FailedWith("StorageInUse").Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            engine.Run($"Set-GntInstance {Guest} -Offline:$false").FailedWith("StorageInUse");
            Assert.Equal(GntAdminState.offline, engine.Run($"(Get-GntInstance {Guest}).AdminState").One<GntAdminState>());
            engine.Run($"Set-GntInstance {Guest} -Offline:$false -Force").Succeeded();
        }
        finally
        {
            Lab.Exec("h1", "gnt-instance", "modify", "--online", Guest);
            Lab.Exec("h1", "gnt-instance", "remove-tags", Guest, Tag);
        }
    }
}
