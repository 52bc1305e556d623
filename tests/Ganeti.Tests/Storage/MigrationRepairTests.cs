using System.Globalization;
using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

/// <summary>Migrations of a real QEMU guest on real DRBD that hang, put right.</summary>
[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class MigrationRepairTests
{
    // The data socket loses its packets, for good, and the guest has written something.
    private const string Stall = MirrorLab.LoseDataSocket + """
        monitor=/run/ganeti/kvm-hypervisor/ctrl/kvm1.lab.example.monitor
        disk=$(echo 'info block' | socat -t 1 - UNIX-CONNECT:$monitor | tr -d '\r' | sed -n 's/^\(disk-[^ :]*\).*/\1/p' | head -n 1)
        echo "qemu-io $disk \"write -q 16M 8M\"" | socat -t 5 - UNIX-CONNECT:$monitor >/dev/null
        lose_data_socket "$1" migration-test
        echo "qemu-io $disk \"aio_write -q 32M 64k\"" | socat -t 1 - UNIX-CONNECT:$monitor >/dev/null
        """;

    // What is sent gets lost on the way, whatever the connection: the resync at the end of the migration stands still.
    private const string LoseData = """
        gnt-instance migrate -f --submit kvm1
        until grep -q "^ *$3: cs:Connected ro:Primary/Primary" /proc/drbd; do sleep 0.3; done
        for end in --sport --dport; do iptables -A OUTPUT -p tcp -d "$2" $end "$1" -m length --length 200:65535 -m comment --comment migration-test -j DROP; done
        disk=$(echo 'info block' | socat -t 1 - UNIX-CONNECT:/run/ganeti/kvm-hypervisor/ctrl/kvm1.lab.example.monitor | tr -d '\r' | sed -n 's/^\(disk-[^ :]*\).*/\1/p' | head -n 1)
        echo "qemu-io $disk \"aio_write -q 32M 64k\"" | socat -t 1 - UNIX-CONNECT:/run/ganeti/kvm-hypervisor/ctrl/kvm1.lab.example.monitor >/dev/null
        """;

    // The guest writes its 40 MiB again and again, where it waited for its power button (tests/lab/guest.s), and what is sent is held back. Emulated in an emulation it
    // would take its node's only processor from Ganeti.
    private const string Busy = """
        set -e
        python3 - "/dev/drbd$1" <<'END'
        import mmap, os, sys
        disk = os.open(sys.argv[1], os.O_RDWR | os.O_DIRECT)
        sector = mmap.mmap(-1, 4096)
        os.preadv(disk, [sector], 0)
        fill, wait = sector[:512].index(bytes.fromhex("66bf00001000")), sector[:512].index(bytes.fromhex("ba0206"))
        sector[wait:wait + 3] = b"\xe9" + ((fill - wait - 3) & 0xffff).to_bytes(2, "little")
        os.pwritev(disk, [sector], 0)
        END
        for task in /proc/$(cat /run/ganeti/kvm-hypervisor/pid/kvm1.lab.example)/task/*; do renice -n 5 -p "${task##*/}" >/dev/null; done
        echo system_reset | socat -t 1 - UNIX-CONNECT:/run/ganeti/kvm-hypervisor/ctrl/kvm1.lab.example.monitor >/dev/null
        """;

    private const string Calm = """
        set -e
        python3 - "/dev/drbd$1" <<'END'
        import mmap, os, sys
        disk = os.open(sys.argv[1], os.O_RDWR | os.O_DIRECT)
        sector = mmap.mmap(-1, 4096)
        os.preadv(disk, [sector], 0)
        wait = sector[:512].index(bytes.fromhex("e9d5ff"))
        sector[wait:wait + 3] = bytes.fromhex("ba0206")
        os.pwritev(disk, [sector], 0)
        END
        echo system_reset | socat -t 1 - UNIX-CONNECT:/run/ganeti/kvm-hypervisor/ctrl/kvm1.lab.example.monitor >/dev/null
        """;

    // Its process stands still in the middle, with both sides Primary; and when it is killed, something else keeps it alive for the master, for as long as that runs.
    private const string Freeze = """
        id=$(gnt-instance migrate -f --submit kvm1 2>&1 | grep -o '[0-9]*$')
        until grep -q "^ *$1: cs:Connected ro:Primary/Primary" /proc/drbd; do sleep 0.3; done
        kill -STOP "$(grep -o '"process_id": *[0-9]*' "/var/lib/ganeti/queue/job-$id" | grep -o '[0-9]*$')"
        python3 - "$(grep -o '/[^"]*/livelocks/[^"]*' "/var/lib/ganeti/queue/job-$id")" "$(pidof ganeti-luxid)" >/dev/null 2>&1 <<'END' &
        import fcntl, os, sys, time
        lock = open(sys.argv[1], "r+")
        fcntl.lockf(lock, fcntl.LOCK_EX)
        while os.path.exists("/proc/" + sys.argv[2]):
            time.sleep(1)
        END
        echo "$id"
        """;

    private const string Heal = "iptables-save | grep -v migration-test | iptables-restore";

    private static readonly Lazy<(PowerShellEngine Engine, GntConnection Connection)> Shared = new(MirrorLab.Connected);

    private readonly PowerShellEngine _engine;

    public MigrationRepairTests()
    {
        MirrorLab.Require();
        _engine = Shared.Value.Engine;
    }

    [Fact]
    public void A_healthy_guest_needs_one_look()
    {
        Assert.Equal([GntRepairAction.Look, GntRepairAction.Done], Repair("kvm1").Select(step => step.Action!.Value));
        Assert.Empty(_engine.Run("Repair-GntMigration kvm1 -Plan").Succeeded().Output);
        _engine.Run("Repair-GntMigration vm3").FailedWith("StateWrong");
    }

    [Fact]
    public void Replication_that_stalls_with_both_sides_Primary_is_held_down_until_one_is_Secondary()
    {
        var (home, away) = Sides();
        var (here, there) = (home.Node!.Split('.')[0], away.Node!.Split('.')[0]);
        Lab.Exec(here, "drbdsetup", "net-options", $"ipv4:{home.LocalAddress}:{home.Port}", $"ipv4:{home.PeerAddress}:{home.Port}", "--allow-two-primaries=yes", "--ko-count=0");
        Lab.Exec(there, "drbdsetup", "net-options", $"ipv4:{away.LocalAddress}:{away.Port}", $"ipv4:{away.PeerAddress}:{away.Port}", "--allow-two-primaries=yes", "--ko-count=0");
        Lab.Exec(there, "drbdsetup", "primary", $"{away.Minor}");
        Lab.Exec(here, "sh", "-c", Stall, "sh", $"{home.Port}");
        try
        {
            // It alone would split them.
            Assert.Contains("Repair-GntMigration kvm1.lab.example", _engine.Run($"Reset-DrbdConnection kvm1 -Confirm:$false").FailedWith("DrbdDualPrimary").Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);

            var steps = Repair("kvm1");

            Assert.Equal(GntRepairAction.Done, steps[^1].Action);
            Assert.Contains(steps, step => step is { Action: GntRepairAction.HoldConnection });
            Assert.Contains(steps, step => step is { Action: GntRepairAction.Cleanup, CommandLine: "gnt-instance migrate -f --cleanup kvm1.lab.example" });
            Assert.Contains(steps, step => step is { Action: GntRepairAction.ReleaseConnection });
        }
        finally
        {
            Lab.Exec(here, "sh", "-c", Heal);
        }

        AssertIsWell(home.Node!);
    }

    [Fact]
    [Trait("Pace", "long")]
    public async Task A_migration_that_hangs_in_its_resync_is_told_as_what_it_is_and_put_right_once_the_network_is()
    {
        var (home, _) = Sides();
        var here = home.Node!.Split('.')[0];
        Lab.Exec(here, "sh", "-c", LoseData, "sh", $"{home.Port}", home.PeerAddress!, $"{home.Minor}");
        try
        {
            // Ganeti gives the migration up and then waits for a resync that never comes.
            var until = DateTimeOffset.Now.AddMinutes(6);
            while (_engine.Run("Get-GntInstance kvm1 | Get-GntJob -Status running").Of<GntJob>() is not [{ } job] || job.Log.LastOrDefault()?.Message?.Contains("progress: 0.0%", StringComparison.Ordinal) != true)
            {
                Assert.True(DateTimeOffset.Now < until);
                await Task.Delay(2000, TestContext.Current.CancellationToken);
            }

            var outcome = _engine.Run("Get-GntInstance kvm1 | Get-GntJob -Status running | Repair-GntMigration");

            Assert.Contains("what is sent gets lost on the way", outcome.FailedWith("MigrationNotRepaired").Error.ToString(), StringComparison.Ordinal);
            Assert.Equal(2, outcome.Of<GntRepairStep>().Count(step => step.Action == GntRepairAction.ResetConnection));
        }
        finally
        {
            Lab.Exec(here, "sh", "-c", Heal);
        }

        var steps = Repair("kvm1");

        Assert.Equal(GntRepairAction.Done, steps[^1].Action);
        AssertIsWell(steps[^1].Outcome!.Contains($"configured on {home.Node}", StringComparison.Ordinal) ? home.Node! : Sides().Home.Node!);
    }

    [Fact]
    [Trait("Pace", "long")]
    public void A_memory_transfer_that_never_comes_to_its_end_is_cancelled_and_the_guest_stays_where_it_is()
    {
        var home = Sides().Home;
        var here = home.Node!.Split('.')[0];
        Lab.Exec("g1", "gnt-cluster", "modify", "-H", "kvm:migration_bandwidth=1");
        Lab.Exec(here, "sh", "-c", Busy, "sh", $"{home.Minor}");
        try
        {
            Lab.Exec("g1", "gnt-instance", "migrate", "-f", "--submit", "kvm1");

            var steps = Repair("kvm1", "-Force");

            var cancel = Assert.Single(steps, step => step.Action == GntRepairAction.CancelTransfer);
            Assert.True(cancel.Transfer!.IsDiverging);
            Assert.Contains("migration_downtime", cancel.Reason, StringComparison.Ordinal);
            Assert.DoesNotContain(steps, step => step.Action == GntRepairAction.KillJob);
            Assert.Equal(GntRepairAction.Done, steps[^1].Action);
        }
        finally
        {
            // Else a transfer that still goes on would keep the next from being asked for.
            Lab.Exec(here, "sh", "-c", Calm, "sh", $"{home.Minor}");
            Lab.Exec("g1", "gnt-cluster", "modify", "-H", "kvm:migration_bandwidth=32");
        }

        AssertIsWell(home.Node!);
    }

    [Fact]
    [Trait("Pace", "long")]
    public void A_job_in_which_nothing_moves_is_killed_and_the_daemons_are_restarted_when_it_does_not_leave_the_queue()
    {
        var (home, away) = Sides();
        // The master.
        var minor = home.Node == "g1.lab.example" ? home.Minor : away.Minor;
        var id = long.Parse(Lab.Exec("g1", "sh", "-c", Freeze, "sh", $"{minor}").Trim(), CultureInfo.InvariantCulture);

        var steps = Repair("kvm1", "-Force");

        Assert.Equal(
            [GntRepairAction.KillJob, GntRepairAction.RestartDaemons, GntRepairAction.Cleanup, GntRepairAction.Done],
            steps.Select(step => step.Action!.Value).Where(action => action is not (GntRepairAction.Look or GntRepairAction.WaitForJob)));
        Assert.True(_engine.Run($"(Get-GntJob {id}).IsFinished").Succeeded().One<bool>());
        // QEMU may have come to its end before or after the job was frozen.
        AssertIsWell(Sides().Home.Node!);
    }

    private (DrbdDevice Home, DrbdDevice Away) Sides()
    {
        var sides = _engine.Run("Get-DrbdDevice -Instance kvm1").Succeeded().Of<DrbdDevice>();
        return (sides.Single(side => side.ConfiguredRole == DrbdRole.Primary), sides.Single(side => side.ConfiguredRole == DrbdRole.Secondary));
    }

    private GntRepairStep[] Repair(string guest, string options = "") => [.. _engine.Run($"Repair-GntMigration {guest} {options}").Succeeded().Of<GntRepairStep>()];

    private void AssertIsWell(string node)
    {
        Assert.Equal([(node, DrbdRole.Primary), (Sides().Away.Node!, DrbdRole.Secondary)], _engine.Run("Get-DrbdDevice -Instance kvm1").Succeeded().Of<DrbdDevice>().OrderBy(side => side.Role).Select(side => (side.Node!, side.Role!.Value)));
        Assert.Equal(["True"], _engine.Run("Test-GntMirror -Instance kvm1 -Quiet").Succeeded().Of<bool>().Select(well => well.ToString()));
        Assert.Empty(_engine.Run("Get-DrbdConnectionReset").Succeeded().Output);
        Assert.Equal((GntInstanceStatus.running, node), _engine.Run("Get-GntInstance kvm1").Succeeded().Of<GntInstance>().Select(guest => (guest.Status!.Value, guest.PrimaryNode!)).Single());
    }
}
