using Ganeti.Tests.Drbd;

namespace Ganeti.Tests.Migration;

/// <summary>What a repair does next, by what is seen: every turn that it can take, without a node.</summary>
[Trait("Kind", "unit")]
public sealed class MigrationDecisionTests
{
    private static readonly string[] Home = ["g1"];

    // QEMU 7.2, hmp_info_migrate.
    private const string Output = """
        presence: present
        pid: 765
        VM status: running
        globals:
        store-global-state: on
        Migration status: active
        total time: 12345 ms
        expected downtime: 300 ms
        setup: 4 ms
        transferred ram: 20480 kbytes
        throughput: 268.40 mbps
        remaining ram: 1024 kbytes
        total ram: 65536 kbytes
        duplicate: 100 pages
        page size: 4 kbytes
        dirty sync count: 3
        dirty pages rate: 10 pages
        """;

    [Fact]
    public void Where_guest_configuration_and_mirrors_agree_there_is_nothing_to_do() =>
        Assert.Equal(GntRepairAction.Done, Of(Scene()));

    [Fact]
    public void A_job_that_goes_on_is_waited_for() =>
        Assert.Equal(GntRepairAction.WaitForJob, Of(Scene() with { Job = Job(), StillFor = TimeSpan.FromMinutes(4) }));

    [Fact]
    public void What_stalls_with_one_Primary_is_reset_and_with_two_held_down()
    {
        Assert.Equal(GntRepairAction.ResetConnection, Of(Scene() with { Stalled = new HashSet<int> { 11000 } }));
        Assert.Equal(GntRepairAction.HoldConnection, Of(Scene(roles: (DrbdRole.Primary, DrbdRole.Primary)) with { Stalled = new HashSet<int> { 11000 }, Job = Job() }));
        Assert.Equal(GntRepairAction.WaitForJob, Of(Scene(roles: (DrbdRole.Primary, DrbdRole.Primary)) with { Stalled = new HashSet<int> { 11000 }, Held = new HashSet<int> { 11000 }, Job = Job() }));
    }

