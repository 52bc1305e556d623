using System.Text.RegularExpressions;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Drbd;

[Trait("Kind", "unit")]
public sealed partial class DrbdDiagnosisTests
{
    /// <summary>Every scene that was recorded of both hosts, all guests meant to run. In the first, nothing was connected yet; in 01c there is one minor only.</summary>
    [Theory]
    [InlineData("00b-attached-not-connected", "h1/0 Inconsistent, h1/0 StandAlone, h1/1 Inconsistent, h1/1 StandAlone, h1/2 Inconsistent, h1/2 StandAlone, h2/0 Inconsistent, h2/0 StandAlone, h2/1 Inconsistent, h2/1 StandAlone, h2/4 Inconsistent, h2/4 StandAlone")]
    [InlineData("00c-connected-inconsistent", "h1/0 Inconsistent, h1/0 SidesDisagree, h1/1 Inconsistent, h1/1 WaitingForConnection, h1/2 Inconsistent, h1/2 WaitingForConnection, h2/0 Inconsistent, h2/0 WaitingForConnection, h2/1 Inconsistent, h2/1 WaitingForConnection, h2/4 Inconsistent, h2/4 WaitingForConnection")]
    [InlineData("00d-initial-sync", "")]
    [InlineData("01-healthy", "")]
    [InlineData("01b-dual-primary", "h1/0 OutOfSync, h1/1 DualPrimary, h1/2 ResyncStalled, h2/1 DualPrimary")]
    [InlineData("02-resyncing", "")]
    [InlineData("02b-resync-paused", "h1/0 ResyncPaused, h1/2 ResyncStalled")]
    [InlineData("02c-verify", "h1/2 ResyncStalled")]
    [InlineData("02d-resync-stalled", "h1/0 OutOfSync, h1/2 ResyncStalled")]
    [InlineData("02e-connected-with-oos", "h1/0 OutOfSync, h1/2 ResyncStalled")]
    [InlineData("02f-resync-of-a-big-disk", "")]
    [InlineData("02g-resync-very-slow", "h2/123 ResyncSlow")]
    [InlineData("03-cut-on-one-peer", "h1/0 WaitingForConnection, h2/0 WaitingForConnection")]
    [InlineData("03a-before-cut", "h1/0 OutOfSync")]
    [InlineData("03b-cut-after-writes", "h1/0 WaitingForConnection, h2/0 WaitingForConnection")]
    [InlineData("03c-transitions", "h2/123 ResyncSlow")]
    [InlineData("04-reconnected-resync", "")]
    [InlineData("05-stalled-all-packets-dropped", "h1/0 WaitingForConnection, h2/0 WaitingForConnection")]
    [InlineData("05b-stalled-data-socket-only", "h1/0 Stalled")]
    [InlineData("05c-stall-reset-by-reject-rules", "")]
    [InlineData("05d-stall-reset-by-disconnect", "")]
    [InlineData("05e-stall-reset-by-disconnect-force", "h2/123 ResyncSlow")]
    [InlineData("05f-stall-reset-by-ss-kill", "h2/123 ResyncSlow")]
    [InlineData("06-split-brain", "h1/0 SplitBrain, h2/0 SplitBrain")]
    [InlineData("06a-disconnected-both-primary", "h1/0 SplitBrain, h2/0 SplitBrain")]
    [InlineData("06b-one-side-waits", "h1/0 SplitBrain, h2/0 SplitBrain")]
    [InlineData("07-split-brain-resolved", "")]
    [InlineData("07a-split-brain-resolving", "")]
    [InlineData("08-diskless", "h1/0 Diskless, h2/1 Diskless")]
    [InlineData("08b-primary-without-any-disk", "h1/0 NoData, h1/0 WaitingForConnection, h2/0 MinorMissing, h2/1 Diskless")]
    [InlineData("08c-reattached", "")]
    [InlineData("09-io-error-on-backing-device", "h2/4 Diskless")]
    [InlineData("10-down-refused-held-open", "")]
    [InlineData("11-no-minors", "h1/0 MinorMissing, h1/1 MinorMissing, h1/2 MinorMissing, h2/0 MinorMissing, h2/1 MinorMissing, h2/4 MinorMissing")]
    [InlineData("11b-minor-without-disk-and-net", "h1/0 MinorMissing, h1/1 MinorMissing, h1/2 MinorMissing, h2/0 MinorMissing, h2/1 MinorMissing, h2/4 MinorMissing")]
    [InlineData("11c-one-down", "h1/1 WaitingForConnection, h2/1 MinorMissing")]
    [InlineData("21c-restored", "h1/0 OtherSideUnknown, h1/1 OtherSideUnknown, h1/2 OtherSideUnknown")]
    [InlineData("23b-disk-offline-after-write", "h1/2 Diskless")]
    [InlineData("01c-1-dual", "h1/0 DualPrimary, h1/1 MinorMissing, h1/2 MinorMissing, h2/0 DualPrimary, h2/1 MinorMissing, h2/4 MinorMissing")]
    [InlineData("01c-3-split", "h1/0 SplitBrain, h1/1 MinorMissing, h1/2 MinorMissing, h2/0 SplitBrain, h2/1 MinorMissing, h2/4 MinorMissing")]
    [InlineData("01c-5-healed", "h1/0 SplitBrain, h1/1 MinorMissing, h1/2 MinorMissing, h2/0 SplitBrain, h2/1 MinorMissing, h2/4 MinorMissing")]
    public void Every_recorded_scene_is_called_what_it_is(string scene, string problems) => Assert.Equal(problems, DrbdScene.Told(DrbdDiagnosis.Of(DrbdScene.Named(scene).Situation())));

