using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

/// <summary>Migrations of a real QEMU guest on real DRBD that hang, put right.</summary>
[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class MigrationRepairTests
{
    // The data socket loses its packets, for good, and the guest has written something.
    private const string Stall = """
        port=$1
        set -- $(ss -tniOH state established "( sport = :$port or dport = :$port )" | awk '{b=0; for(i=1;i<=NF;i++) if ($i ~ /^bytes_sent:/) {split($i,x,":"); b=x[2]} if (b>=m) {m=b; l=$3; r=$4}} END {sub(/.*:/,"",l); sub(/.*:/,"",r); print l, r}')
        iptables -I OUTPUT -p tcp --sport $1 --dport $2 -m comment --comment migration-test -j DROP
        iptables -I INPUT -p tcp --sport $2 --dport $1 -m comment --comment migration-test -j DROP
        disk=$(echo 'info block' | socat -t 1 - UNIX-CONNECT:/run/ganeti/kvm-hypervisor/ctrl/kvm1.lab.example.monitor | tr -d '\r' | sed -n 's/^\(disk-[^ :]*\).*/\1/p' | head -n 1)
        echo "qemu-io $disk \"aio_write -q 32M 64k\"" | socat -t 1 - UNIX-CONNECT:/run/ganeti/kvm-hypervisor/ctrl/kvm1.lab.example.monitor >/dev/null
        """;

    // What is sent gets lost on the way, whatever the connection: the resync at the end of the migration stands still.
    private const string LoseData = """
        gnt-instance migrate -f --submit kvm1
        until grep -q "^ *$3: cs:Connected ro:Primary/Primary" /proc/drbd; do sleep 0.3; done
        for end in --sport --dport; do iptables -A OUTPUT -p tcp -d "$2" $end "$1" -m length --length 200:65535 -m comment --comment migration-test -j DROP; done
        disk=$(echo 'info block' | socat -t 1 - UNIX-CONNECT:/run/ganeti/kvm-hypervisor/ctrl/kvm1.lab.example.monitor | tr -d '\r' | sed -n 's/^\(disk-[^ :]*\).*/\1/p' | head -n 1)
        echo "qemu-io $disk \"aio_write -q 32M 64k\"" | socat -t 1 - UNIX-CONNECT:/run/ganeti/kvm-hypervisor/ctrl/kvm1.lab.example.monitor >/dev/null
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

    private (DrbdDevice Home, DrbdDevice Away) Sides()
    {
        var sides = _engine.Run("Get-DrbdDevice -Instance kvm1").Succeeded().Of<DrbdDevice>();
        return (sides.Single(side => side.ConfiguredRole == DrbdRole.Primary), sides.Single(side => side.ConfiguredRole == DrbdRole.Secondary));
    }

    private GntRepairStep[] Repair(string guest) => [.. _engine.Run($"Repair-GntMigration {guest}").Succeeded().Of<GntRepairStep>()];

    private void AssertIsWell(string node)
    {
        Assert.Equal([(node, DrbdRole.Primary), (Sides().Away.Node!, DrbdRole.Secondary)], _engine.Run("Get-DrbdDevice -Instance kvm1").Succeeded().Of<DrbdDevice>().OrderBy(side => side.Role).Select(side => (side.Node!, side.Role!.Value)));
        Assert.Equal(["True"], _engine.Run("Test-GntMirror -Instance kvm1 -Quiet").Succeeded().Of<bool>().Select(well => well.ToString()));
        Assert.Empty(_engine.Run("Get-DrbdConnectionReset").Succeeded().Output);
        Assert.Equal((GntInstanceStatus.running, node), _engine.Run("Get-GntInstance kvm1").Succeeded().Of<GntInstance>().Select(guest => (guest.Status!.Value, guest.PrimaryNode!)).Single());
    }
}
