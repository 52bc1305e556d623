using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

/// <summary>What was left on real machines is found, and removed; what somebody has is not.</summary>
[Trait("Kind", "storage")]
[Trait("Pace", "long")]
[Collection(nameof(MirrorLab))]
public sealed class LeftoverTests : IDisposable
{
    // Made three hours ago, by the node's clock; mappings as the machine came up.
    private const string Make = """
        now=$(date +%s)
        date -s "@$((now - 10800))" >/dev/null
        lvcreate -q -y -Wn -L 8m -n left.orphan --addtag originstname+gone.lab.example kvmvg >/dev/null
        lvcreate -q -y -Wn -L 8m -n left.import --addtag ganeti.import=0815 kvmvg >/dev/null
        lvcreate -q -y -s -L 4m -n "$1.snap-1" "kvmvg/$1" >/dev/null
        lvcreate -q -y -Wn -L 16m -n left.disk kvmvg >/dev/null
        lvcreate -q -y -Wn -L 16m -n left.used kvmvg >/dev/null
        # One that stays young, however long the test takes.
        date -s "@$((now + 3600))" >/dev/null
        lvcreate -q -y -Wn -L 8m -n left.young kvmvg >/dev/null
        date -s "@$((now + 1))" >/dev/null
        for volume in left.disk left.used; do
          printf '2048,8192,83\n12288,8192,83\n' | sfdisk -q --force "/dev/kvmvg/$volume" >/dev/null 2>&1
          kpartx -a -s "/dev/kvmvg/$volume"
        done
        mkfs.ext2 -q /dev/mapper/kvmvg-left.used1 && mkdir -p /run/left.used && mount /dev/mapper/kvmvg-left.used1 /run/left.used
        udevadm settle
        for name in kvmvg-left.disk1 kvmvg-left.disk2 kvmvg-left.used1 kvmvg-left.used2; do
          device=$(readlink -f "/dev/mapper/$name") && sed -i 's/^I:.*/I:1/' "/run/udev/data/b$(cat "/sys/block/${device##*/}/dev")"
        done
        drbdsetup new-resource resource70 && drbdsetup new-minor resource70 70 0
        drbdsetup new-resource other71 && drbdsetup new-minor other71 71 0
        nft add table inet gnt_reset_00000000000000ff
        mkdir -p /var/tmp/ganeti-import.left /var/tmp/ganeti-import.used /run/ganeti-powershell/undo/used && touch -d "@$((now - 10800))" /var/tmp/ganeti-import.*
        mkdir -p /run/ganeti-powershell/lease && printf '1\nx\n{"Id":"x","Operator":"me","Cmdlet":"Test"}\n' >/run/ganeti-powershell/lease/left
        """;

    private const string Clear = """
        umount /run/left.used 2>/dev/null
        for volume in left.disk left.used; do kpartx -d "/dev/kvmvg/$volume" 2>/dev/null; done
        for volume in $(lvs --noheadings -o name kvmvg | grep -e left -e snap); do lvremove -q -y "kvmvg/$volume" >/dev/null 2>&1; done
        drbdsetup down resource70 2>/dev/null
        drbdsetup down other71 2>/dev/null
        nft delete table inet gnt_reset_00000000000000ff 2>/dev/null
        rm -rf /run/ganeti-powershell/lease/left /run/ganeti-powershell/undo/used /var/tmp/ganeti-import.left /var/tmp/ganeti-import.used
        :
        """;

    private readonly PowerShellEngine _engine;

    public LeftoverTests()
    {
        MirrorLab.Require();
        (_engine, _) = MirrorLab.Connected();
        StrayMirror.On("g2", Clear);
    }

    public void Dispose()
    {
        StrayMirror.On("g2", Clear);
        _engine.Dispose();
    }

