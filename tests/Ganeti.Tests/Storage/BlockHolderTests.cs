using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class BlockHolderTests : IClassFixture<DrbdCureTests.Stray>
{
    private static readonly Lazy<(PowerShellEngine Engine, GntConnection Connection)> Shared = new(MirrorLab.Connected);

    private readonly PowerShellEngine _engine;

    public BlockHolderTests()
    {
        MirrorLab.Require();
        _engine = Shared.Value.Engine;
    }

    [Fact]
    public void Nobody_holds_what_nobody_holds_and_what_is_no_device_is_an_error()
    {
        Assert.Empty(_engine.Run("Get-BlockHolder g1 drbd60").Succeeded().Output);
        Assert.Equal("/dev/no-such", _engine.Run("Get-BlockHolder g1 /dev/no-such").FailedWith("BlockDeviceNotFound").Error.TargetObject);
        _engine.Run("Get-BlockHolder g1 /etc/passwd").FailedWith("BlockDeviceNotFound");
    }

    [Fact]
    public void A_guests_QEMU_holds_its_disk_and_DRBD_holds_its_volume()
    {
        var side = _engine.Run("Get-DrbdDevice g1 | Where-Object InstanceName -like 'kvm1*'").One<DrbdDevice>();

        var qemu = _engine.Run("$input | Get-BlockHolder", side).Succeeded().One<BlockHolder>();
        Assert.Equal((BlockHolderKind.Qemu, "g1.lab.example", side.Device, "kvm1.lab.example", "Stop-GntInstance kvm1.lab.example", null), (qemu.Kind, qemu.Node, qemu.Device, qemu.InstanceName, qemu.Remedy, qemu.Through));
        Assert.StartsWith("qemu-system", StrayMirror.On("g1", $"cat /proc/{qemu.ProcessId}/comm"), StringComparison.Ordinal);

        // What stands highest has to let go first.
        var below = _engine.Run("Get-BlockHolder g1 $input", side.BackingDevice!).Succeeded().Of<BlockHolder>();
        Assert.Equal([(BlockHolderKind.Qemu, side.Device, qemu.ProcessId), (BlockHolderKind.Drbd, null, null)], below.Select(holder => (holder.Kind, holder.Through, holder.ProcessId)));
        Assert.Equal($"drbd{side.Minor}", below[1].Name);
    }

    [Fact]
    public void A_mount_is_found_in_another_namespace_too_and_processes_and_loops()
    {
        StrayMirror.On("g1", """
            mkfs.ext4 -q /dev/drbd60
            mkdir -p '/run/a b'
            setsid unshare -m sh -c 'mount /dev/drbd60 "/run/a b" && exec sleep 1000' >/dev/null 2>&1 </dev/null &
            echo $! >/run/holder
            sleep 2
            ! grep -q drbd60 /proc/self/mounts || exit 1
            """);
        try
        {
            var mount = _engine.Run("Get-DrbdDevice g1 -Minor 60 | Get-BlockHolder").Succeeded().One<BlockHolder>();
            Assert.Equal((BlockHolderKind.Mount, "/run/a b", "umount '/run/a b'"), (mount.Kind, mount.MountPoint, mount.Remedy));
        }
        finally
        {
            StrayMirror.On("g1", "kill $(cat /run/holder); sleep 1");
        }

        StrayMirror.On("g1", "losetup /dev/loop6 /dev/drbd60; setsid sleep 1000 >/dev/null 2>&1 </dev/loop6 & echo $! >/run/holder; sleep 1");
        try
        {
            var holders = _engine.Run("Get-BlockHolder g1 /dev/drbd60").Succeeded().Of<BlockHolder>();
            Assert.Equal([(BlockHolderKind.Process, "sleep", "/dev/loop6"), (BlockHolderKind.Loop, "loop6", null)], holders.Select(holder => (holder.Kind, holder.Name!, holder.Through)));
            Assert.Equal(StrayMirror.On("g1", "cat /run/holder").Trim(), $"{holders[0].ProcessId}");
        }
        finally
        {
            StrayMirror.On("g1", "kill $(cat /run/holder); sleep 1; losetup -d /dev/loop6");
        }
    }

    [Fact]
    public void Mappings_of_partitions_are_found_which_fuser_and_lsof_do_not_see()
    {
        StrayMirror.On("g1", "dd if=/dev/zero of=/dev/drbd60 bs=1M count=1 oflag=direct 2>/dev/null; printf 'label: dos\\n,16M\\n,16M\\n' | sfdisk -q --no-reread /dev/drbd60 && kpartx -as /dev/drbd60 && mkswap -q /dev/mapper/drbd60p2 >/dev/null && swapon /dev/mapper/drbd60p2");
        try
        {
            var holders = _engine.Run("Get-BlockHolder g1 /dev/drbd60").Succeeded().Of<BlockHolder>();

            Assert.Equal(
                ["Partition drbd60p1 ", "Partition drbd60p2 ", "Swap swap /dev/mapper/drbd60p2"],
                holders.Select(holder => $"{holder.Kind} {holder.Name} {holder.Through}").Order(StringComparer.Ordinal));
            Assert.Equal(BlockHolderKind.Swap, holders[0].Kind);
            Assert.All(holders.Where(holder => holder.Kind == BlockHolderKind.Partition), holder => Assert.Equal("kpartx -dv /dev/drbd60", holder.Remedy));
            Assert.Contains("drbd60p1", _engine.Run("Disable-DrbdDevice -Node g1 -Minor 60 -Force").FailedWith("DrbdDeviceHeld").Error.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            StrayMirror.On("g1", "swapoff /dev/mapper/drbd60p2; kpartx -d /dev/drbd60; dd if=/dev/zero of=/dev/drbd60 bs=1M count=1 oflag=direct 2>/dev/null");
        }
    }
}
