using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Lock;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class LockTests
{
    public LockTests() => Lab.Require();

    [Fact]
    public async Task A_lock_says_which_jobs_hold_it_and_which_wait_and_since_when()
    {
        using var engine = Lab.Connected();
        var holder = Lab.Delay(60, "-n", "h3.lab.example");
        await Lab.EventuallyAsync(() => engine.Run($"Get-GntJob {holder}").Succeeded().One<GntJob>().Status == GntJobStatus.running, "the first job runs");
        var waiter = Lab.Delay(0.1, "-n", "h3.lab.example");
        GntLock held = new();
        await Lab.EventuallyAsync(
            () => (held = engine.Run("Get-GntNode h3 | Get-GntLock").Succeeded().Of<GntLock>().FirstOrDefault(row => row.Level == "node") ?? held).Waiters is { Length: > 0 },
            "the second job waits");

        var (holding, waiting) = (Assert.Single(held.Holders!), Assert.Single(held.Waiters!));
        Assert.Equal((holder, GntJobStatus.running, "TEST_DELAY(60.0)"), (holding.Id, holding.Status, holding.Summary![0]));
        Assert.Equal((waiter, GntJobStatus.waiting), (waiting.Id, waiting.Status));
        Assert.True(holding.StatusSince < waiting.StatusSince);
        Assert.Equal(held.ClusterUuid, holding.ClusterUuid);
        var shown = engine.Shown("$input", held);
        Assert.Contains($"{holder} TEST_DELAY(60.0) ", shown, StringComparison.Ordinal);
        Assert.Contains($"{waiter} TEST_DELAY(0.1) ", shown, StringComparison.Ordinal);

        // Two questions to the master, and three for the names beside the first.
        Assert.Equal(5, engine.Run("Get-GntLock -Verbose").Succeeded().Verbose.Count(line => line.StartsWith("LUXI Query", StringComparison.Ordinal)));

        engine.Run("$input | ForEach-Object Holders | Stop-GntJob -Kill -Force", held).Succeeded();
        Assert.Equal(GntJobStatus.success, engine.Run($"Wait-GntJob {waiter}").Succeeded().One<GntJob>().Status);
    }
}
