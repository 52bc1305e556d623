using Ganeti.Tests.Drbd;

namespace Ganeti.Tests.Block;

[Trait("Kind", "unit")]
public sealed class NodeStorageTests
{
    // sda and sdb hold kvmvg, and sdb has just gone offline; drbd2 is on it, vm1 is on sda.
    private static readonly NodeStorage Dying = Whole("lvs-2.03.16-disk-offline.json", "vgs-2.03.16-missing-pv.json", "pvs-2.03.16-missing-pv.json", "lsblk-2.38-disk-offline.json", "\u001dsysfs lines\nstate\tsda\trunning\nstate\tsdb\toffline\n\u001dlog lines\n" + DrbdFixture.Read("dmesg-6.1-disk-offline.txt"));

    [Fact]
    public void A_disk_that_went_offline_is_known_by_what_is_still_mapped_on_it()
    {
        var sdb = Dying.DeviceOf("sdb")!;

        Assert.Equal(
            ["6e9f3a81-7b2c-4d5e-8f60-9b8c7d6e5f55.disk0_data", "c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_data", "c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_meta"],
            Dying.VolumesOn(sdb).Select(volume => volume.Name));
        Assert.Equal(["[unknown]"], Dying.PhysicalVolumesOn(sdb).Select(physical => physical.Name));
        Assert.Equal([null, 2, 2], Dying.VolumesOn(sdb).Select(volume => volume.DrbdMinor));
        Assert.Equal("kvmvg", sdb.VolumeGroup);
    }

    [Fact]
    public void A_volume_leads_to_its_disks_and_a_mirrors_minor_is_known_by_what_stands_on_it()
    {
        var data = Dying.Volumes.Single(volume => volume.Name == "a7d2e9b4-51f3-4c7e-9b62-0c8d4e1f7b22.disk1_data");

        Assert.Equal(1, data.DrbdMinor);
        Assert.Equal(["sda"], Dying.DisksOf(data).Select(disk => disk.Name));
        Assert.Equal(["sdb"], Dying.DisksOf(Dying.Volumes.Single(volume => volume.Name == "c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_meta")).Select(disk => disk.Name));
        Assert.Equal(["sda", "sdb"], Dying.DisksUnder(Dying.DeviceOf("drbd1")!).Concat(Dying.DisksUnder(Dying.DeviceOf("drbd2")!)).Select(disk => disk.Name));
    }

    [Fact]
    public void The_dying_disk_says_what_is_wrong_with_it()
    {
        var sdb = Dying.DeviceOf("sdb")!;

        Assert.Equal((BlockDeviceState.offline, "offline", 3, "LAB1DISKB002", "ST2000NM0011", "QEMU", "0:0:1:0", true), (sdb.State, sdb.StateText, sdb.ErrorCount, sdb.Serial, sdb.Model, sdb.Vendor, sdb.Address, sdb.IsRotational));
        Assert.Equal([BlockDeviceProblemKind.Offline, BlockDeviceProblemKind.IOError], sdb.Problems!.Select(problem => problem.Kind!.Value));
        Assert.Contains("Get-BlockDevice -Node h1 sdb | Get-GntInstance", sdb.Problems![0].Remedy, StringComparison.Ordinal);
        Assert.Empty(Dying.DeviceOf("sda")!.Problems!);
        Assert.Equal(["READ 2048", "WRITE 40448", "WRITE 788552"], sdb.Errors!.Select(error => $"{error.Operation} {error.Sector}"));
    }

    [Fact]
    public void A_device_is_one_though_it_stands_on_two()
    {
        var drbd = Assert.Single(Dying.Devices, device => device.Name == "drbd0");

        Assert.Equal(["dm-0", "dm-1"], drbd.Parents!);
        Assert.False(drbd.IsDisk);
        Assert.Equal(["fd0", "sda", "sdb", "vda"], Dying.Devices.Where(device => device.IsDisk).Select(device => device.Name));
        Assert.Equal((BlockDeviceType.lvm, "/dev/mapper/kvmvg-3f1c7a52--9c0e--4a53--8d0b--6f1f2f6b0a11.disk0_data"), (Dying.DeviceOf("dm-0")!.Type, Dying.DeviceOf("dm-0")!.Path));
        Assert.Equal(("/", "ext4"), (Dying.DeviceOf("vda")!.MountPoint, Dying.DeviceOf("vda")!.FileSystem));
    }

