using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

/// <summary>What keeps repairs from racing with Ganeti and with each other, and what is left of them.</summary>
[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class RepairSessionTests
{
    private static readonly Lazy<(PowerShellEngine Engine, GntConnection Connection)> Shared = new(MirrorLab.Connected);

    private readonly PowerShellEngine _engine;
    private readonly GntConnection _connection;

    public RepairSessionTests()
    {
        MirrorLab.Require();
        (_engine, _connection) = Shared.Value;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_operator_is_refused_while_a_lease_holds_and_sees_who_has_it()
    {
        await using (var session = await RepairSession.BeginAsync(_connection, Order("vm1.lab.example"), Token))
        {
            var refused = _engine.Run("Disconnect-DrbdDevice vm1").Errors;
            Assert.NotEmpty(refused);
            Assert.All(refused, error => Assert.Equal("RepairUnderWay", error.FullyQualifiedErrorId.Split(',')[0]));
            Assert.Contains(Environment.UserName, refused[0].ToString(), StringComparison.Ordinal);

            var lease = _engine.Run("Get-GntHistory -UnderWay").Succeeded().One<GntHistoryEntry>();
            Assert.Equal((session.Id, "Test-Lease", "vm1.lab.example", GntHistoryEvent.UnderWay, "g1.lab.example"), (lease.Id, lease.Cmdlet, lease.InstanceName, lease.Event, lease.Node));
            Assert.InRange(lease.LeaseEnds!.Value - DateTimeOffset.Now, TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(2.1));

            // Another guest is nobody's.
            await using var other = await RepairSession.BeginAsync(_connection, Order("kvm1.lab.example"), Token);
            await session.DoneAsync("tested", Token);
        }

        Assert.Empty(_engine.Run("Get-GntHistory -UnderWay").Succeeded().Output);
        Assert.Empty(_engine.Run("Get-DrbdDevice -Instance vm1 | Where-Object IsDegraded").Succeeded().Output);

        var told = _engine.Run("Get-GntInstance vm1 | Get-GntHistory").Succeeded().Of<GntHistoryEntry>().Where(entry => entry is { Cmdlet: "Test-Lease", Node: "g1.lab.example" }).ToArray();
        Assert.Equal([GntHistoryEvent.Begun, GntHistoryEvent.Done], told.TakeLast(2).Select(entry => entry.Event!.Value));
        Assert.Equal($"{Environment.UserName}@{Environment.MachineName}", told[^1].Operator);
        Assert.Equal(GntHistoryEvent.Failed, _engine.Run("Get-GntHistory g2").Succeeded().Of<GntHistoryEntry>().Last(entry => entry.InstanceName == "kvm1.lab.example").Event);
        Assert.Empty(_engine.Run("Get-GntHistory g1 -Since ([DateTimeOffset]::Now.AddHours(1))").Succeeded().Output);
    }

    [Fact]
    public async Task A_lease_of_a_client_that_died_ends_by_itself()
    {
        Assert.Equal(0, (await LeaseAsync("take", "lost", "one", "10", "{}")).ExitStatus);
        Assert.Equal(9, (await LeaseAsync("take", "lost", "two", "10", "{}")).ExitStatus);

        await Task.Delay(TimeSpan.FromSeconds(12), Token);

        Assert.DoesNotContain("lost", (await LeaseAsync("list")).OutputText, StringComparison.Ordinal);
        Assert.Equal(0, (await LeaseAsync("take", "lost", "two", "10", "{}")).ExitStatus);
        // What the first one gives back by now is not its own.
        await LeaseAsync("release", "lost", "one");
        Assert.Equal(9, (await LeaseAsync("take", "lost", "one", "10", "{}")).ExitStatus);
        await LeaseAsync("release", "lost", "two");
    }

    [Fact]
    public async Task The_watcher_is_kept_quiet_for_a_time_that_runs_out_and_left_as_it_was()
    {
        // A client of an earlier test that died may have left it paused.
        Lab.Exec("g1", "gnt-cluster", "watcher", "continue");
        await using (await RepairSession.BeginAsync(_connection, Order("vm1.lab.example"), Token))
        {
            // Ganeti's own: at that time it ends by itself.
            Assert.InRange((await PausedUntilAsync())!.Value - DateTimeOffset.Now, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(11));
        }

        Assert.Null(await PausedUntilAsync());

        Lab.Exec("g1", "gnt-cluster", "watcher", "pause", "1h");
        try
        {
            var before = await PausedUntilAsync();
            await using (await RepairSession.BeginAsync(_connection, Order("vm1.lab.example"), Token))
            {
                Assert.Equal(before, await PausedUntilAsync());
            }

            Assert.Equal(before, await PausedUntilAsync());

            Lab.Exec("g1", "gnt-cluster", "watcher", "pause", "3m");
            var shorter = await PausedUntilAsync();
            await using (await RepairSession.BeginAsync(_connection, Order("vm1.lab.example"), Token))
            {
                Assert.True(await PausedUntilAsync() > shorter);
            }

            Assert.Equal(shorter, await PausedUntilAsync());
        }
        finally
        {
            Lab.Exec("g1", "gnt-cluster", "watcher", "continue");
        }
    }

    [Fact]
    public async Task A_guest_that_a_job_holds_is_left_alone()
    {
        var before = await PausedUntilAsync();
        // Whatever it is that holds the guest.
        Lab.Exec("g1", "gnt-instance", "reboot", "--submit", "vm1");

        var busy = await Assert.ThrowsAsync<GanetiException>(async () => await (await RepairSession.BeginAsync(_connection, Order("vm1.lab.example"), Token)).DisposeAsync());

        Assert.Equal(GanetiError.InstanceBusy, busy.Error);
        Assert.Contains("INSTANCE_REBOOT", busy.Message, StringComparison.Ordinal);
        Assert.Empty(_engine.Run("Get-GntHistory -UnderWay").Succeeded().Output);
        Assert.Equal(before, await PausedUntilAsync());
        _engine.Run("$input | Wait-GntJob", busy.Target!).Succeeded();
    }

    private static RepairOrder Order(string guest) => new() { Cmdlet = "Test-Lease", Subject = guest, CommandLine = "none", InstanceName = guest, Nodes = MirrorLab.Nodes };

    private Task<Ganeti.Remote.RemoteResult> LeaseAsync(params string[] arguments) => GntConnection.RunAsync(_connection.MasterHost, GntHistory.Lease.With(arguments), Token);

    private async Task<DateTimeOffset?> PausedUntilAsync() => (await _connection.GetClusterAsync(Token)).WatcherPausedUntil;
}