    [Fact]
    public void No_scene_is_left_out()
    {
        var tested = typeof(DrbdDiagnosisTests).GetMethod(nameof(Every_recorded_scene_is_called_what_it_is))!.GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>().Select(data => (string)data.Data[0]!);

        Assert.Equal(DrbdScene.Names.Order(StringComparer.Ordinal), tested.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_problem_says_what_it_is_shows_it_and_names_a_cure_that_there_is()
    {
        var cmdlets = Models.Cmdlets.Select(ModuleTests.NameOf).ToArray();
        foreach (var problem in DrbdScene.Names.SelectMany(name => DrbdDiagnosis.Of(DrbdScene.Named(name).Situation())).SelectMany(mirror => mirror.Problems))
        {
            Assert.True(problem.Severity > 0 && problem.Message!.EndsWith('.') && problem.Evidence!.Length >= 2, $"{problem}");
            Assert.StartsWith($"{problem.Node}/drbd{problem.Minor}:", problem.Evidence[0], StringComparison.Ordinal);
            Assert.All(Cmdlet().Matches(problem.Remedy ?? string.Empty), match => Assert.Contains(match.Value, cmdlets));

            // The one thing that cures itself by nothing here: two sides that never had data.
            Assert.True(problem.Remedy is not null || problem.Message.Contains("as h2 is Inconsistent", StringComparison.Ordinal), $"{problem}");
        }
    }

    [Theory]
    [InlineData("05-stalled-all-packets-dropped", "00", "01", "")]
    [InlineData("05-stalled-all-packets-dropped", "03", "04", "h1/0 Stalled")]
    [InlineData("05b-stalled-data-socket-only", "00", "01", "")]
    [InlineData("05b-stalled-data-socket-only", "09", "10", "h1/0 Stalled")]
    [InlineData("05c-stall-reset-by-reject-rules", "00", "01", "")]
    public void What_is_pending_is_stalled_only_when_nothing_moves(string scene, string first, string second, string problems)
    {
        var situation = DrbdScene.Named(scene).Situation(first, second);

        // The other host was asked later, when the connection was lost already; on that side a stall can't be seen.
        Connected(situation, "h2", 0);

        Assert.Equal(problems, DrbdScene.Told(DrbdDiagnosis.Of(situation)));
    }

    [Fact]
    public void A_stall_is_told_on_the_Primary_with_its_counters_and_cured_by_a_reset()
    {
        var situation = DrbdScene.Named("05-stalled-all-packets-dropped").Situation("03", "04");
        Connected(situation, "h2", 0);

        var problem = Assert.Single(Problems(situation));

        Assert.Equal((DrbdSeverity.Critical, "h1/drbd0", "vm1", 0, "Get-DrbdDevice h1 -Minor 0 | Reset-DrbdConnection"), (problem.Severity, problem.Id, problem.InstanceName, problem.DiskIndex, problem.Remedy));
        Assert.Contains(problem.Evidence!, line => line.Contains("ap:1 pe:1 lo:0", StringComparison.Ordinal));

        // In the midst of a migration the whole procedure is wanted.
        Assert.Equal("Repair-GntMigration vm1", Assert.Single(Problems(situation with { Jobs = [Job("OP_INSTANCE_MIGRATE", "vm1")] })).Remedy);
    }

    [Theory]
    [InlineData("h2", "the disk on h2 hangs", "Get-DrbdDevice h2 -Minor 0 | Dismount-DrbdDisk")]
    [InlineData("h1", "the disk on h1 hangs", "Get-DrbdDevice h1 -Minor 0 | Dismount-DrbdDisk")]
    public void A_stall_by_a_disk_that_hangs_is_not_blamed_on_the_connection(string node, string words, string remedy)
    {
        var situation = Healthy();
        Each(situation, "h1", 0, side => (side.ApplicationPending, side.PeerPending, side.LocalPending) = node == "h1" ? (2, 0, 2) : (2, 2, 0));
        Each(situation, "h2", 0, side => (side.LocalPending, side.Unacknowledged) = node == "h2" ? (2, 2) : (0, 0));

        var problem = Assert.Single(Problems(situation));

        Assert.Equal((DrbdProblemKind.Stalled, remedy), (problem.Kind, problem.Remedy));
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Suspended_IO_is_a_problem() => Assert.Equal("h1/0 IOSuspended", Told(situation => Each(situation, "h1", 0, side => side.IOSuspended = true)));

    [Fact]
    public void A_resync_that_moves_again_is_none_though_DRBD_still_calls_it_stalled()
    {
        var situation = DrbdScene.Named("02-resyncing").Situation();
        foreach (var (node, minor) in new[] { ("h1", 0), ("h2", 0) })
        {
            Each(situation, node, minor, side => side.ResyncRemark = "stalled");
        }

        Assert.Empty(Problems(situation));
    }

    [Fact]
    public void A_resync_whose_disk_hangs_is_stalled_though_requests_go_on_passing_the_network()
    {
        var problem = Problems(DrbdScene.Named("02d-resync-stalled").Situation()).Single(problem => problem.Kind == DrbdProblemKind.ResyncStalled);

        Assert.Equal(("h1/drbd2", "Get-DrbdDevice h1 -Minor 2 | Dismount-DrbdDisk"), (problem.Id, problem.Remedy));
        Assert.Contains("the disk on h1 does not answer", problem.Message, StringComparison.Ordinal);
        Assert.Contains("DRBD calls it stalled: no progress for three minutes", problem.Evidence!);
    }

    [Fact]
    public void A_resync_that_waits_for_another_one_is_none()
    {
        var situation = DrbdScene.Named("02b-resync-paused").Situation();
        Each(situation, "h1", 0, side => side.ResyncSuspended = "dependency");

        Assert.DoesNotContain(Problems(situation), problem => problem.Kind == DrbdProblemKind.ResyncPaused);
    }

    [Fact]
    public void A_split_brain_shows_who_wrote_since_when_and_what_would_be_lost()
    {
        var situation = DrbdScene.Named("06-split-brain").Situation();
        var problem = Problems(situation)[0];

        Assert.Equal(("Resolve-DrbdSplitBrain vm1 -DiscardNode h2", DrbdSeverity.Critical), (problem.Remedy, problem.Severity));
        Assert.Contains("Generation identifiers: DRBD's own rule 90 calls it a split brain.", problem.Evidence!);
        Assert.Contains(problem.Evidence!, line => line.Contains("h2's kernel", StringComparison.Ordinal) && line.Contains("Split-Brain detected but unresolved", StringComparison.Ordinal));
        Assert.Contains(problem.Evidence!, line => line.StartsWith("h1 has generation 2EC66CD9620E58DF", StringComparison.Ordinal));
        Assert.Contains("Discarding h2 loses what was written there alone, at most 8 MiB; h1's data stays.", problem.Evidence!);
    }

    [Fact]
    public void Of_a_split_brain_the_side_on_which_the_guest_runs_is_not_the_one_to_give_up()
    {
        var problem = Problems(With(DrbdScene.Named("06-split-brain").Situation(), "h2", "/dev/drbd0\tprocess\t765\tqemu-system-x86"))[0];

        Assert.Equal("Resolve-DrbdSplitBrain vm1 -DiscardNode h1", problem.Remedy);
        Assert.Contains(problem.Evidence!, line => line.StartsWith("h2: the guest runs here", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_a_split_brain_in_which_one_side_wrote_nothing_an_activation_comes_first()
    {
        var situation = DrbdScene.Named("06-split-brain").Situation();
        Each(situation, "h2", 0, side => (side.Role, side.OutOfSync) = (DrbdRole.Secondary, 0));

        Assert.Equal("Enable-GntDisk vm1", Problems(situation)[0].Remedy);
    }

    [Fact]
    public void Sides_that_only_lost_each_other_are_no_split_brain_whatever_the_log_once_said()
    {
        var situation = DrbdScene.Named("03b-cut-after-writes").Situation();
        var old = new DrbdNode { Name = "h1", Devices = situation.First.First().Devices, Log = DrbdKernelLog.Parse("[ 1.0] block drbd0: Split-Brain detected but unresolved, dropping connection!") };

        var problems = Problems(situation with { First = [old, situation.First.Last()] });

        Assert.All(problems, problem => Assert.Equal(DrbdProblemKind.WaitingForConnection, problem.Kind));
        Assert.All(problems, problem => Assert.Contains(problem.Evidence!, line => line == "Generation identifiers: h1 is newer and will be copied to h2."));
        Assert.Contains(" MiB written here are there once only", problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_that_have_nothing_in_common_are_told_as_such()
    {
        var situation = DrbdScene.Named("03b-cut-after-writes").Situation();
        Each(situation, "h2", 0, side => side.Generation = DrbdGeneration.Parse("1111111111111110:0000000000000000:2222222222222222:3333333333333332:1:1:0:0:0:0:0"));

        Assert.Equal("h1/0 UnrelatedData, h2/0 UnrelatedData", DrbdScene.Told(DrbdDiagnosis.Of(situation)));
    }

    [Fact]
    public void Both_sides_Primary_is_none_while_a_migration_runs()
    {
        var situation = DrbdScene.Named("01c-1-dual").Situation();

        Assert.Equal(["Repair-GntMigration vm1", "Repair-GntMigration vm1"], Problems(situation).Where(problem => problem.Kind == DrbdProblemKind.DualPrimary).Select(problem => problem.Remedy));
        Assert.DoesNotContain(Problems(situation with { Jobs = [Job("OP_INSTANCE_MIGRATE", "vm1")] }), problem => problem.InstanceName == "vm1" && problem.Kind == DrbdProblemKind.DualPrimary);
        Assert.Contains(Problems(situation with { Jobs = [Job("OP_INSTANCE_MIGRATE", "vm2")] }), problem => problem.Kind == DrbdProblemKind.DualPrimary);
        Assert.Contains(Problems(situation with { Jobs = [Job("OP_INSTANCE_MIGRATE", "vm1", GntJobStatus.waiting)] }), problem => problem.Kind == DrbdProblemKind.DualPrimary);
    }

    [Fact]
    public void A_connection_that_a_young_job_leaves_apart_is_none_and_one_that_an_old_job_leaves_is()
    {
        var situation = DrbdScene.Named("03-cut-on-one-peer").Situation();
        var job = Job("OP_INSTANCE_REPLACE_DISKS", "vm1");
        job.Started = DateTimeOffset.UnixEpoch;

        Assert.Empty(Problems(situation with { Jobs = [job] }));

        job.Started = DateTimeOffset.UnixEpoch - TimeSpan.FromMinutes(3);
        Assert.Equal(2, Problems(situation with { Jobs = [job] }).Count);
        Assert.All(Problems(situation with { Jobs = [job] }), problem => Assert.Contains("Job 17 is running: INSTANCE_X(vm1)", problem.Evidence!));
    }

    [Fact]
    public void A_stopped_guest_whose_disks_are_down_has_nothing_wrong()
    {
        var situation = DrbdScene.Named("11-no-minors").Situation() with { Guests = DrbdScene.Guests(disksActive: false, GntAdminState.down) };

        Assert.All(DrbdDiagnosis.Of(situation), mirror => Assert.True(mirror is { Sides: [], IsHealthy: true, IsInSync: true }));
        Assert.Equal(3, DrbdDiagnosis.Of(situation).Count);
    }

    [Fact]
    public void A_stopped_guest_whose_disks_are_active_is_looked_after_all_the_same() =>
        Assert.Equal(6, Problems(DrbdScene.Named("11-no-minors").Situation() with { Guests = DrbdScene.Guests(disksActive: true, GntAdminState.down) }).Count(problem => problem.Kind == DrbdProblemKind.MinorMissing));

    [Fact]
    public void Minors_that_a_stopped_guest_left_are_told_and_who_holds_them()
    {
        var situation = Healthy() with { Guests = DrbdScene.Guests(disksActive: false, GntAdminState.down) };

        Assert.Equal("h1/0 MinorLeftOver, h1/1 MinorLeftOver, h1/2 MinorLeftOver, h2/0 MinorLeftOver, h2/1 MinorLeftOver, h2/4 MinorLeftOver", DrbdScene.Told(DrbdDiagnosis.Of(situation)));
        Assert.Equal("Disable-GntDisk vm1", Problems(situation)[0].Remedy);

        var held = Problems(With(situation, "h1", "/dev/drbd1\tmapping\t\tvm1-p1")).Single(problem => problem.Kind == DrbdProblemKind.HeldOpen);
        Assert.Equal(("h1/drbd1", "Get-DrbdDevice h1 -Minor 1 | Get-BlockHolder", DrbdSeverity.Warning), (held.Id, held.Remedy, held.Severity));
        Assert.Contains("device-mapper's vm1-p1", held.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("process\t765\tqemu-system-x86", "")]
    [InlineData("process\t9\tdd", "")]
    [InlineData("mapping\t\tvm1-p1", "Warning")]
    [InlineData("mount\t\t/mnt", "Error")]
    public void A_running_guests_device_is_held_open_by_others_only_where_it_hurts(string holder, string severity) =>
        Assert.Equal(severity, string.Join(' ', Problems(With(Healthy(), "h1", $"/dev/drbd0\t{holder}")).Select(problem => problem.Severity)));

    [Fact]
    public void What_the_recorded_scenes_of_held_devices_have_is_seen()
    {
        // kpartx: no process holds it, the holders of /sys alone tell.
        var log = DrbdScene.Named("10-down-refused-held-open").Situation();
        var problem = Assert.Single(Problems(With(log, "h1", "/dev/drbd1\tmapping\t\tdrbd1p1")));

        Assert.Contains(problem.Evidence!, line => line.Contains("State change failed: Device is held open by someone", StringComparison.Ordinal));
    }

    [Fact]
    public void A_guest_that_is_meant_to_run_with_disks_that_Ganeti_holds_for_inactive_is_told_once_a_disk() =>
        Assert.Equal("h1/0 DisksInactive, h1/1 DisksInactive, h2/4 DisksInactive", DrbdScene.Told(DrbdDiagnosis.Of(Healthy() with { Guests = DrbdScene.Guests(disksActive: false) })));

    [Fact]
    public void A_minor_that_is_no_guests_is_told_on_both_nodes_unless_a_job_is_making_disks()
    {
        var situation = Healthy() with { Mirrors = [.. DrbdScene.Mirrors.Where(mirror => mirror.InstanceName == "vm1")] };

        Assert.Equal("h1/2 MinorWithoutInstance, h2/4 MinorWithoutInstance", DrbdScene.Told(DrbdDiagnosis.Of(situation)));
        Assert.Equal("Get-DrbdDevice h1 -Minor 2 | Disable-DrbdDevice", Problems(situation)[0].Remedy);
        Assert.Equal("Get-DrbdDevice h1 -Minor 2 | Get-BlockHolder", Problems(With(situation, "h1", "/dev/drbd2\tmapping\t\tx"))[0].Remedy);
        Assert.Empty(Problems(situation with { Jobs = [Job("OP_INSTANCE_CREATE", "vm9")] }));
    }

    [Fact]
    public void Without_the_configuration_sides_are_paired_by_their_ports_and_no_minor_is_a_stranger()
    {
        Assert.Empty(Problems(Healthy() with { Mirrors = null }));
        Assert.Equal("h1/0 WaitingForConnection, h2/0 WaitingForConnection", DrbdScene.Told(DrbdDiagnosis.Of(DrbdScene.Named("03-cut-on-one-peer").Situation() with { Mirrors = null })));

        // The other node answered, and has no such minor.
        var one = Assert.Single(Problems(DrbdScene.Named("11c-one-down").Situation() with { Mirrors = null }));
        Assert.Equal("h1/drbd1", one.Id);
        Assert.Contains("there is no minor there", one.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_side_that_is_set_up_otherwise_than_Ganeti_has_it_is_told_in_detail()
    {
        var situation = Healthy() with
        {
            Mirrors = [.. DrbdScene.Mirrors[..3].Select(mirror => mirror.DiskIndex == 1 ? mirror with { Port = 11009, BackingDevice = "/dev/kvmvg/other" } : mirror)],
            Nodes = [.. DrbdScene.Nodes.Select(node => new GntNode { Name = node.Name, SecondaryIPAddress = node.Name == "h2" ? "192.168.77.3" : node.SecondaryIPAddress })],
        };
        var problem = Problems(situation).First(problem => problem.Id == "h1/drbd1");

        Assert.Equal((DrbdProblemKind.ConfigurationMismatch, "Enable-GntDisk vm1"), (problem.Kind, problem.Remedy));
        Assert.Contains("port 11001 instead of 11009", problem.Message, StringComparison.Ordinal);
        Assert.Contains("its peer is 192.168.77.2 instead of h2's 192.168.77.3", problem.Message, StringComparison.Ordinal);
        Assert.Contains("instead of /dev/kvmvg/other", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Primary_where_Ganeti_does_not_have_the_guest_is_told_where_it_runs()
    {
        var situation = Healthy() with { Mirrors = [.. DrbdScene.Mirrors[..3].Select(mirror => mirror.InstanceName == "vm2" ? mirror with { Primary = mirror.Secondary, Secondary = mirror.Primary } : mirror)] };
        var problem = Assert.Single(Problems(With(situation, "h2", "/dev/drbd4\tprocess\t765\tqemu-system-x86")));

        Assert.Equal((DrbdProblemKind.RoleMismatch, "h2/drbd4", "Move-GntInstance vm2 -Cleanup"), (problem.Kind, problem.Id, problem.Remedy));
        Assert.Contains("the guest really runs on h2", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Diskless", "UpToDate", "h1/0 SidesDisagree, h2/0 SidesDisagree")]
    [InlineData("UpToDate", "UpToDate", "")]
    public void What_the_sides_say_of_each_other_must_be_the_same(string peerDisk, string disk, string problems)
    {
        var situation = Healthy();
        Each(situation, "h1", 0, side => side.PeerDiskState = Enum.Parse<DrbdDiskState>(peerDisk));
        Each(situation, "h2", 0, side => side.DiskState = Enum.Parse<DrbdDiskState>(disk));

        Assert.Equal(problems, DrbdScene.Told(DrbdDiagnosis.Of(situation)));
    }

    [Theory]
    [InlineData("Failed", "h2/0 Failed")]
    [InlineData("Outdated", "h2/0 Outdated")]
    [InlineData("Inconsistent", "h2/0 Inconsistent")]
    public void A_disk_that_is_not_up_to_date_without_a_resync_is_a_problem(string state, string problems)
    {
        var situation = Healthy();
        Each(situation, "h2", 0, side => (side.DiskState, side.DiskStateText) = (Enum.Parse<DrbdDiskState>(state), state));
        Each(situation, "h1", 0, side => (side.PeerDiskState, side.PeerDiskStateText) = (Enum.Parse<DrbdDiskState>(state), state));

        Assert.Equal(problems, DrbdScene.Told(DrbdDiagnosis.Of(situation)));
    }

    [Fact]
    public void What_is_in_one_sample_only_is_no_problem_yet()
    {
        var situation = Healthy() with { First = DrbdScene.Named("03-cut-on-one-peer").Situation().First };

        Assert.Empty(Problems(situation));
    }

    [Fact]
    public void A_node_that_was_not_reached_leaves_its_sides_unknown_and_is_why_the_others_wait()
    {
        var apart = DrbdScene.Named("03-cut-on-one-peer").Situation();
        apart = apart with { First = [apart.First.First()], Second = [apart.Second.First()] };

        Assert.Equal("h1/0 WaitingForConnection, h1/1 OtherSideUnknown, h1/2 OtherSideUnknown", DrbdScene.Told(DrbdDiagnosis.Of(apart)));
        var problem = Problems(apart)[0];
        Assert.Equal("Get-GntNode h2", problem.Remedy);
        Assert.Contains("h2/drbd0: not known, h2 was not reached", problem.Evidence!);

        // One that is marked offline will not come back soon: its side has to go elsewhere.
        var offline = apart with { Nodes = [.. DrbdScene.Nodes.Select(node => new GntNode { Name = node.Name, SecondaryIPAddress = node.SecondaryIPAddress, Offline = node.Name == "h2" })] };
        Assert.Equal("Move-GntDisk vm1 -Allocator hail", Problems(offline)[0].Remedy);

        var nothing = Assert.Single(Problems(apart with { First = [], Second = [] }), problem => problem.InstanceName == "vm2");
        Assert.Equal((DrbdProblemKind.OtherSideUnknown, "Get-GntNode h2, h1"), (nothing.Kind, nothing.Remedy));
    }

    [Fact]
    public void Hundreds_of_mirrors_take_no_time()
    {
        var proc = new System.Text.StringBuilder("version: 8.4.11 (api:1/proto:86-101)\nsrcversion: B536C32A3EADA868561EFD9 \n");
        for (var minor = 0; minor < 500; minor++)
        {
            proc.Append(System.Globalization.CultureInfo.InvariantCulture, $"{minor,2}: cs:WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C r-----\n    ns:1 nr:0 dw:40960 dr:1572864 al:18 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:1280\n");
        }

        var mirrors = Enumerable.Range(0, 500).Select(minor => new DrbdMirror { InstanceName = $"vm{minor}", DiskIndex = 0, Primary = ("h1", minor), Secondary = ("h2", minor), Port = 11000 + minor }).ToArray();
        DrbdNode[] Sample() => [DrbdNode.Read("h1", proc.ToString()), DrbdNode.Read("h2", proc.ToString().Replace("Primary/", "Secondary/", StringComparison.Ordinal))];
        var clock = System.Diagnostics.Stopwatch.StartNew();

        var found = DrbdDiagnosis.Of(new DrbdSituation { Mirrors = mirrors, First = Sample(), Second = Sample() });

        Assert.Equal((500, 1000), (found.Count, found.Sum(mirror => mirror.Problems.Length)));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}");
    }

    private static DrbdSituation Healthy() => DrbdScene.Named("01-healthy").Situation();

    private static IReadOnlyList<DrbdProblem> Problems(DrbdSituation situation) => [.. DrbdDiagnosis.Of(situation).SelectMany(mirror => mirror.Sides!).SelectMany(side => side.Problems!)];

    private static string Told(Action<DrbdSituation> change)
    {
        var situation = Healthy();
        change(situation);
        return DrbdScene.Told(DrbdDiagnosis.Of(situation));
    }

    private static void Each(DrbdSituation situation, string node, int minor, Action<DrbdDevice> change)
    {
        foreach (var side in situation.First.Concat(situation.Second).Where(sample => sample.Name == node).SelectMany(sample => sample.Devices).Where(device => device.Minor == minor))
        {
            change(side);
        }
    }

    private static void Connected(DrbdSituation situation, string node, int minor) => Each(situation, node, minor, side =>
    {
        side.SetConnection("Connected");
        side.SetReplication("Established");
        side.SetRoles("Secondary", "Primary");
        side.SetDisks("UpToDate", "UpToDate");
    });

    // The same first sample, with somebody who holds a device open.
    private static DrbdSituation With(DrbdSituation situation, string node, string holder) => situation with
    {
        First = [.. situation.First.Select(sample => sample.Name == node ? new DrbdNode { Name = node, Devices = sample.Devices, Log = sample.Log, Clock = sample.Clock, Holders = [DrbdHolder.Parse(holder)!] } : sample)],
    };

    private static GntJob Job(string operation, string guest, GntJobStatus status = GntJobStatus.running) => new()
    {
        Id = 17,
        Status = status,
        Summary = [$"INSTANCE_X({guest})"],
        Operations = [new GntJobOperation { OpId = operation, Parameters = new GntParameters { ["instance_name"] = guest } }],
    };

    [GeneratedRegex(@"\b[A-Z][a-z]+-(Gnt|Drbd|Block)[A-Za-z]+", RegexOptions.CultureInvariant)]
    private static partial Regex Cmdlet();
}
