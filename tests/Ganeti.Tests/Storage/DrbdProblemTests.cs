using System.Globalization;
using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

/// <summary>What is wrong is made wrong on real DRBD, told, cured by the hands that there are, and gone.</summary>
/// <remarks>vm1 has a disk on minor and port of its own for each kind of damage; its hypervisor opens none of them. kvm1 is a real QEMU guest.</remarks>
[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class DrbdProblemTests
{
    private static readonly Lazy<(PowerShellEngine Engine, GntConnection Connection)> Shared = new(MirrorLab.Connected);

    private static readonly Lazy<DrbdDevice[]> Sides = new(() => [.. Shared.Value.Engine.Run("Get-DrbdDevice -Instance vm1").Succeeded().Of<DrbdDevice>()]);

    private const string Stall = MirrorLab.LoseDataSocket + """
        dd if=/dev/zero of=$2 bs=1M count=8 oflag=direct 2>/dev/null
        lose_data_socket "$1" stall-test
        setsid dd if=/dev/zero of=$2 bs=64k count=4 oflag=direct > /dev/null 2>&1 < /dev/null &
        """;

    private readonly PowerShellEngine _engine;
    private readonly GntConnection _connection;

    public DrbdProblemTests()
    {
        MirrorLab.Require();
        (_engine, _connection) = Shared.Value;
    }

    [Fact]
    public void A_healthy_lab_has_no_problems_and_that_takes_two_calls_a_node()
    {
        Assert.Empty(_engine.Run("Get-DrbdDevice -Problem").Succeeded().Output);

        var outcome = _engine.Run("Test-GntMirror -Verbose").Succeeded();

        Assert.Equal(
            ["kvm1.lab.example/disk/0 True True", "vm1.lab.example/disk/0 True True", "vm1.lab.example/disk/1 True True", "vm2.lab.example/disk/0 True True"],
            outcome.Of<GntMirror>().Select(mirror => $"{mirror} {mirror.IsHealthy} {mirror.IsInSync}"));
        Assert.All(MirrorLab.Nodes, node => Assert.Equal(2, outcome.Verbose.Count(line => line.Contains("/proc/drbd", StringComparison.Ordinal) && line.StartsWith(Short(node), StringComparison.Ordinal))));
        // A full queue would keep it waiting.
        Assert.DoesNotContain(outcome.Verbose, line => line.StartsWith("LUXI Submit", StringComparison.Ordinal));
        Assert.Single(outcome.Verbose, line => line.Contains("# configured", StringComparison.Ordinal));
        Assert.Equal([true, true, true], _engine.Run("Test-GntMirror -Quiet; Get-GntNode g1 | Test-GntMirror -Quiet -InSync; Test-GntMirror -Instance vm1 -Quiet").Succeeded().Of<bool>());
    }

    [Fact]
    [Trait("Pace", "long")]
    public async Task Apart_and_missing_sides_are_told_and_an_activation_cures_both()
    {
        var (gone, apart) = (Side("g1", 0), Side("g1", 1));
        await Node(apart, "drbdsetup", "disconnect", $"ipv4:{apart.LocalAddress}:{apart.Port}", $"ipv4:{apart.PeerAddress}:{apart.Port}");
        await Node(gone, "drbdsetup", "down", gone.ResourceName!);
        try
        {
            var problems = await Eventually("g1 vm1/0 MinorMissing, g1 vm1/1 StandAlone, g2 vm1/0 WaitingForConnection, g2 vm1/1 WaitingForConnection");

            Assert.All(problems.Where(problem => problem.DiskIndex == 0), problem => Assert.Equal("Enable-GntDisk vm1.lab.example", problem.Remedy));
            Assert.All(problems.Where(problem => problem.DiskIndex == 1), problem => Assert.Equal($"Get-DrbdDevice g1.lab.example -Minor {apart.Minor} | Connect-DrbdDevice", problem.Remedy));
            Assert.Contains(Of(problems, DrbdProblemKind.StandAlone).Evidence!, line => line.StartsWith("g1.lab.example's kernel, 20", StringComparison.Ordinal) && line.Contains("-> Disconnecting", StringComparison.Ordinal));

            // What is not there is told with what the configuration has of it; and the sick are sides like any other.
            var outcome = _engine.Run("Get-DrbdDevice g1 -Problem -OutVariable sick; $sick | Get-GntInstance -ConfigurationOnly; Test-GntMirror -Instance vm1 -Quiet").Succeeded();
            var written = outcome.Output.Select(item => item.BaseObject).ToArray();
            var missing = written.OfType<DrbdDevice>().Single(side => side.DiskIndex == 0);
            Assert.Equal((gone.Minor, null, gone.Port, "g2.lab.example"), (missing.Minor, missing.ConnectionState, missing.ConfiguredPort, missing.PeerNode));
            Assert.Equal("vm1.lab.example", written.OfType<GntInstance>().Select(guest => guest.Name).Distinct().Single());
            Assert.Equal([false], written.OfType<bool>());
        }
        finally
        {
            Activate("vm1");
        }

        await Eventually(string.Empty);
    }

    [Fact]
    public async Task A_lost_disk_two_Primaries_a_strange_minor_and_a_held_one_are_told_each_with_its_cure()
    {
        var (one, other, detached) = (Side("g1", 0), Side("g2", 0), Side("g1", 1));
        Activate("vm2");
        var held = _engine.Run("Get-DrbdDevice -Instance vm2").Succeeded().Of<DrbdDevice>().Single(found => Short(found.Node) == "g1");
        try
        {
            await Node(detached, "drbdsetup", "detach", Minor(detached));
            foreach (var side in new[] { one, other })
            {
                await Node(side, "drbdsetup", "net-options", $"ipv4:{side.LocalAddress}:{side.Port}", $"ipv4:{side.PeerAddress}:{side.Port}", "--allow-two-primaries=yes");
            }

            await Node(one, "drbdsetup", "primary", Minor(one));
            await Node(one, "drbdsetup", "new-resource", "stray");
            await Node(one, "drbdsetup", "new-minor", "stray", "99", "0");

            // No process has it.
            Lab.Exec("g1", "sh", "-c", $"echo 0 2048 linear {held.Device} 0 | dmsetup create held-by-test");

            var problems = await Eventually("g1 / MinorWithoutInstance, g1 vm1/0 DualPrimary, g1 vm1/1 Diskless, g1 vm2/0 HeldOpen, g2 vm1/0 DualPrimary");

            Assert.Equal("Get-DrbdDevice g1.lab.example -Minor 99 | Disable-DrbdDevice", Of(problems, DrbdProblemKind.MinorWithoutInstance).Remedy);
            Assert.Equal("Repair-GntMigration vm1.lab.example", Of(problems, DrbdProblemKind.DualPrimary).Remedy);
            Assert.Equal($"Get-DrbdDevice g1.lab.example -Minor {held.Minor} | Get-BlockHolder", Of(problems, DrbdProblemKind.HeldOpen).Remedy);
            Assert.Contains("device-mapper's held-by-test", Of(problems, DrbdProblemKind.HeldOpen).Evidence!);
            Assert.Equal($"Get-DrbdDevice g1.lab.example -Minor {detached.Minor} | Mount-DrbdDisk", Of(problems, DrbdProblemKind.Diskless).Remedy);
            Assert.Contains(Of(problems, DrbdProblemKind.Diskless).Evidence!, line => line.StartsWith("g1.lab.example is without a disk since 20", StringComparison.Ordinal));
        }
        finally
        {
            Lab.Exec("g1", "sh", "-c", $"dmsetup remove held-by-test; gnt-instance deactivate-disks vm2; drbdsetup down stray; drbdsetup secondary {Minor(one)}");
            foreach (var side in new[] { one, other })
            {
                await Node(side, "drbdsetup", "net-options", $"ipv4:{side.LocalAddress}:{side.Port}", $"ipv4:{side.PeerAddress}:{side.Port}", "--allow-two-primaries=no");
            }

            Activate("vm1");
        }

        await Eventually(string.Empty);
    }

    [Fact]
    [Trait("Pace", "long")]
    public async Task Disks_that_Ganeti_holds_for_inactive_and_what_a_verify_finds_are_told()
    {
        var (one, other) = (Side("g1", 1), Side("g2", 1));

        // QEMU keeps the Primary from going down; Ganeti has marked the disks by then, and taken the other side down.
        Lab.Exec("g1", "sh", "-c", "gnt-instance deactivate-disks --force kvm1 || true");
        foreach (var side in new[] { one, other })
        {
            await Node(side, "drbdsetup", "net-options", $"ipv4:{side.LocalAddress}:{side.Port}", $"ipv4:{side.PeerAddress}:{side.Port}", "--verify-alg=md5");
        }

        await Node(one, "dd", "if=/dev/urandom", $"of={one.BackingDevice}", "bs=4096", "count=16", "seek=64", "oflag=direct", "conv=notrunc", "status=none");
        await Node(other, "drbdsetup", "verify", Minor(other));
        try
        {
            var problems = await Eventually("g1 kvm1/0 DisksInactive, g1 kvm1/0 WaitingForConnection, g2 kvm1/0 MinorMissing, g2 vm1/1 OutOfSync");

            Assert.All(problems.Where(problem => problem.InstanceName == "kvm1.lab.example"), problem => Assert.Equal("Enable-GntDisk kvm1.lab.example", problem.Remedy));
            var differ = Of(problems, DrbdProblemKind.OutOfSync);
            Assert.Contains("yet 64 KiB of them are known to differ", differ.Message, StringComparison.Ordinal);
            Assert.Contains(differ.Evidence!, line => line.Contains("Online verify found 16 4k block out of sync", StringComparison.Ordinal));
            Assert.Equal($"Get-DrbdDevice g2.lab.example -Minor {other.Minor} | Reset-DrbdConnection", differ.Remedy);
        }
        finally
        {
            // What that remedy does.
            Lab.Exec("g2", "sh", "-c", $"ss --kill -tn dst {other.PeerAddress} '( sport = :{other.Port} or dport = :{other.Port} )'");
            Activate("kvm1");
        }

        await Eventually(string.Empty);
        await InSync("vm1");
    }

    [Fact]
    [Trait("Pace", "long")]
    public async Task A_network_that_is_cut_leaves_all_sides_waiting()
    {
        Lab.Script("cut", "g2", "replication");
        try
        {
            var problems = await Eventually("g1 kvm1/0 WaitingForConnection, g1 vm1/0 WaitingForConnection, g1 vm1/1 WaitingForConnection, g2 kvm1/0 WaitingForConnection, g2 vm1/0 WaitingForConnection, g2 vm1/1 WaitingForConnection");

            Assert.All(problems, problem => Assert.Contains("nothing passes between them on port", problem.Message, StringComparison.Ordinal));
            Assert.Contains(problems[0].Evidence!, line => line.StartsWith("Generation identifiers: ", StringComparison.Ordinal));
        }
        finally
        {
            Lab.Script("heal", "g2", "replication");
        }

        await Eventually(string.Empty);
    }

    [Fact]
    [Trait("Pace", "long")]
    public async Task A_split_brain_is_told_with_who_wrote_since_when()
    {
        var (one, other) = (Side("g1", 0), Side("g2", 0));
        foreach (var side in new[] { one, other })
        {
            await Node(side, "drbdsetup", "disconnect", "--force", $"ipv4:{side.LocalAddress}:{side.Port}", $"ipv4:{side.PeerAddress}:{side.Port}");
        }

        try
        {
            // vm1 is at home on g2; somebody has made g1 Primary too.
            await Node(one, "drbdsetup", "primary", Minor(one));
            foreach (var side in new[] { one, other })
            {
                await Node(side, "dd", "if=/dev/urandom", $"of={side.Device}", "bs=64k", "count=4", "oflag=direct", "status=none");
            }

            await Node(one, "drbdsetup", "secondary", Minor(one));
            Lab.Exec("g1", "sh", "-c", "gnt-instance activate-disks vm1 || true");

            // A guest whose activation failed has inactive disks for Ganeti, or not, as it was before.
            var problems = await Eventually("g1 vm1/0 SplitBrain, g2 vm1/0 SplitBrain", besides: DrbdProblemKind.DisksInactive);

            Assert.All(problems, problem => Assert.Equal((DrbdSeverity.Critical, "Resolve-DrbdSplitBrain vm1.lab.example -DiscardNode g1.lab.example"), (problem.Severity, problem.Remedy)));
            var evidence = problems[0].Evidence!;
            Assert.Contains(evidence, line => line == "Generation identifiers: DRBD's own rule 90 calls it a split brain.");
            Assert.Contains(evidence, line => line.StartsWith("g1.lab.example: was Primary until 20", StringComparison.Ordinal) && line.EndsWith(" ago)", StringComparison.Ordinal));
            Assert.All(new[] { "g1", "g2" }, node => Assert.Contains(evidence, line => line.StartsWith($"{node}.lab.example has generation ", StringComparison.Ordinal) && line.Contains(", its own since 20", StringComparison.Ordinal)));
            Assert.Contains(evidence, line => line.StartsWith("Discarding g1.lab.example loses what was written there alone, at most 256 KiB", StringComparison.Ordinal));
        }
        finally
        {
            // Inconsistent data does not take part in the dispute.
            Lab.Exec("g1", "sh", "-c", $"drbdsetup disconnect --force ipv4:{one.LocalAddress}:{one.Port} ipv4:{one.PeerAddress}:{one.Port}; drbdsetup secondary {Minor(one)}; drbdsetup invalidate {Minor(one)}; true");
            Activate("vm1");
        }

        await Eventually(string.Empty);
    }

    [Fact]
    [Trait("Pace", "long")]
    public async Task A_resync_that_is_paused_is_a_problem_and_one_that_runs_is_none_but_not_in_sync()
    {
        var side = Side("g1", 1);
        await Node(side, "drbdsetup", "disk-options", Minor(side), "--resync-rate", "200", "--c-plan-ahead", "0");
        await Node(side, "drbdsetup", "pause-sync", Minor(side));
        try
        {
            await Node(side, "drbdsetup", "invalidate", Minor(side));
            var problem = Assert.Single(await Eventually("g1 vm1/1 ResyncPaused"));
            Assert.Equal($"Get-DrbdDevice g1.lab.example -Minor {side.Minor} | Resume-DrbdResync", problem.Remedy);

            await Node(side, "drbdsetup", "resume-sync", Minor(side));
            await Eventually(string.Empty);
            Assert.Equal(["True", "False"], _engine.Run("Test-GntMirror -Instance vm1 -Quiet; Test-GntMirror -Instance vm1 -Quiet -InSync").Succeeded().Of<bool>().Select(well => well.ToString()));
        }
        finally
        {
            Lab.Exec("g1", "sh", "-c", $"drbdsetup resume-sync {Minor(side)}; drbdsetup disk-options {Minor(side)} --resync-rate 61440 --c-plan-ahead 20");
        }

        await InSync("vm1");
    }

    [Fact]
    public async Task A_stall_is_told_on_the_Primary_while_the_connection_looks_well()
    {
        var side = Side("g2", 0);

        // Only the connection with the data: the other one's pings would notice at once.
        Lab.Exec("g2", "sh", "-c", $"dd if=/dev/zero of={side.Device} bs=64k count=4 oflag=direct status=none");
        Lab.Exec("g2", "sh", "-c", Stall, "sh", side.Port!.Value.ToString(CultureInfo.InvariantCulture), side.Device!);
        try
        {
            var problem = Assert.Single(await Eventually("g2 vm1/0 Stalled"));

            Assert.Equal((DrbdSeverity.Critical, $"Get-DrbdDevice g2.lab.example -Minor {side.Minor} | Reset-DrbdConnection"), (problem.Severity, problem.Remedy));
            Assert.Contains("cs:Connected", problem.Evidence![0], StringComparison.Ordinal);
            Assert.Contains(problem.Evidence!, line => line.Contains("pe:1", StringComparison.Ordinal) && line.EndsWith("unmoved", StringComparison.Ordinal));
        }
        finally
        {
            Lab.Exec("g2", "sh", "-c", "iptables -S | grep stall-test | sed s/^-A/-D/ | while read -r rule; do iptables $rule; done");
        }

        await Eventually(string.Empty);
    }

    [Fact]
    [Trait("Pace", "long")]
    public async Task A_node_that_does_not_answer_leaves_its_sides_unknown()
    {
        Lab.Exec("g2", "mv", "/bin/cat", "/bin/cat.away");
        try
        {
            Lab.Exec("g2", "sh", "-c", "printf '%s\\n' '#!/bin/sh' '[ \"$1\" != /proc/drbd ] || kill -9 $PPID' 'exec /bin/cat.away \"$@\"' > /bin/cat && chmod +x /bin/cat");

            var outcome = _engine.Run("Get-DrbdDevice -Problem");

            Assert.All(outcome.Errors, error => Assert.Equal(MirrorLab.Nodes[1], error.TargetObject));
            Assert.Equal("g1 kvm1/0 OtherSideUnknown, g1 vm1/0 OtherSideUnknown, g1 vm1/1 OtherSideUnknown", Told(outcome.Of<DrbdDevice>()));
            Assert.Equal([false], _engine.Run("Test-GntMirror -Quiet").Of<bool>());
        }
        finally
        {
            Lab.Exec("g2", "mv", "/bin/cat.away", "/bin/cat");
        }

        await Eventually(string.Empty);
    }

    // Minors, ports and volumes stay what they are.
    private static DrbdDevice Side(string node, int disk) => Sides.Value.Single(side => Short(side.Node) == node && side.DiskIndex == disk);

    private static DrbdProblem Of(IEnumerable<DrbdProblem> problems, DrbdProblemKind kind) => problems.First(problem => problem.Kind == kind);

    private Task<string> Node(DrbdDevice side, params string[] argv) => MirrorLab.RunAsync(_connection, side.Node!, argv);

    private static void Activate(string guest) => Lab.Exec("g1", "gnt-instance", "activate-disks", guest);

    /// <summary>Waits until these are the problems; an emulated processor needs its time. In their order.</summary>
    private async Task<DrbdProblem[]> Eventually(string expected, DrbdProblemKind besides = DrbdProblemKind.Unrecognized)
    {
        var until = DateTimeOffset.Now.AddMinutes(4);
        while (true)
        {
            // An emulated master may fail to start a job in time; that is asked again.
            var outcome = _engine.Run("Get-DrbdDevice -Problem -SampleTime 1");
            var sides = outcome.Of<DrbdDevice>().ToArray();
            Array.ForEach(sides, side => side.Problems = [.. side.Problems!.Where(problem => problem.Kind != besides)]);
            if (outcome.Errors.Count == 0 && Told(sides) == expected)
            {
                return [.. sides.SelectMany(side => side.Problems!).OrderBy(problem => problem.Node, StringComparer.Ordinal)];
            }

            Assert.True(DateTimeOffset.Now < until, $"'{expected}' was to come, '{Told(sides)}' is:\n{string.Join('\n', sides.SelectMany(side => side.Problems!).SelectMany(problem => problem.Evidence!.Prepend(problem.ToString())))}");
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }
    }

    private async Task InSync(string guest)
    {
        var until = DateTimeOffset.Now.AddMinutes(2);
        while (!_engine.Run($"Test-GntMirror -Instance {guest} -Quiet -InSync -SampleTime 0").Succeeded().One<bool>())
        {
            Assert.True(DateTimeOffset.Now < until, "Still not in sync.");
            await Task.Delay(1000, TestContext.Current.CancellationToken);
        }
    }

    private static string Told(IEnumerable<DrbdDevice> sides) => string.Join(", ", sides.SelectMany(side => side.Problems!)
        .Select(problem => $"{Short(problem.Node)} {Short(problem.InstanceName)}/{problem.DiskIndex} {problem.Kind}").Order(StringComparer.Ordinal));

    private static string Minor(DrbdDevice side) => side.Minor!.Value.ToString(CultureInfo.InvariantCulture);

    private static string Short(string? name) => name?.Split('.')[0] ?? string.Empty;
}
