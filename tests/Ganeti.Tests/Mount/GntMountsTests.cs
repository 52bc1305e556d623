namespace Ganeti.Tests.Mount;

[Trait("Kind", "unit")]
public sealed class GntMountsTests
{
    // As g2 of the lab printed it: LVM 2.03.16, util-linux 2.38.1.
    private const string Listed = "clock\t1795665936\n\u001d79b0f46cf18d437e\n"
        + "about\t{\"Kind\":\"GntMount\",\"InstanceName\":\"vm2.lab.example\",\"DiskIndex\":0,\"DiskUuid\":\"90b571be-cdb0-4e6d-9aa2-c93debb10d52\",\"Operator\":\"root@vm\",\"IsSnapshot\":false}\n"
        + "since\t1795665681\nstate\tMounted\ndevice\t/dev/drbd3\npartition\t1\nsource\t/dev/mapper/gntmount-79b0f46cf18d437ep1\ntype\text4\nlabel\tguestroot\npoint\t/run/ganeti-powershell/mounts/79b0f46cf18d437e/root\n"
        + "access\tread\noptions\tro,nosuid,nodev,noexec,noload,errors=continue\nleft\t28537\nmounted\tyes\n";

    [Fact]
    public void A_mount_is_read_with_whose_it_is_and_until_when()
    {
        var mount = Assert.Single(GntMounts.Parse("g2", Listed));

        Assert.Equal(("vm2.lab.example/disk/0", "partition 1", "g2", "ext4", "guestroot", true, false), (mount.Disk, mount.What, mount.Node, mount.FileSystem, mount.Label, mount.IsReadOnly, mount.IsSnapshot));
        Assert.Equal((GntMountState.Mounted, false, "root@vm", DateTimeOffset.FromUnixTimeSeconds(1795665681), DateTimeOffset.FromUnixTimeSeconds(1795665936 + 28537)), (mount.State, mount.IsStale, mount.Operator, mount.Since, mount.Until));
        Assert.Equal("vm2.lab.example/disk/0 partition 1 on g2", mount.ToString());
    }

    [Theory]
    [InlineData("left\t28537", "left\t-5", GntMountState.Mounted)]
    [InlineData("mounted\tyes\n", "", GntMountState.Unmounted)]
    [InlineData("state\tMounted", "state\tMaking", GntMountState.Making)]
    [InlineData("state\tMounted", "state\tUndoing", GntMountState.Undoing)]
    [InlineData("state\tMounted", "state\tsomething new", GntMountState.Unrecognized)]
    [InlineData("state\tMounted\n", "", GntMountState.Making)]
    public void What_nobody_lays_claim_to_is_stale(string what, string instead, GntMountState state)
    {
        var mount = Assert.Single(GntMounts.Parse("g2", Listed.Replace(what, instead, StringComparison.Ordinal)));

        Assert.Equal((state, true), (mount.State, mount.IsStale));
    }

    [Fact]
    public void The_volume_that_a_reboot_has_left_is_a_remnant()
    {
        var mount = Assert.Single(GntMounts.Parse("g1", "clock\t1795665936\n\u001dabc\nsnapshot\tkvmvg/gntmount.abc\nused\t12.50\n"));

        Assert.Equal((GntMountState.Remnant, true, true, "kvmvg/gntmount.abc", 12.5), (mount.State, mount.IsStale, mount.IsSnapshot, mount.SnapshotVolume, mount.SnapshotUsed));
    }

    [Fact]
    public void Partitions_are_read_with_what_is_on_them()
    {
        var parts = MountPartition.Parse("part\t0\t0\t131072\t\nPTUUID=a6c8ece1-a17e-d643-a87c-bb2fb8837efa\nPTTYPE=gpt\npart\t1\t2048\t40960\tdata\\x20x\nLABEL=guest\\ root\nTYPE=ext4\nUSAGE=filesystem\npart\t2\t43008\t40960\tpv\nVERSION=LVM2\\ 001\nTYPE=LVM2_member\n");

        Assert.Equal(["0:0:131072", "1:2048:40960", "2:43008:40960"], parts.Select(part => part.Argument));
        Assert.Equal(("data x", "guest root", "ext4", true, false), (parts[1].Name, parts[1].Label, parts[1].Type, parts[1].IsCandidate, parts[0].IsCandidate));
        Assert.True(parts[2] is { IsVolumeGroup: true, IsCandidate: false });
        Assert.Equal("1 (ext4, 'guest root', named 'data x', 20 MiB)", parts[1].ToString());
    }

    [Fact]
    public void A_guests_tag_says_what_is_to_be_as_before()
    {
        var guest = new GntInstance { Tags = ["web", new MountTag("79b0f46cf18d437e", WasOnline: true, WereDisksDown: false).Text, "ganeti-mount:odd"] };

        Assert.Equal(("79b0f46cf18d437e", true, false), Assert.Single(MountTag.Of(guest)) is var tag ? (tag.Id, tag.WasOnline, tag.WereDisksDown) : default);
    }

    [Theory]
    [InlineData(true, GntAdminState.up, GntDiskTemplate.drbd, false, "runs")]
    [InlineData(null, GntAdminState.down, GntDiskTemplate.drbd, false, "does not say")]
    [InlineData(false, GntAdminState.up, GntDiskTemplate.drbd, false, "watcher")]
    [InlineData(false, GntAdminState.down, GntDiskTemplate.sharedfile, true, "sharedfile")]
    [InlineData(false, GntAdminState.down, GntDiskTemplate.drbd, false, null)]
    [InlineData(true, GntAdminState.up, GntDiskTemplate.plain, true, null)]
    public void What_would_corrupt_or_can_not_be_is_refused(bool? isRunning, GntAdminState state, GntDiskTemplate template, bool isSnapshot, string? why)
    {
        var guest = new GntInstance { Name = "vm1", PrimaryNode = "h1", IsRunning = isRunning, AdminState = state, DiskTemplate = template, DiskTemplateText = template.ToString() };
        var order = new MountOrder { Guest = guest, Disk = new GntDisk { InstanceName = "vm1", Index = 0 }, IsSnapshot = isSnapshot };

        if (why is null)
        {
            order.Check();
        }
        else
        {
            var refusal = Assert.Throws<GanetiException>(order.Check);
            Assert.Equal(GanetiError.MountRefused, refusal.Error);
            Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
            Assert.NotEmpty(refusal.RecommendedAction!);
        }
    }
}