    [Theory]
    [InlineData("disk", "sdb", "c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_data")]
    [InlineData("physical", "/dev/sda", "3f1c7a52-9c0e-4a53-8d0b-6f1f2f6b0a11.disk0_data")]
    [InlineData("group", "kvmvg", "3f1c7a52-9c0e-4a53-8d0b-6f1f2f6b0a11.disk0_data")]
    [InlineData("side", "/dev/kvmvg/3f1c7a52-9c0e-4a53-8d0b-6f1f2f6b0a11.disk0_data", "3f1c7a52-9c0e-4a53-8d0b-6f1f2f6b0a11.disk0_data")]
    [InlineData("guest", "vm2", "c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_data")]
    public void What_was_piped_in_leads_to_its_volumes_and_from_there_to_all_else(string kind, string name, string expected)
    {
        Dying.Volumes.Single(volume => volume.Name == "c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_data").InstanceName = "vm2";
        var selection = new StorageSelection();
        selection.Add(kind switch
        {
            "disk" => Dying.DeviceOf(name)!,
            "physical" => Dying.PhysicalVolumes.Single(physical => physical.Name == name),
            "group" => Dying.Groups.Single(group => group.Name == name),
            "side" => new DrbdDevice { Node = "h1", Minor = 0, BackingDevice = name },
            _ => new GntInstance { Name = name },
        });

        var onSdb = expected.StartsWith('c');
        Assert.Contains(expected, selection.VolumesIn(Dying).Select(volume => volume.Name));
        Assert.Equal(kind == "group" ? 12 : kind is "side" or "guest" ? 1 : onSdb ? 3 : 9, selection.VolumesIn(Dying).Count());
        Assert.Equal(kind == "group" ? ["sda", "sdb"] : onSdb ? ["sdb"] : ["sda"], selection.DevicesIn(Dying).Select(device => device.Name));
        Assert.Equal(["kvmvg"], selection.GroupsIn(Dying).Select(group => group.Name));
        Assert.Contains(onSdb ? "[unknown]" : "/dev/sda", selection.PhysicalVolumesIn(Dying).Select(physical => physical.Name));
    }

    [Fact]
    public void A_side_without_a_disk_has_no_volume()
    {
        var selection = new StorageSelection();
        selection.Add(new DrbdDevice { Node = "h1", Minor = 9 });

        Assert.Empty(selection.VolumesIn(Dying));
        Assert.Empty(selection.DevicesIn(Dying));
    }

    [Fact]
    public void A_program_that_fails_is_told_and_the_others_count()
    {
        var storage = NodeStorage.Read("h1", "\u001dclock seconds\n1795459000\n\u001dlvs json\n{\n\u001dlvs failed\n5\n\u001dvgs json\nnonsense\n\u001dlsblk json\n" + DrbdFixture.Read("lsblk-2.38-disk-offline.json"));

        Assert.Equal(["lvs (exit status 5)", "vgs (what it printed is no report)"], storage.Failed);
        Assert.Empty(storage.Volumes);
        Assert.NotEmpty(storage.Devices);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1795459000), storage.Clock);
        Assert.Equal(["lsblk"], NodeStorage.Read("h1", string.Empty).Failed);
    }

    [Fact]
    public void Before_there_was_JSON_columns_are_read()
    {
        var storage = NodeStorage.Read("h1", "\u001dlvs json\n\u001dlvs columns\n  u|disk0|xenvg|-wi-a-----|4194304|a,b|2014-01-02 03:04:05 +0100||||||||253|4|linear|1|0|4194304|/dev/sda3(0)\n\u001dvgs json\n\u001dvgs columns\n  u|xenvg|wz--n-|8388608|4194304|4194304|2|1|1|1|0|0|\n\u001dlsblk json\n{\"blockdevices\": []}");

        Assert.Empty(storage.Failed);
        Assert.Equal(("xenvg/disk0", "253:4", "/dev/sda3"), (storage.Volumes[0].FullName, storage.Volumes[0].DeviceNumber, storage.Volumes[0].PhysicalVolumes![0]));
        Assert.Equal(("xenvg", 4194304L), (storage.Groups[0].Name, storage.Groups[0].Free));
    }

    [Fact]
    public void An_array_that_misses_a_disk_is_degraded()
    {
        var storage = NodeStorage.Read("h1", "\u001dlsblk json\n{\"blockdevices\": [{\"name\":\"sdc\",\"kname\":\"sdc\",\"type\":\"disk\",\"ro\":\"0\",\"children\":[{\"name\":\"md0\",\"kname\":\"md0\",\"type\":\"raid1\",\"ro\":\"1\"}]}]}\n\u001dsysfs lines\nmd\tmd0\traid1\t2\t1\tclean\tidle\n\u001dlog lines\n");

        var array = storage.DeviceOf("md0")!;
        Assert.Equal((BlockDeviceType.raid1, true, "raid1 clean 1/2"), (array.Type, array.IsReadOnly, array.Array!.ToString()));
        Assert.Equal(BlockDeviceProblemKind.Degraded, Assert.Single(array.Problems!).Kind);
        Assert.Equal(["md0"], storage.DeviceOf("sdc")!.Holders!);
    }

    private static NodeStorage Whole(string volumes, string groups, string physical, string devices, string rest) => NodeStorage.Read(
        "h1",
        $"\u001dclock seconds\n1795466000\n\u001dlvs json\n{DrbdFixture.Read(volumes)}\u001dvgs json\n{DrbdFixture.Read(groups)}\u001dpvs json\n{DrbdFixture.Read(physical)}\u001dlsblk json\n{DrbdFixture.Read(devices)}{rest}");
}
