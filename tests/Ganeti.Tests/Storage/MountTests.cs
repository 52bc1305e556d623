using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

/// <summary>Files of guests read where their disks are; nothing of it is left, whatever becomes of the client, and nothing is written that was not to be.</summary>
[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class MountTests
{
    // A partition with ext4, and one with a volume group in which there is another; a file in both.
    private const string Fill = """
        set -e
        exec 2>&1
        sfdisk --quiet --wipe always "$1" <<'END' || :
        label: gpt
        start=2048, size=40960, name="root"
        size=40960, name=pv
        END
        dmsetup create --table "0 40960 linear $1 2048" test1
        dmsetup create --table "0 40960 linear $1 43008" --uuid LVM-test2 test2
        mkdir -p /mnt/test
        put() { mkfs.ext4 -q -F -L "$2" "$1"; mount "$1" /mnt/test; echo "hello from $2" >/mnt/test/hello; umount /mnt/test; }
        put /dev/mapper/test1 guestroot
        only='["a|^/dev/mapper/test2$|","r|.*|"]'
        inside="devices { filter=$only global_filter=$only scan_lvs=1 } backup { backup=0 archive=0 }"
        export LVM_SUPPRESS_FD_WARNINGS=1
        pvcreate --config "$inside" -q -ff -y /dev/mapper/test2 >/dev/null
        vgcreate --config "$inside" -q guestvg /dev/mapper/test2 >/dev/null
        lvcreate --config "$inside" -q -y -L 8M -n root guestvg >/dev/null
        put /dev/mapper/guestvg-root inside
        vgchange --config "$inside" -q -an guestvg >/dev/null
        dmsetup remove test1; dmsetup remove test2
        """;

    private const string Leftovers = """
        ls /run/ganeti-powershell/mounts /run/ganeti-powershell/undo 2>/dev/null | grep -v '^$' | grep -v :$
        ls /run/udev/rules.d/12-ganeti-mount-* 2>/dev/null
        dmsetup ls | grep -e gntmount -e guestvg
        lvs --noheadings -o lv_name | grep gntmount
        grep ganeti-powershell/mounts /proc/self/mounts
        true
        """;

    private static readonly Lazy<(PowerShellEngine Engine, GntConnection Connection)> Shared = new(MirrorLab.Connected);

    private readonly PowerShellEngine _engine;

    public MountTests()
    {
        MirrorLab.Require();
        _engine = Shared.Value.Engine;
    }

    [Fact]
    public void A_running_guests_file_is_read_from_a_snapshot_that_is_gone_afterwards()
    {
        // On a plain volume; its hypervisor opens no disk.
        var volume = _engine.Run("Get-GntInstance vm3 | Get-LvmVolume").Succeeded().One<LvmVolume>();
        var node = volume.Node!.Split('.')[0];
        StrayMirror.On(node, Fill, volume.Path!);

        Assert.Contains("-Snapshot", _engine.Run("Mount-GntDisk vm3").FailedWith("MountRefused").Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        var mount = _engine.Run("Get-GntDisk vm3 | Mount-GntDisk -Snapshot").Succeeded().One<GntMount>();
        Assert.Equal(("ext4", "guestroot", true, true, GntMountState.Mounted, false), (mount.FileSystem, mount.Label, mount.IsReadOnly, mount.IsSnapshot, mount.State, mount.IsStale));
        Assert.Equal("hello from guestroot", StrayMirror.On(node, $"cat {mount.MountPoint}/hello").Trim());
        Assert.Equal(mount, _engine.Run("Get-GntInstance vm3 | Get-GntMount").Succeeded().One<GntMount>());

        _engine.Run("Get-GntMount | Dismount-GntDisk").Succeeded();
        AssertNothingIsLeft(node);
    }

    [Theory]
    [Trait("Pace", "long")]
    [InlineData("")]
    [InlineData("-Recover")]
    public void A_volume_inside_with_a_journal_that_is_not_empty_is_read_as_it_is_or_recovered_in_the_snapshot(string recover)
    {
        var volume = _engine.Run("Get-GntInstance vm3 | Get-LvmVolume").Succeeded().One<LvmVolume>();
        var node = volume.Node!.Split('.')[0];
        // LVM's first extent is 1 MiB behind the beginning of its partition.
        StrayMirror.On(node, Fill + "\ndebugfs -w -R 'feature needs_recovery' \"$1?offset=$((45056 * 512))\" >/dev/null", volume.Path!);

        var mount = _engine.Run($"Mount-GntDisk vm3 -Volume guestvg/root -Snapshot {recover}").Succeeded().One<GntMount>();
        Assert.Equal("hello from inside", StrayMirror.On(node, $"cat {mount.MountPoint}/hello").Trim());

        _engine.Run("Get-GntMount | Dismount-GntDisk").Succeeded();
        AssertNothingIsLeft(node);
    }

    [Fact]
    [Trait("Pace", "long")]
    public void A_stopped_guests_disk_is_read_without_changing_a_bit_of_it_and_the_guest_is_kept_from_starting()
    {
        var disk = new StoppedDisk(_engine);
        var before = disk.Digest();

        var mount = _engine.Run("Get-GntInstance vm2 | Mount-GntDisk").Succeeded().One<GntMount>();
        Assert.Equal("hello from guestroot", StrayMirror.On(disk.Node, $"cat {mount.MountPoint}/hello").Trim());
        Assert.Contains("offline", _engine.Run("Start-GntInstance vm2").Error.ToString(), StringComparison.Ordinal);
        Assert.True(_engine.Run("Get-GntMount").Succeeded().One<GntMount>().HoldsInstance);
        _engine.Run("Mount-GntDisk vm2 -Writable -Force").FailedWith("StorageInUse");

        // Two at once: the guest is held until the last has gone.
        Assert.Contains("guestvg/root", _engine.Run("Mount-GntDisk vm2 -Volume ?").FailedWith("PartNotFound").Error.ToString(), StringComparison.Ordinal);
        var inside = _engine.Run("Mount-GntDisk vm2 -Volume guestvg/root").Succeeded().One<GntMount>();
        Assert.Equal("hello from inside", StrayMirror.On(disk.Node, $"cat {inside.MountPoint}/hello").Trim());
        Assert.DoesNotContain("guestvg", StrayMirror.On(disk.Node, "vgs"), StringComparison.Ordinal);
        _engine.Run("$input | Dismount-GntDisk", mount).Succeeded();
        Assert.Equal(GntAdminState.offline, Guest().AdminState);

        Assert.Equal(before, disk.Digest());
        _engine.Run("Dismount-GntDisk vm2").Succeeded();
        AssertIsAsBefore(disk);
        _engine.Run("Start-GntInstance vm2; Stop-GntInstance vm2 -Force").Succeeded();
    }

    [Fact]
    [Trait("Pace", "long")]
    public async Task Who_leaves_in_the_middle_is_told_so_and_all_is_undone()
    {
        var disk = new StoppedDisk(_engine);
        using var engine = new PowerShellEngine();
        engine.Run("Connect-GntCluster g1").Succeeded();
        using var shell = engine.Shell("Mount-GntDisk vm2");
        var running = shell.BeginInvoke();
        // While a job of Ganeti's keeps the guest from starting.
        await MirrorLab.EventuallyAsync(() => Guest().Tags is { Length: > 0 });
        shell.Stop();
        Assert.True(running.AsyncWaitHandle.WaitOne(Lab.AtOnce));

        Assert.Contains("is undone without you", engine.Host.Text, StringComparison.Ordinal);
        await MirrorLab.EventuallyAsync(() => Guest().Tags is null or [] && _engine.Run("Get-GntHistory -UnderWay").Output.Count == 0);
        AssertIsAsBefore(disk);
    }

    [Fact]
    [Trait("Pace", "long")]
    public async Task A_client_that_is_killed_leaves_nothing_that_is_not_found_and_undone()
    {
        var disk = new StoppedDisk(_engine);
        var client = new KilledClient(_engine);
        var times = Soak.Times(5);
        for (var i = 0; i < times; i++)
        {
            var how = i % 2 == 0 ? "-Partition 1" : "-Snapshot -Partition 1";
            await client.RunAsync($"Mount-GntDisk vm2 {how}", TimeSpan.FromSeconds(30));
            KilledClient.EndLeases();
            // What Ganeti was about it goes on with.
            await MirrorLab.EventuallyAsync(() => _engine.Run("Get-GntJob -Status running, waiting, queued").Output.Count == 0);

            _engine.Run("Get-GntLeftover -OlderThan 0 | Remove-GntLeftover -OlderThan 0 -Force").Succeeded();
            // No leftover is what came to its end.
            Assert.All(_engine.Run("Get-GntMount").Succeeded().Of<GntMount>(), mount => Assert.Equal((GntMountState.Mounted, false), (mount.State, mount.IsStale)));
            _engine.Run("Get-GntMount | Dismount-GntDisk").Succeeded();
            AssertIsAsBefore(disk);
        }
    }

    [Fact]
    [Trait("Pace", "long")]
    public void A_guest_that_the_tag_of_a_lost_mount_keeps_from_starting_is_a_leftover_on_its_node_until_it_is_let_go()
    {
        StrayMirror.On("g1", "gnt-instance modify --offline vm2; gnt-instance add-tags vm2 ganeti-mount:lost:o-");
        var guest = Guest();

        var left = _engine.Run($"Get-GntLeftover {guest.PrimaryNode} | Where-Object Name -eq lost").Succeeded().One<GntLeftover>();

        Assert.Equal((guest.PrimaryNode, GntLeftoverKind.Mount), (left.Node, left.Kind));
        _engine.Run("$input | Remove-GntLeftover -Force", left).Succeeded();
        Assert.True(Guest() is { AdminState: GntAdminState.down, Tags: null or [] });
    }

    private GntInstance Guest() => _engine.Run("Get-GntInstance vm2").Succeeded().One<GntInstance>();

    private void AssertIsAsBefore(StoppedDisk disk)
    {
        AssertNothingIsLeft(disk.Node);
        Assert.Empty(_engine.Run("Get-GntMount").Succeeded().Output);
        Assert.True(Guest() is { AdminState: GntAdminState.down, DisksActive: false, Tags: null or [] });
    }

    private static void AssertNothingIsLeft(string node) => Assert.Equal(string.Empty, StrayMirror.On(node, Leftovers).Trim());

    /// <summary>vm2's disk with something on it; left as it was found.</summary>
    private sealed class StoppedDisk
    {
        private readonly string _volume;

        internal StoppedDisk(PowerShellEngine engine)
        {
            var disk = engine.Run("Enable-GntDisk vm2 -PassThru").Succeeded().One<GntDisk>();
            Node = disk.PrimaryNode!.Split('.')[0];
            StrayMirror.On(Node, Fill, disk.Device!);
            engine.Run("Disable-GntDisk vm2").Succeeded();
            _volume = engine.Run("Get-GntInstance vm2 | Get-LvmVolume").Succeeded().Of<LvmVolume>().Single(volume => volume.Node == disk.PrimaryNode && volume.Use == LvmVolumeUse.Data).Path!;
        }

        internal string Node { get; }

        internal string Digest() => StrayMirror.On(Node, $"sync; dd if={_volume} iflag=direct bs=1M status=none | sha256sum");
    }
}
