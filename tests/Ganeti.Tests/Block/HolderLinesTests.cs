using Ganeti.Tests.Drbd;

namespace Ganeti.Tests.Block;

[Trait("Kind", "unit")]
public sealed class HolderLinesTests
{
    [Fact]
    public void What_stands_highest_comes_first_with_what_makes_it_let_go()
    {
        var holders = HolderLines.Read("g1", "/dev/kvmvg/stray.data", null, DrbdFixture.Read("holders-debian12-kpartx-mount-swap-loop.txt"));

        Assert.Equal(
            [
                "process 2725 (sleep) on /dev/loop6: kill 2725",
                "Loop loop6 on /dev/mapper/drbd60p3: losetup -d /dev/loop6",
                "swap on /dev/mapper/drbd60p2: swapoff /dev/mapper/drbd60p2",
                "the mount on /run/a b on /dev/mapper/drbd60p1: umount '/run/a b'",
                "the partition mapping drbd60p1 on /dev/drbd60: kpartx -dv /dev/drbd60",
                "the partition mapping drbd60p2 on /dev/drbd60: kpartx -dv /dev/drbd60",
                "the partition mapping drbd60p3 on /dev/drbd60: kpartx -dv /dev/drbd60",
                "Drbd drbd60: drbdsetup down resource60",
            ],
            holders.Select(holder => $"{holder}: {holder.Remedy}"));
        Assert.All(holders, holder => Assert.Equal(("g1", "/dev/kvmvg/stray.data", null), (holder.Node, holder.Device, holder.InstanceName)));
    }

    [Fact]
    public void A_guests_QEMU_is_known_by_its_guest()
    {
        var qemu = Assert.Single(HolderLines.Read("g1", "/dev/drbd0", null, DrbdFixture.Read("holders-debian12-qemu.txt")));

        Assert.Equal((BlockHolderKind.Qemu, 765, "kvm1.lab.example", "Stop-GntInstance kvm1.lab.example"), (qemu.Kind, qemu.ProcessId, qemu.InstanceName, qemu.Remedy));
        Assert.Equal("QEMU of kvm1.lab.example (process 765)", qemu.ToString());
    }

    [Theory]
    [InlineData("LVM-abc", "guestvg-swap_1", "guestvg/swap_1")]
    [InlineData("LVM-abc", "guest--vg-root--fs", "guest-vg/root-fs")]
    public void A_logical_volume_is_named_by_its_group(string uuid, string name, string expected)
    {
        var holder = Assert.Single(HolderLines.Read("g1", "/dev/drbd1", "vm1", $"device\tdrbd1\t147:1\t\t\nholder\tdrbd1\tdm-3\ndevice\tdm-3\t253:3\t{name}\t{uuid}\n"));

        Assert.Equal((BlockHolderKind.LvmVolume, expected, $"lvchange -an {expected}", "vm1"), (holder.Kind, holder.Name, holder.Remedy, holder.InstanceName));
    }

    [Theory]
    [InlineData("")]
    [InlineData("process\tdrbd1\t5\tx\ty\n")]
    [InlineData("device\n\nholder\tdrbd1\nmount\tdrbd1\n")]
    [InlineData("device\tdrbd1\nholder\tdrbd1\tdm-9\nprocess\tdrbd1\n")]
    public void Lines_that_make_no_sense_hold_nothing(string output) => Assert.Empty(HolderLines.Read("g1", "/dev/drbd1", null, output));
}