    [Fact]
    public void All_of_it_is_found_and_removed_and_nothing_that_somebody_has()
    {
        // Tests before this one may have died.
        _engine.Run("Get-GntLeftover -OlderThan 00:05 | Remove-GntLeftover -OlderThan 00:05 -Force").Succeeded();
        Assert.Empty(_engine.Run("Get-GntLeftover -OlderThan 00:05").Succeeded().Output);
        var origin = StrayMirror.On("g2", "lvs --noheadings -o name kvmvg | tr -d ' ' | grep 'disk0$' | head -n 1").Trim();
        var before = StrayMirror.On("g2", "lvs --noheadings -o name kvmvg; cat /proc/drbd | grep cs:; dmsetup ls");
        StrayMirror.On("g2", Make, origin);

        var found = _engine.Run("$found = Get-GntLeftover -OlderThan 00:05; $found").Succeeded().Of<GntLeftover>();

        Assert.Equal(
            [
                (GntLeftoverKind.OrphanVolume, "kvmvg/left.orphan"), (GntLeftoverKind.ExportSnapshot, $"kvmvg/{origin}.snap-1"), (GntLeftoverKind.ImportVolume, "kvmvg/left.import"),
                (GntLeftoverKind.Mapping, "kvmvg-left.disk1"), (GntLeftoverKind.Mapping, "kvmvg-left.disk2"), (GntLeftoverKind.Mapping, "kvmvg-left.used2"),
                (GntLeftoverKind.DrbdMinor, "drbd70"), (GntLeftoverKind.ConnectionReset, "00000000000000ff"), (GntLeftoverKind.Lease, "left"), (GntLeftoverKind.Scratch, "/var/tmp/ganeti-import.left"),
            ],
            found.Select(leftover => (leftover.Kind!.Value, leftover.Name!)).OrderBy(leftover => leftover.Item1).ThenBy(leftover => leftover.Item2 == "kvmvg/left.orphan" ? 0 : 1).ThenBy(leftover => leftover.Item2, StringComparer.Ordinal));
        Assert.All(found, leftover => Assert.True(leftover is { Node: "g2.lab.example", Reason.Length: > 0, Command.Length: > 0 }));
        Assert.Contains("made for gone.lab.example", found.Single(leftover => leftover.Kind == GntLeftoverKind.OrphanVolume).Reason, StringComparison.Ordinal);
        Assert.All(found.Where(leftover => leftover.Kind is GntLeftoverKind.OrphanVolume or GntLeftoverKind.Mapping), leftover => Assert.InRange(leftover.Age!.Value, TimeSpan.FromMinutes(5), TimeSpan.FromHours(4)));

        // Seen, asked, not touched.
        Assert.Contains("g2.lab.example: lvremove --yes kvmvg/left.orphan", _engine.Shown("$found | Remove-GntLeftover -WhatIf"), StringComparison.Ordinal);
        Assert.Equal(Enumerable.Repeat("ConfirmationImpossible", 3), _engine.Run("$found[0..2] | Remove-GntLeftover -OlderThan 00:05 -Confirm:$false").Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));

        // One is somebody's by now, and one another.
        StrayMirror.On("g2", "mkfs.ext2 -q /dev/kvmvg/left.orphan; mkdir -p /run/left.orphan; mount /dev/kvmvg/left.orphan /run/left.orphan; lvremove -q -y kvmvg/left.import; now=$(date +%s); date -s \"@$((now + 3600))\" >/dev/null; lvcreate -q -y -Wn -L 8m -n left.import --addtag ganeti.import=0815 kvmvg; date -s \"@$((now + 1))\" >/dev/null");
        try
        {
            var removed = _engine.Run("$found | Remove-GntLeftover -OlderThan 00:05 -Force");
            Assert.Equal(["StorageStateWrong", "StorageStateWrong"], removed.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        }
        finally
        {
            StrayMirror.On("g2", "umount /run/left.orphan");
        }

        Assert.Equal([$"kvmvg/left.orphan"], _engine.Run("Get-GntLeftover -OlderThan 00:05").Succeeded().Of<GntLeftover>().Where(leftover => leftover.Kind != GntLeftoverKind.OrphanVolume || leftover.Name != "kvmvg/left.disk").Select(leftover => leftover.Name));
        _engine.Run("Get-GntLeftover -OlderThan 00:05 | Remove-GntLeftover -OlderThan 00:05 -Force").Succeeded();
        Assert.Empty(_engine.Run("Get-GntLeftover -OlderThan 00:05").Succeeded().Output);
        Assert.Contains(_engine.Run("Get-GntHistory g2").Succeeded().Of<GntHistoryEntry>(), entry => entry is { Cmdlet: "Remove-GntLeftover", Event: GntHistoryEvent.Done, Subject: "g2.lab.example/kvmvg/left.orphan" });

        // What there was is there still, and so is what was young or in use.
        var after = StrayMirror.On("g2", "lvs --noheadings -o name kvmvg; cat /proc/drbd | grep cs:; dmsetup ls");
        Assert.All(before.Split('\n').Where(line => line.Contains("disk", StringComparison.Ordinal) && !line.Contains(':', StringComparison.Ordinal)), line => Assert.Contains(line, after, StringComparison.Ordinal));
        Assert.Equal("/var/tmp/ganeti-import.used", StrayMirror.On("g2", "ls -d /var/tmp/ganeti-import.*").Trim());
        Assert.All(["left.young", "left.import", "left.used", "kvmvg-left.used1", "71: cs:"], name => Assert.Contains(name, after, StringComparison.Ordinal));
    }
}
