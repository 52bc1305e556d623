using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class DiskRepairTests
{
    // The disk is pulled and put back in as a new one.
    private const string NewAgain = """
        for scan in /sys/class/scsi_host/host*/scan; do echo '- - -' >"$scan"; done
        udevadm settle
        for disk in /dev/sd?; do
          [ "$(lsblk -dno SERIAL "$disk")" = LAB2DISKA001 ] || continue
          pvs "$disk" 2>/dev/null | grep -q kvmvg && exit 0
          wipefs -q -a "$disk"
        done
        """;

    private static readonly Lazy<(PowerShellEngine Engine, GntConnection Connection)> Shared = new(MirrorLab.Connected);

    private readonly PowerShellEngine _engine;

    public DiskRepairTests()
    {
        MirrorLab.Require();
        _engine = Shared.Value.Engine;
    }

    [Fact]
    public void The_plan_names_the_guests_and_a_disk_that_did_not_fail_is_refused()
    {
        var steps = _engine.Run("Repair-GntDisk g2 sda -Plan").Succeeded().Of<GntPlanStep>().ToArray();

        Assert.Contains(steps, step => step.CommandLine == "gnt-node repair-storage g2.lab.example lvm-vg kvmvg");
        Assert.Contains(steps, step => step.CommandLine!.StartsWith("gnt-instance replace-disks -s --disks=0 kvm1.lab.example", StringComparison.Ordinal));
        _engine.Run("Repair-GntDisk g2 vda -Plan").FailedWith("StorageStateWrong");
        _engine.Run("Repair-GntDisk g2 sdq -Plan").FailedWith("BlockDeviceNotFound");
        Assert.Empty(_engine.Run("Repair-GntDisk g2 -Plan").Succeeded().Output);
    }

    [Fact]
    [Trait("Pace", "long")]
    public void A_disk_goes_under_running_guests_and_all_is_rebuilt_with_their_data()
    {
        var primary = _engine.Run("Get-DrbdDevice vm1 | Where-Object { $_.Role -eq 'Primary' -and $_.DiskIndex -eq 0 }").One<DrbdDevice>();
        StrayMirror.On(primary.Node!.Split('.')[0], $"dd if=/dev/urandom of={primary.Device} bs=1M count=8 oflag=direct conv=notrunc 2>/dev/null");
        var before = Hash(primary.Node, primary.Device!);
        try
        {
            var made = _engine.Run("Repair-GntDisk g2 sda -Force").Succeeded().Of<GntRepairStep>().ToArray();

            Assert.Equal(GntRepairAction.Done, made[^1].Action);
            Assert.Contains("rebuilt and in sync: kvm1.lab.example, vm1.lab.example, vm2.lab.example", made[^1].Outcome, StringComparison.Ordinal);
            Assert.Empty(_engine.Run("Get-DrbdDevice -Problem").Succeeded().Output);
            Assert.All(_engine.Run("Get-GntInstance kvm1, vm1").Succeeded().Of<GntInstance>(), guest => Assert.True(guest.IsRunning));
            Assert.All(_engine.Run("Get-GntInstance kvm1, vm1, vm2 | Get-LvmVolume | Where-Object Node -like g2*").Succeeded().Of<LvmVolume>(), volume => Assert.Equal("/dev/sdb", Assert.Single(volume.PhysicalVolumes!)));
            var volume = _engine.Run("Get-GntInstance vm1 | Get-LvmVolume | Where-Object { $_.Node -like 'g2*' -and $_.DiskIndex -eq 0 -and $_.Use -eq 'Data' }").One<LvmVolume>();
            Assert.Equal(before, Hash("g2", volume.Path!));
        }
        finally
        {
            StrayMirror.On("g2", NewAgain);
            _engine.Run("if (@(Get-LvmPhysicalVolume g2).Count -lt 2) { Repair-GntDisk g2 -NewDisk LAB2DISKA001 -Force }");
        }

        Assert.Equal(2, _engine.Run("Get-LvmPhysicalVolume g2").Succeeded().Of<LvmPhysicalVolume>().Count(physical => physical.VolumeGroup == "kvmvg"));
    }

    private static string Hash(string node, string device) => StrayMirror.On(node.Split('.')[0], $"sha256sum {device} | cut -d ' ' -f 1").Trim();
}
