using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class DiskRepairTests
{
    private const string Serial = "LAB2DISKA001";

    // The disk is pulled and put back in as a new one.
    private const string NewAgain = """
        for scan in /sys/class/scsi_host/host*/scan; do echo '- - -' >"$scan"; done
        udevadm settle
        for disk in /dev/sd?; do
          [ "$(lsblk -dno SERIAL "$disk")" = "$1" ] || continue
          pvs "$disk" 2>/dev/null | grep -q kvmvg && exit 0
          wipefs -q -a "$disk"
        done
        """;

    // What was rebuilt on the other disk is on the first one again, for the next.
    private const string MoveBack = """
        disk=$(lsblk -dnpo NAME,SERIAL | awk -v serial="$1" '$2 == serial { print $1 }')
        for volume in $(lvs --noheadings -o name kvmvg | grep '\.disk[0-9]*_'); do
          pvmove -q -n "$volume" /dev/sdb "$disk" 2>&1
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
        // vm2 is stopped: nobody knows whether its other side is good.
        Assert.Empty(_engine.Run("Repair-GntDisk g2 sda -Plan").Succeeded().Output);
        var steps = _engine.Run("Repair-GntDisk g2 sda -Plan -Force").Succeeded().Of<GntPlanStep>().ToArray();

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
        var before = WrittenOn("vm1");
        try
        {
            var made = _engine.Run($"Repair-GntDisk g2 {Serial} -Force").Succeeded().Of<GntRepairStep>().ToArray();

            Assert.Equal(GntRepairAction.Done, made[^1].Action);
            Assert.Contains("rebuilt and in sync: kvm1.lab.example, vm1.lab.example, vm2.lab.example", made[^1].Outcome, StringComparison.Ordinal);
            AssertIsRebuilt("vm1", before);
        }
        finally
        {
            PutBack();
        }
    }

    [Fact]
    [Trait("Pace", "long")]
    public async Task A_client_that_is_killed_at_any_moment_is_followed_by_one_that_gets_to_the_end()
    {
        var client = new KilledClient(_engine);
        for (var killed = 0; killed < Soak.Times(5);)
        {
            var before = WrittenOn("vm1");
            try
            {
                // Once the disk is gone it has no name.
                for (var disk = Serial; !await client.RunAsync($"Repair-GntDisk g2 {disk} -Force", TimeSpan.FromMinutes(1)); disk = HasDisk() ? Serial : string.Empty)
                {
                    killed++;
                    KilledClient.EndLeases();
                    Assert.True(IsAlive("kvm1"), "it does not run any more");
                }

                AssertIsRebuilt("vm1", before);
                // What the killed ones had armed the nodes to undo may have its deadline yet.
                await MirrorLab.EventuallyAsync(() => _engine.Run("Get-GntLeftover -OlderThan 0").Succeeded().Output.Count == 0, TimeSpan.FromMinutes(8));
            }
            finally
            {
                PutBack();
            }
        }
    }

    /// <summary>Has something new on a guest's disk, and tells its digest.</summary>
    private string WrittenOn(string guest)
    {
        var primary = _engine.Run($"Get-DrbdDevice -Instance {guest} | Where-Object {{ $_.Role -eq 'Primary' -and $_.DiskIndex -eq 0 }}").One<DrbdDevice>();
        return StrayMirror.On(primary.Node!.Split('.')[0], $"dd if=/dev/urandom of={primary.Device} bs=1M count=8 oflag=direct conv=notrunc 2>/dev/null; {Digest(primary.Device!)}").Trim();
    }

    private void AssertIsRebuilt(string guest, string digest)
    {
        Assert.Empty(_engine.Run("Get-DrbdDevice -Problem").Succeeded().Output);
        Assert.All(_engine.Run("Get-GntInstance kvm1, vm1").Succeeded().Of<GntInstance>(), running => Assert.True(running.IsRunning));
        Assert.All(_engine.Run("Get-GntInstance kvm1, vm1, vm2 | Get-LvmVolume | Where-Object Node -like g2*").Succeeded().Of<LvmVolume>(), volume => Assert.Equal("/dev/sdb", Assert.Single(volume.PhysicalVolumes!)));
        var rebuilt = _engine.Run($"Get-GntInstance {guest} | Get-LvmVolume | Where-Object {{ $_.Node -like 'g2*' -and $_.DiskIndex -eq 0 -and $_.Use -eq 'Data' }}").One<LvmVolume>();
        Assert.Equal(digest, StrayMirror.On("g2", Digest(rebuilt.Path!)).Trim());
    }

    // Past the node's cache, which has what udev saw of the volume before the mirror wrote to it.
    private static string Digest(string device) => $"dd if={device} iflag=direct bs=1M status=none | sha256sum";

    private void PutBack()
    {
        StrayMirror.On("g2", NewAgain, Serial);
        _engine.Run($"if (@(Get-LvmPhysicalVolume g2).Count -lt 2) {{ Repair-GntDisk g2 -NewDisk {Serial} -Force }}").Succeeded();
        StrayMirror.On("g2", MoveBack, Serial);
        Assert.Equal(2, _engine.Run("Get-LvmPhysicalVolume g2").Succeeded().Of<LvmPhysicalVolume>().Count(physical => physical.VolumeGroup == "kvmvg"));
    }

    private bool HasDisk() => _engine.Run($"Get-BlockDevice g2 | Where-Object Serial -eq {Serial}").Output.Count > 0;

    private static bool IsAlive(string guest) => MirrorLab.Nodes.Any(node => StrayMirror.On(node.Split('.')[0], $"pgrep -f '[q]emu-system.* -name {guest}.lab.example' || :").Trim().Length > 0);
}
