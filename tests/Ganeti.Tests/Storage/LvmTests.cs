using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class LvmTests
{
    // A group on a file, whose metadata is written as a text: 500 lvcreate would take a quarter of an hour here.
    private const string Many = """
        set -e
        truncate -s 1200M /root/many.img
        losetup /dev/loop5 /root/many.img
        pvcreate -q /dev/loop5 >/dev/null
        vgcreate -q -s 1M --setautoactivation n many /dev/loop5 >/dev/null
        lvcreate -q -y -Wn -Zn -an -l 1 -n v0 many >/dev/null
        udevadm settle
        vgchange -q -an many >/dev/null
        vgcfgbackup -q -f /root/many.txt many >/dev/null
        awk '
          /^\t\tv0 \{/ { inside = 1 }
          inside { block = block $0 "\n" }
          !inside { print }
          inside && /^\t\t\}/ {
            inside = 0
            for (i = 0; i < 500; i++) {
              one = block
              sub(/v0 \{/, "v" i " {", one)
              sub(/id = "[^"]*"/, sprintf("id = \"aaaaaa-aaaa-aaaa-aaaa-aaaa-aaaa-%06d\"", i), one)
              sub(/"pv0", 0/, "\"pv0\", " i, one)
              printf "%s", one
            }
          }' /root/many.txt >/root/many-500.txt
        vgcfgrestore -q -y -f /root/many-500.txt many >/dev/null
        """;

    private const string None = "vgremove -q -f -y many >/dev/null 2>&1; losetup -d /dev/loop5 2>/dev/null; rm -f /root/many.img /root/many*.txt; :";

    private static readonly Lazy<(PowerShellEngine Engine, GntConnection Connection)> Shared = new(MirrorLab.Connected);

    private readonly PowerShellEngine _engine;

    public LvmTests()
    {
        MirrorLab.Require();
        _engine = Shared.Value.Engine;
    }

    [Fact]
    public void Five_hundred_volumes_are_one_remote_call()
    {
        StrayMirror.On("g1", None);
        StrayMirror.On("g1", Many);
        try
        {
            var outcome = _engine.Run("$said = Get-LvmVolume g1 -VolumeGroup many -Verbose 4>&1; $said").Succeeded();
            var said = outcome.Output.Select(item => item.BaseObject).ToArray();

            Assert.Equal(500, said.OfType<LvmVolume>().Count());
            Assert.Single(said, item => item.ToString()!.Contains("storage …", StringComparison.Ordinal));
            Assert.All(said.OfType<LvmVolume>(), volume => Assert.Equal((1L << 20, "/dev/loop5"), (volume.Size, Assert.Single(volume.PhysicalVolumes!))));
        }
        finally
        {
            StrayMirror.On("g1", None);
        }
    }

    [Fact]
    public void A_disk_leads_to_its_guests_and_a_guest_to_its_disks_on_both_nodes()
    {
        Assert.Contains("kvm1.lab.example", _engine.Run("(Get-BlockDevice -Node g1 sda | Get-GntInstance).Name").Succeeded().Of<string>());
        Assert.Equal(MirrorLab.Nodes, _engine.Run("(Get-GntInstance kvm1 | Get-BlockDevice).Node").Succeeded().Of<string>().Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(4, _engine.Run("Get-GntInstance kvm1 | Get-LvmVolume").Succeeded().Of<LvmVolume>().Count(volume => volume.InstanceName == "kvm1.lab.example"));
    }

    [Fact]
    [Trait("Pace", "long")]
    public void A_volume_is_made_moved_and_removed_and_a_guests_is_kept()
    {
        StrayMirror.On("g1", "lvremove -q -y kvmvg/scratch >/dev/null 2>&1; :");
        var made = _engine.Run("New-LvmVolume g1 kvmvg/scratch -Size 16MB -PhysicalVolume sda -PassThru").One<LvmVolume>();
        Assert.Equal((16L << 20, "/dev/sda", LvmVolumeState.active), (made.Size, Assert.Single(made.PhysicalVolumes!), made.State));
        _engine.Run("New-LvmVolume g1 kvmvg/scratch -Size 16MB").FailedWith("LvmNameInUse");

        Assert.Equal("/dev/sdb", Assert.Single(_engine.Run("$input | Move-LvmVolume -From sda -PassThru", made).One<LvmVolume>().PhysicalVolumes!));
        _engine.Run("$input | Remove-LvmVolume -Force", made).Succeeded();
        Assert.DoesNotContain("scratch", StrayMirror.On("g1", "lvs --noheadings -o lv_name kvmvg"), StringComparison.Ordinal);

        _engine.Run("@(Get-GntInstance kvm1 | Get-LvmVolume | Where-Object { $_.Node -like 'g1*' })[0] | Remove-LvmVolume -Force").FailedWith("StorageInUse");
    }
}