    [Fact]
    public void A_stall_that_comes_back_after_each_reset_is_the_networks_fault()
    {
        var decision = MigrationDecision.Of(Scene() with { Stalled = new HashSet<int> { 11000 } }, [GntRepairAction.ResetConnection, GntRepairAction.ResetConnection]);

        Assert.Equal("MigrationNotRepaired", decision.Failure?.Error.Id);
        Assert.Contains("MTU", decision.Failure!.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Before_it_is_known_whether_something_moves_nothing_is_done_to_it() =>
        Assert.Equal(GntRepairAction.WaitForJob, Of(Scene(roles: (DrbdRole.Primary, DrbdRole.Primary)) with { MayStall = true }));

    [Fact]
    public void A_held_connection_is_let_go_once_the_side_without_the_guest_is_Secondary_and_not_before()
    {
        var held = Scene(roles: (DrbdRole.Primary, DrbdRole.Primary), connected: DrbdConnectionState.WFConnection) with { Held = new HashSet<int> { 11000 } };

        Assert.Equal(GntRepairAction.Cleanup, Of(held));
        Assert.Equal(GntRepairAction.WaitForJob, Of(held with { Job = Job() }, GntRepairAction.HoldConnection, GntRepairAction.Cleanup));
        Assert.Equal(GntRepairAction.ReleaseConnection, Of(Scene(connected: DrbdConnectionState.WFConnection) with { Held = new HashSet<int> { 11000 }, Job = Job() }, GntRepairAction.HoldConnection, GntRepairAction.Cleanup));
        // The guest has moved meanwhile: it is the other side that is to follow.
        Assert.Equal(GntRepairAction.WaitForJob, Of(Scene(roles: (DrbdRole.Secondary, DrbdRole.Primary), locations: Home, connected: DrbdConnectionState.WFConnection) with { Held = new HashSet<int> { 11000 }, Job = Job() }, GntRepairAction.Cleanup));
        Assert.Equal(GntRepairAction.ReleaseConnection, Of(held, GntRepairAction.Cleanup));
    }

    [Fact]
    public void A_side_that_stays_StandAlone_is_connected_and_cleaned_up_once_more_and_then_it_is_a_split_brain()
    {
        var alone = Scene(connected: DrbdConnectionState.StandAlone);

        Assert.Equal(GntRepairAction.Cleanup, Of(alone));
        Assert.Equal(GntRepairAction.Reconnect, Of(alone, GntRepairAction.Cleanup));
        Assert.Equal(GntRepairAction.Cleanup, Of(alone, GntRepairAction.Cleanup, GntRepairAction.Reconnect));
        var decision = MigrationDecision.Of(alone, [GntRepairAction.Cleanup, GntRepairAction.Reconnect, GntRepairAction.Cleanup, GntRepairAction.Reconnect, GntRepairAction.Cleanup, GntRepairAction.Reconnect]);
        Assert.Equal("DrbdSplitBrain", decision.Failure?.Error.Id);
        Assert.EndsWith("Resolve-DrbdSplitBrain vm1 -DiscardNode g2.", decision.Failure!.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_guest_that_runs_nowhere_or_whose_node_is_silent_is_left_to_the_operator()
    {
        Assert.Contains("runs on neither", MigrationDecision.Of(Scene(locations: []), []).Failure!.Message, StringComparison.Ordinal);
        var silent = Scene() with { Places = [new GuestWhereabouts { Node = "g1", IsPresent = true, Status = "running" }, new GuestWhereabouts { Node = "g2", Failure = "no route" }] };
        Assert.Contains("whether it runs on g2 can't be seen: no route", MigrationDecision.Of(silent with { Disks = Scene(connected: DrbdConnectionState.WFConnection).Disks }, []).Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_transfer_that_never_comes_to_its_end_is_cancelled_once_and_a_job_in_which_nothing_moves_is_killed_before_daemons_are_restarted()
    {
        // A guest that writes the same memory again and again is never said to write more than gets through: so it was on QEMU 7.2.
        var diverging = new GntMemoryTransfer { Status = "active", Rounds = 18, DirtyRate = 245 * 4096, Bandwidth = 997_500 };
        var scene = Scene() with { Job = Job(), Places = [new GuestWhereabouts { Node = "g1", IsPresent = true, Status = "running", Transfer = diverging }, new GuestWhereabouts { Node = "g2", IsPresent = true, Status = "paused (inmigrate)" }] };
        Assert.Equal(GntRepairAction.CancelTransfer, Of(scene));
        Assert.Equal(GntRepairAction.WaitForJob, Of(scene, GntRepairAction.CancelTransfer));

        var still = scene with { StillFor = TimeSpan.FromMinutes(7) };
        Assert.Equal(GntRepairAction.KillJob, Of(still, GntRepairAction.CancelTransfer));
        Assert.Equal(GntRepairAction.RestartDaemons, Of(still, GntRepairAction.CancelTransfer, GntRepairAction.KillJob));
        Assert.NotNull(MigrationDecision.Of(still, [GntRepairAction.CancelTransfer, GntRepairAction.KillJob, GntRepairAction.RestartDaemons]).Failure);
    }

    [Fact]
    public void No_answer_of_a_monitor_makes_it_fail() => Mutations.Of(Output).Sample(text => GuestWhereabouts.Parse("g1", text) is { Node: "g1" } place && (place.Transfer is null || $"{place.Transfer}".Length > 0));

    [Fact]
    public void What_the_monitor_says_of_a_transfer_is_read()
    {
        var place = GuestWhereabouts.Parse("g1", Output);

        Assert.Equal((true, "running", true), (place.IsPresent, place.Status, place.IsRunning));
        Assert.Equal(
            ("active", 20480L * 1024, 1024L * 1024, 65536L * 1024, 40960L, 33_550_000L, TimeSpan.FromMilliseconds(300), 3L),
            (place.Transfer!.Status, place.Transfer.Transferred, place.Transfer.Remaining, place.Transfer.Total, place.Transfer.DirtyRate, place.Transfer.Bandwidth, place.Transfer.ExpectedDowntime, place.Transfer.Rounds));
        Assert.False(place.Transfer.IsDiverging);
        Assert.Equal((false, null), (GuestWhereabouts.Parse("g2", "presence: absent\n").IsPresent, GuestWhereabouts.Parse("g2", string.Empty).IsPresent));
    }

    private static GntRepairAction Of(MigrationScene scene, params GntRepairAction[] done)
    {
        var decision = MigrationDecision.Of(scene, done);
        Assert.Null(decision.Failure);
        return decision.Action;
    }

    private static GntJob Job() => new() { Id = 17, Status = GntJobStatus.running, StatusText = "running" };

    private static MigrationScene Scene((DrbdRole Mine, DrbdRole Theirs)? roles = null, string[]? locations = null, DrbdConnectionState connected = DrbdConnectionState.Connected)
    {
        var (mine, theirs) = roles ?? (DrbdRole.Primary, DrbdRole.Secondary);
        DrbdDevice Side(string node, DrbdRole role, DrbdRole other) => new()
        {
            Node = node,
            Minor = 0,
            Port = 11000,
            ConnectionState = connected,
            ConnectionStateText = connected.ToString(),
            ReplicationState = connected == DrbdConnectionState.Connected ? DrbdReplicationState.Established : DrbdReplicationState.Off,
            Role = role,
            PeerRole = connected == DrbdConnectionState.Connected ? other : DrbdRole.Unknown,
        };
        return new MigrationScene
        {
            Guest = new GntInstance { Name = "vm1", PrimaryNode = "g1" },
            Disks = [new DrbdPair(Side("g1", mine, theirs), Side("g2", theirs, mine))],
            Places = [.. new[] { "g1", "g2" }.Select(node => new GuestWhereabouts { Node = node, IsPresent = (locations ?? Home).Contains(node), Status = "running" })],
        };
    }
}
