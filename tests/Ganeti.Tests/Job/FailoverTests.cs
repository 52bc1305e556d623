using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Job;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class FailoverTests
{
    public FailoverTests() => Lab.Require();

    [Fact]
    public async Task A_wait_goes_to_the_new_master_and_the_session_stays_there()
    {
        using var engine = Lab.Connected();
        var id = Lab.Delay(20, "-n", "h3.lab.example");
        using var shell = engine.Shell($"Wait-GntJob {id}");
        var running = shell.BeginInvoke();
        await Task.Delay(1000, TestContext.Current.CancellationToken);
        Lab.Exec("h2", "gnt-cluster", "master-failover");
        try
        {
            var jobs = await Task.Factory.FromAsync(running, shell.EndInvoke).WaitAsync(TimeSpan.FromSeconds(120), TestContext.Current.CancellationToken);

            Assert.True(jobs.Count == 1, string.Join('\n', shell.Streams.Error.Select(error => $"{error.FullyQualifiedErrorId}: {error}")));
            // What works on the old master when it goes fails there; either way the new one says how it ended.
            Assert.True(Assert.IsType<GntJob>(Assert.Single(jobs).BaseObject).IsFinished);
            Assert.Contains(shell.Streams.Warning, warning => warning.Message == "The master is reached again: h2.lab.example.");
            Assert.All(shell.Streams.Error, error => Assert.IsType<GntJobException>(error.Exception));
            Assert.Equal("h2.lab.example", engine.Run("Get-GntCluster").Succeeded().One<GntCluster>().Master);
            Assert.Equal(3, engine.Run("Get-GntNode -ConfigurationOnly").Succeeded().Output.Count);
        }
        finally
        {
            Lab.Exec("h1", "gnt-cluster", "master-failover");
        }

        Assert.Equal("h1.lab.example", engine.Run("$null = Connect-GntCluster h1; Get-GntCluster").Succeeded().One<GntCluster>().Master);
    }
}
