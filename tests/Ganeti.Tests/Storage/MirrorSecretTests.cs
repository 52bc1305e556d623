using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

/// <summary>The secret that the sides of a mirror share is in nothing that is shown or kept, and in no process but drbdsetup, which takes it only there.</summary>
[Trait("Kind", "storage")]
[Trait("Pace", "long")]
[Collection(nameof(MirrorLab))]
public sealed class MirrorSecretTests
{
    private const string Read = """
        import json
        config = json.load(open("/var/lib/ganeti/config.data"))
        guest = [guest for guest in config["instances"].values() if guest["name"] == "vm1.lab.example"][0]
        print(config["disks"][guest["disks"][0]]["logical_id"][5])
        """;

    private const string WriteAs = """
        drbdsetup disconnect --force "$3" "$4"
        drbdsetup primary "$1"
        printf %s "$2" | dd of="/dev/drbd$1" bs=4096 count=1 conv=sync,fsync status=none
        """;

    public MirrorSecretTests() => MirrorLab.Require();

    [Fact]
    public async Task It_is_in_no_stream_no_object_no_journal_and_no_other_process()
    {
        var (engine, _) = MirrorLab.Connected();
        using var ending = engine;
        var secret = Lab.Exec("g1", "python3", "-c", Read).Trim();
        Assert.True(secret.Length >= 16);
        var sides = engine.Run("Get-DrbdDevice -Instance vm1").Succeeded().Of<DrbdDevice>().Where(side => side.DiskIndex == 0).ToArray();
        var side = sides.Single(side => side.Node == "g2.lab.example");
        var which = $"-Node g2 -Minor {side.Minor}";
        string[] nodes = ["g1", "g2"];
        Array.ForEach(nodes, node => Lab.Exec(node, "sh", "-c", "umask 77; printf %s \"$1\" >/tmp/gnt-look.new; mv /tmp/gnt-look.new /tmp/gnt-look", "sh", secret));
        var looks = nodes.Select(node => Task.Run(() => Lab.Exec(node, "timeout", "900", "sh", "-c", Leaks.Look, "sh", "0.5"))).ToArray();
        try
        {
            Look($"Reset-DrbdConnection {which} -Method Disconnect -Hold 3 -Confirm:$false -PassThru");
            Look($"Dismount-DrbdDisk {which} -Confirm:$false -PassThru");
            Look($"Mount-DrbdDisk {which} -Confirm:$false -PassThru");
            Look($"Disconnect-DrbdDevice {which} -Force -PassThru");
            Look($"Connect-DrbdDevice {which} -Confirm:$false -PassThru");
            Split(sides);
            Look("Get-DrbdDevice -Instance vm1 -Problem");
            Look("Resolve-DrbdSplitBrain vm1 -DiscardNode g1 -Force -PassThru");
            Look("Get-GntHistory g1, g2; Get-GntInstance vm1; Get-GntDisk -Instance vm1; Get-DrbdDevice -Instance vm1; (Get-GntJob)[-5..-1]");
        }
        finally
        {
            Array.ForEach(nodes, node => Lab.Exec(node, "rm", "-f", "/tmp/gnt-look"));
            // Whatever became of it, the next one finds a healthy mirror.
            var minor = sides.Single(other => other != side).Minor;
            Lab.Exec("g1", "sh", "-c", $"gnt-instance activate-disks vm1 >/dev/null 2>&1; drbdsetup cstate {minor} | grep -q StandAlone || exit 0; drbdsetup invalidate {minor}; gnt-instance activate-disks --wait-for-sync vm1");
        }

        foreach (var line in (await Task.WhenAll(looks)).SelectMany(text => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Where(line => line.Split(": ", 2)[1].Trim().Length > 0))
        {
            Assert.Matches("^/proc/[0-9]+/cmdline: (/sbin/)?drbdsetup ", line);
        }

        Assert.DoesNotContain(secret, string.Concat(nodes.Select(node => Lab.Exec(node, "sh", "-c", "cat /var/lib/ganeti-powershell/history; cat /run/ganeti-powershell/*/* 2>/dev/null; :"))), StringComparison.Ordinal);

        void Look(string script) => Leaks.AssertNone(secret, engine.Run($"{script.Replace(";", " -Verbose -Debug;", StringComparison.Ordinal)} -Verbose -Debug -InformationAction Continue"), engine.Host.Text);
    }

    private static void Split(IEnumerable<DrbdDevice> sides)
    {
        foreach (var side in sides)
        {
            StrayMirror.On(side.Node!.Split('.')[0], WriteAs, $"{side.Minor}", side.Node, $"ipv4:{side.LocalAddress}:{side.Port}", $"ipv4:{side.PeerAddress}:{side.Port}");
        }

        var other = sides.Single(side => side.Node == "g1.lab.example");
        Lab.Exec("g1", "drbdsetup", "secondary", $"{other.Minor}");
        Lab.Exec("g1", "sh", "-c", "gnt-instance activate-disks vm1 || true");
    }
}
