using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

/// <summary>A split brain made on real DRBD, shown, and resolved to the side that was chosen.</summary>
[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class SplitBrainTests
{
    private static readonly Lazy<(PowerShellEngine Engine, GntConnection Connection)> Shared = new(MirrorLab.Connected);

    // Both sides written while apart, and met again.
    private const string WriteAs = """
        drbdsetup primary "$1"
        printf %s "$2" | dd of="/dev/drbd$1" bs=4096 count=1 conv=sync,fsync status=none
        """;

    private readonly PowerShellEngine _engine;

    public SplitBrainTests()
    {
        MirrorLab.Require();
        _engine = Shared.Value.Engine;
    }

    [Fact]
    public void Both_sides_are_shown_and_the_side_that_was_chosen_is_the_one_that_is_kept()
    {
        var sides = _engine.Run("Get-DrbdDevice -Instance vm1").Succeeded().Of<DrbdDevice>().Where(side => side.DiskIndex == 1).ToDictionary(side => side.Node!.Split('.')[0]);
        try
        {
            Assert.Contains("No disk of vm1.lab.example is split", _engine.Run("Resolve-DrbdSplitBrain vm1").FailedWith("DrbdStateWrong").Error.ToString(), StringComparison.Ordinal);
            foreach (var (node, side) in sides)
            {
                Lab.Exec(node, "drbdsetup", "disconnect", "--force", $"ipv4:{side.LocalAddress}:{side.Port}", $"ipv4:{side.PeerAddress}:{side.Port}");
                Lab.Exec(node, "sh", "-c", WriteAs, "sh", $"{side.Minor}", $"written on {node}");
            }

            Lab.Exec("g1", "drbdsetup", "secondary", $"{sides["g1"].Minor}");
            Lab.Exec("g1", "sh", "-c", "gnt-instance activate-disks vm1 || true");

            var shown = _engine.Run("Resolve-DrbdSplitBrain vm1").Succeeded().Of<DrbdSplitBrainSide>();
            Assert.Equal(["g2", "g1"], shown.Select(side => side.Node!.Split('.')[0]));
            Assert.All(shown, side =>
            {
                Assert.Equal((1, "both sides were written since they parted"), (side.DiskIndex, side.Judgement));
                Assert.True(side.PrimarySince is not null && side.ApartSince is not null && side.WouldBeLost >= 4096, $"{side.PrimarySince} {side.ApartSince} {side.WouldBeLost}");
            });
            Assert.Equal((true, true, null, false), (shown[0].RunsGuest, shown[0].IsConfiguredPrimary, shown[0].PrimaryUntil, shown[1].RunsGuest));
            Assert.NotNull(shown[1].PrimaryUntil);

            // Wrong guesses.
            Assert.Contains("runs on g2.lab.example", _engine.Run("Resolve-DrbdSplitBrain vm1 -DiscardNode g2 -Force").FailedWith("DrbdChangeRefused").Error.ToString(), StringComparison.Ordinal);
            Assert.Contains("g1.lab.example loses what was written there to vm1.lab.example/disk/1 since 20", _engine.Run("Resolve-DrbdSplitBrain vm1 -DiscardNode g1 -Confirm:$false").FailedWith("ConfirmationImpossible").Error.ToString(), StringComparison.Ordinal);
            var plan = _engine.Run("Resolve-DrbdSplitBrain vm1 -DiscardNode g1 -Plan").Succeeded().Of<GntPlanStep>().Select(step => step.CommandLine!).ToArray();
            Assert.Contains(plan, line => line.StartsWith("ssh g1.lab.example drbdsetup connect", StringComparison.Ordinal) && line.EndsWith("--discard-my-data", StringComparison.Ordinal));
            Assert.Equal("gnt-instance activate-disks vm1.lab.example", plan[^1]);

            var resolved = _engine.Run("Resolve-DrbdSplitBrain vm1 -DiscardNode g1 -Force -PassThru -Verbose -Debug").Succeeded();

            Assert.All(resolved.Of<DrbdDevice>(), side => Assert.Equal((true, DrbdDiskState.UpToDate), (side.IsConnected, side.DiskState)));
            Assert.Equal("written on g2", Read("g2", sides["g2"].BackingDevice!));
            Assert.Equal("written on g2", Read("g1", sides["g1"].BackingDevice!));
            var secret = Lab.Exec("g1", "drbdsetup", "show", sides["g1"].ResourceName!).Split("shared-secret")[1].Split('"')[1];
            Assert.DoesNotContain(secret, string.Join('\n', resolved.Verbose.Concat(resolved.Debug)), StringComparison.Ordinal);
        }
        finally
        {
            // Whatever became of it, the next one finds a healthy mirror.
            Lab.Exec("g1", "sh", "-c", $"gnt-instance activate-disks vm1 >/dev/null 2>&1; drbdsetup cstate {sides["g1"].Minor} | grep -q StandAlone || exit 0; drbdsetup invalidate {sides["g1"].Minor}; gnt-instance activate-disks --wait-for-sync vm1");
        }
    }

    // As it lies on the volume: a Secondary can't be read.
    private static string Read(string node, string device) => Lab.Exec(node, "dd", $"if={device}", "bs=4096", "count=1", "iflag=direct", "status=none").TrimEnd('\0');
}
