using Ganeti.Tests.Drbd;

namespace Ganeti.Tests.Lvm;

[Trait("Kind", "unit")]
public sealed class LvmReportTests
{
    // What lab/vm/cap-lvm asked for.
    private const string Columns = "lv_uuid,lv_name,lv_full_name,lv_path,lv_dm_path,vg_name,lv_attr,lv_size,lv_active,lv_device_open,lv_suspended,lv_health_status,lv_layout,lv_role,origin,data_percent,metadata_percent,copy_percent,lv_tags,lv_time,lv_host,devices,segtype,stripes,lv_kernel_major,lv_kernel_minor";

    [Fact]
    public void A_volume_of_a_guest_is_read_with_everything_that_it_has()
    {
        var volume = Volumes("lvs-2.03.16-leftovers.json").Single(volume => volume.Name == "a7d2e9b4-51f3-4c7e-9b62-0c8d4e1f7b22.disk1_data");

        Assert.Equal(("h1", "kvmvg", "kvmvg/a7d2e9b4-51f3-4c7e-9b62-0c8d4e1f7b22.disk1_data", "/dev/kvmvg/a7d2e9b4-51f3-4c7e-9b62-0c8d4e1f7b22.disk1_data"), (volume.Node, volume.VolumeGroup, volume.FullName, volume.Path));
        Assert.Equal((256L << 20, LvmSegmentType.linear, "linear", LvmVolumeState.active, "a", "owi-aos---"), (volume.Size, volume.SegmentType, volume.SegmentTypeText, volume.State, volume.StateText, volume.Attributes));
        Assert.Equal((true, false, false, null, null, "253:2"), (volume.IsOpen, volume.IsPartial, volume.IsHidden, volume.Origin, volume.DataPercent, volume.DeviceNumber));
        Assert.Equal(["originstname+vm1.lab.example"], volume.Tags!);
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 18, 31, 16, TimeSpan.Zero), volume.Created);
        Assert.Equal(["/dev/sda"], volume.PhysicalVolumes!);
        Assert.Equal("linear /dev/sda(160)", Assert.Single(volume.Segments!).ToString());
        Assert.True(volume.IsActive);
    }

    [Fact]
    public void Snapshots_have_an_origin_and_say_how_full_they_are_and_whether_they_are_lost()
    {
        var snapshot = Volumes("lvs-2.03.16-leftovers.json").Single(volume => volume.Name == "a7d2e9b4-51f3-4c7e-9b62-0c8d4e1f7b22.disk1_data.snap");
        var lost = Volumes("lvs-2.03.16-snapshots-overflowed.json").Single(volume => volume.Name == snapshot.Name);

        Assert.Equal(("a7d2e9b4-51f3-4c7e-9b62-0c8d4e1f7b22.disk1_data", 28.26, true, false), (snapshot.Origin, snapshot.DataPercent, snapshot.IsSnapshot, snapshot.IsInvalid));
        Assert.Equal((LvmVolumeState.invalid, "I", 100.0, true), (lost.State, lost.StateText, lost.DataPercent, lost.IsInvalid));
    }

    [Fact]
    public void What_is_on_a_missing_device_is_partial()
    {
        var volumes = Volumes("lvs-2.03.16-missing-pv.json");

        Assert.Equal(
            ["6e9f3a81-7b2c-4d5e-8f60-9b8c7d6e5f55.disk0_data", "c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_data", "c90b6d18-2e4f-4f6a-a1c5-7b3e9d5a8c33.disk0_meta"],
            volumes.Where(volume => volume.IsPartial == true).Select(volume => volume.Name));
        Assert.All(volumes.Where(volume => volume.IsPartial == true), volume => Assert.Equal(("[unknown]", LvmVolumeState.inactive, null), (Assert.Single(volume.PhysicalVolumes!), volume.State, volume.DeviceNumber)));
    }

    [Fact]
    public void Layouts_lead_down_to_the_physical_volumes_through_what_is_hidden()
    {
        var volumes = Volumes("lvs-2.03.16-layouts.json");
        LvmVolume Named(string name) => volumes.Single(volume => volume.Name == name);

        Assert.Equal(["/dev/sda", "/dev/sdb"], Named("raid1").PhysicalVolumes!);
        Assert.Equal(["/dev/sda", "/dev/sdb"], Named("mirrored").PhysicalVolumes!);
        Assert.Equal(["/dev/sda"], Named("pool0").PhysicalVolumes!);
        Assert.Equal("striped /dev/sda(306),/dev/sdb(203)", Named("striped").Segments![0].ToString());
        Assert.Equal((LvmSegmentType.thin_pool, "thin-pool", 20.83), (Named("pool0").SegmentType, Named("pool0").SegmentTypeText, Named("pool0").DataPercent));
        Assert.Equal((true, 7.81, false), (Named("thin1").IsThin, Named("thin1").DataPercent, Named("thin1").IsSnapshot));
        Assert.Equal(("thin1", LvmVolumeState.inactive, false), (Named("thin1_snap").Origin, Named("thin1_snap").State, Named("thin1_snap").IsActive));
        Assert.Equal((LvmVolumeState.suspended, 100.0), (Named("suspended").State, Named("raid1").CopyPercent));
        Assert.Equal((true, "kvmvg/raid1_rimage_0"), (Named("raid1_rimage_0").IsHidden, Named("raid1_rimage_0").FullName));
    }

    [Fact]
    public void A_volume_with_several_segments_is_one_and_a_thin_one_lies_on_its_pools_data_and_metadata()
    {
        static string Row(string name, string attributes, string segment, string pool = "", string metadata = "", string number = "|") => $"  u-{name}|{name}|vg|{attributes}|12582912||||{pool}|{metadata}|||||{number}|{segment}";
        var volumes = LvmReport.Volumes("h1", LvmReport.Delimited(
            string.Join('\n',
                Row("grown", "-wi-a-----", "linear|1|8388608|4194304|/dev/sdb(7)"),
                Row("grown", "-wi-a-----", "linear|1|0|8388608|/dev/sda(0)"),
                Row("thin", "Vwi-a-tz--", "thin|0|0|4194304|", pool: "pool", number: "253|9"),
                Row("pool", "twi-aotz--", "thin-pool|1|0|4194304|pool_tdata(0)", metadata: "[pool_tmeta]"),
                Row("[pool_tdata]", "Twi-ao----", "linear|1|0|4194304|/dev/sda(9)"),
                Row("[pool_tmeta]", "ewi-ao----", "linear|1|0|4194304|/dev/md0(0)")),
            LvmReport.VolumeColumns));

        Assert.Equal(["grown", "thin", "pool", "pool_tdata", "pool_tmeta"], volumes.Select(volume => volume.Name));
        Assert.Equal(["linear /dev/sda(0)", "linear /dev/sdb(7)"], volumes[0].Segments!.Select(segment => segment.ToString()));
        Assert.Equal(["/dev/md0", "/dev/sda"], volumes[1].PhysicalVolumes!);
        Assert.Equal(("pool", "253:9"), (volumes[1].Pool, volumes[1].DeviceNumber));
    }

    [Fact]
    public void Without_JSON_the_same_is_read_from_columns()
    {
        var volumes = LvmReport.Volumes("h1", LvmReport.Delimited(DrbdFixture.Read("lvs-2.03.16-leftovers-columns.txt"), Columns));
        var same = Volumes("lvs-2.03.16-leftovers.json");

        Assert.Equal(14, volumes.Count);
        Assert.Equal(
            same.Select(volume => (volume.FullName, volume.Uuid, volume.Size, volume.Attributes, volume.Origin, volume.Created, string.Join(';', volume.Segments!.Select(segment => segment.ToString())), string.Join(';', volume.Tags!))),
            volumes.Select(volume => (volume.FullName, volume.Uuid, volume.Size, volume.Attributes, volume.Origin, volume.Created, string.Join(';', volume.Segments!.Select(segment => segment.ToString())), string.Join(';', volume.Tags!))));
    }

    [Fact]
    public void Groups_and_physical_volumes_say_what_is_missing()
    {
        var group = Assert.Single(LvmReport.Groups("h1", LvmReport.Json(DrbdFixture.Read("vgs-2.03.16-missing-pv.json"))!));
        var physical = LvmReport.PhysicalVolumes("h1", LvmReport.Json(DrbdFixture.Read("pvs-2.03.16-missing-pv.json"))!);

        Assert.Equal(("kvmvg", 4286578688L, 1933574144L, 4194304L, 2, 1, true, 12), (group.Name, group.Size, group.Free, group.ExtentSize, group.PhysicalVolumeCount, group.MissingCount, group.IsPartial, group.VolumeCount));
        Assert.Equal([("/dev/sda", false, 2147483648L), ("[unknown]", true, 0L)], physical.Select(one => (one.Name!, one.IsMissing!.Value, one.DeviceSize!.Value)));
        Assert.Equal(["h1/dev/sda", "h1/wO05Du-ggDN-Pjh1-j1Ty-u010-QqqN-f199qR"], physical.Select(one => one.Id));
        Assert.All(physical, one => Assert.True(one.IsAllocatable));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  {")]
    [InlineData("{}")]
    [InlineData("""{"report": 3}""")]
    public void What_is_no_report_is_none(string text) => Assert.Null(LvmReport.Json(text));

    [Fact]
    public void A_letter_or_a_word_of_a_newer_LVM_is_kept()
    {
        var volume = Assert.Single(LvmReport.Volumes("h1", LvmReport.Json("""{"report":[{"lv":[{"lv_name":"x","vg_name":"v","lv_attr":"-wi-Zq----","segtype":"quantum","lv_size":"?","lv_time":"soon"}]}]}""")!));

        Assert.Equal((LvmVolumeState.Unrecognized, "Z", LvmSegmentType.Unrecognized, "quantum", null, null, null), (volume.State, volume.StateText, volume.SegmentType, volume.SegmentTypeText, volume.Size, volume.Created, volume.IsOpen));
    }

    private static IReadOnlyList<LvmVolume> Volumes(string fixture) => LvmReport.Volumes("h1", LvmReport.Json(DrbdFixture.Read(fixture))!);
}
