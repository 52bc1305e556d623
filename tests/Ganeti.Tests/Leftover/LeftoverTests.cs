namespace Ganeti.Tests.Leftover;

/// <summary>What is taken for left over on a node, and what is not.</summary>
[Trait("Kind", "unit")]
public sealed class LeftoverTests
{
    private const string Lines =
        "clock\t1795480000\n" +
        "mapping\tkvmvg-gone\tLVM-pqAcbn7ZyIXnU4gIxUoNkxeQ1aXX0000ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ\t253:90\t0\t8388608\t1795400000\t8:16 \t8:16 \t\n" +
        "mapping\tkvmvg-open\tLVM-pqAcbn7ZyIXnU4gIxUoNkxeQ1aXX0000YYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYY\t253:91\t1\t8388608\t1795400000\t8:16 \t\t\n" +
        "mapping\tmpatha-part1\tpart1-mpath-3600\t253:92\t0\t8388608\t1795400000\t253:1 \t\t\n" +
        "mapping\tlost\t\t253:93\t0\t8388608\t1795400000\t8:32 \t8:32 \t\n" +
        "mapping\tmounted1\tpart1-devnode\t253:94\t0\t8388608\t1795400000\t8:32 \t8:32 \tsession\n" +
        "mapping\tyoung\t\t253:95\t0\t8388608\t1795479000\t8:32 \t8:32 \t\n" +
        "mapping\tno-time\t\t253:96\t0\t8388608\t\t8:32 \t8:32 \t\n" +
        "mapping\tplain\t\t253:97\t0\t8388608\t1795400000\t8:0 \t\t\n" +
        "undo\tabcd\t-900\tverify of drbd3\tno such minor\n" +
        "undo\tstill-trying\t-60\tverify of drbd4\t\n" +
        "scratch\t/var/tmp/ganeti-import.0815\t1795400000\t4096\n" +
        "scratch\t/var/tmp/ganeti-import.young\t1795479000\t4096\n" +
        "lease\tvm1.lab.example\t-40\t{\"Operator\":\"alice@desk\",\"Cmdlet\":\"Reset-DrbdConnection\"}\n" +
        "nonsense\n";

    [Fact]
    public void Mappings_that_nobody_has_safeguards_and_leases_are_told_from_what_is_in_use()
    {
        var found = Found(Scene(Lines));

        Assert.Equal(["Mapping kvmvg-gone", "Mapping lost", "Safeguard abcd", "Lease vm1.lab.example", "Scratch /var/tmp/ganeti-import.0815"], found.Select(leftover => $"{leftover.Kind} {leftover.Name}"));
        Assert.Contains("LVM knows no such volume any more", found[0].Reason, StringComparison.Ordinal);
        Assert.Contains("is gone (8:32)", found[1].Reason, StringComparison.Ordinal);
        Assert.Contains("no such minor", found[2].Reason, StringComparison.Ordinal);
        Assert.Contains("alice@desk", found[3].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void While_a_job_is_on_a_node_or_LVM_does_not_tell_all_nothing_of_it_is_taken_for_left()
    {
        var busy = Scene(Lines) with { Knowledge = Knowledge(new Dictionary<string, string> { ["h1"] = "job 7" }) };
        Assert.DoesNotContain(Found(busy), leftover => leftover.Kind is GntLeftoverKind.Mapping or GntLeftoverKind.DrbdMinor or GntLeftoverKind.OrphanVolume);

        var earlier = Scene(Lines, "\u001dclock seconds\n1795400000\n");
        Assert.DoesNotContain(Found(earlier), leftover => leftover.Kind is GntLeftoverKind.Mapping);

        var partial = Scene(Lines, "\u001dlvs failed\n5\n");
        Assert.DoesNotContain(Found(partial), leftover => leftover.Name == "kvmvg-gone");
    }

    [Theory]
    [InlineData("resource60", DrbdRole.Secondary, DrbdRole.Unknown, null, true)]
    [InlineData("r0", DrbdRole.Secondary, DrbdRole.Unknown, null, false)]
    [InlineData("resource60", DrbdRole.Primary, DrbdRole.Unknown, null, false)]
    [InlineData("resource60", DrbdRole.Secondary, DrbdRole.Primary, null, false)]
    [InlineData("resource60", DrbdRole.Secondary, DrbdRole.Unknown, "/dev/kvmvg/owned", false)]
    public void A_minor_is_left_when_it_has_Ganetis_name_and_no_guest_and_nobody_uses_it(string resource, DrbdRole role, DrbdRole peer, string? device, bool isLeft)
    {
        var side = new DrbdDevice { Node = "h1", Minor = 60, ResourceName = resource, Role = role, PeerRole = peer, BackingDevice = device };

        Assert.Equal(isLeft, Found(Scene("clock\t1795480000\n") with { Sides = [side] }).Count == 1);
        Assert.Empty(Found(Scene("clock\t1795480000\n") with { Sides = [side], Knowledge = Knowledge([]) with { Owners = [new LvmOwner { Node = "h1", VolumeGroup = "kvmvg", Volume = "x", DrbdMinor = 60 }] } }));
    }

    [Fact]
    public void A_group_within_a_guests_disk_is_the_guests_own_and_imports_under_way_are_left_alone()
    {
        static string Volume(string group, string name, string device, string tags = "") =>
            $$"""{"lv_uuid":"{{name}}","lv_name":"{{name}}","vg_name":"{{group}}","lv_attr":"-wi-a-----","lv_size":"8388608","lv_tags":"{{tags}}","lv_time":"2026-11-20 00:00:00 +0000","segtype":"linear","devices":"{{device}}(0)"}""";

        var scene = Scene(
            "clock\t1795480000\n",
            "\u001dlvs json\n" + $$"""{"report":[{"lv":[{{Volume("kvmvg", "left", "/dev/sda")}},{{Volume("kvmvg", "import", "/dev/sda", "ganeti.import=0815")}},{{Volume("guestvg", "root", "/dev/mapper/kvmvg-disk1")}}]}]}""" +
            "\n\u001dpvs json\n" + """{"report":[{"pv":[{"pv_name":"/dev/sda","vg_name":"kvmvg"},{"pv_name":"/dev/mapper/kvmvg-disk1","vg_name":"guestvg"}]}]}""" +
            "\n\u001dlsblk json\n" + """{"blockdevices":[{"name":"sda","kname":"sda","maj:min":"8:0","type":"disk","children":[{"name":"kvmvg-disk","kname":"dm-0","maj:min":"253:0","type":"lvm","children":[{"name":"kvmvg-disk1","kname":"dm-1","maj:min":"253:1","type":"part"}]}]}]}""" + "\n");

        Assert.Equal(["OrphanVolume kvmvg/left", "ImportVolume kvmvg/import"], Found(scene).Select(leftover => $"{leftover.Kind} {leftover.Name}"));
        Assert.Equal(["OrphanVolume kvmvg/left"], Found(scene with { UnderWay = [new GntHistoryEntry { Cmdlet = "Import-GntInstance" }] }).Select(leftover => $"{leftover.Kind} {leftover.Name}"));
    }

    [Fact]
    public void A_volume_in_a_group_that_Ganeti_has_nothing_in_is_not_its_leftover()
    {
        static string Volume(string group) => $$"""{"lv_uuid":"{{group}}","lv_name":"old","vg_name":"{{group}}","lv_attr":"-wi-a-----","lv_size":"8388608","lv_tags":"","lv_time":"2026-11-20 00:00:00 +0000","segtype":"linear","devices":"/dev/sda(0)"}""";
        var scene = Scene("clock\t1795480000\n", "\u001dlvs json\n" + $$"""{"report":[{"lv":[{{Volume("system")}},{{Volume("kvmvg")}},{{Volume("empty")}}]}]}""" + "\n");

        Assert.Equal(["kvmvg/old", "empty/old"], Found(scene with { Knowledge = Knowledge([]) with { VolumeGroup = "empty" } }).Select(leftover => leftover.Name));
    }

    [Fact]
    public void A_mount_is_left_when_nobody_lays_claim_to_it_and_its_snapshot_is_no_orphan()
    {
        var snapshot = """{"lv_uuid":"u","lv_name":"gntmount.ab","vg_name":"kvmvg","lv_attr":"-wi-a-----","lv_size":"8388608","lv_tags":"ganeti.mount=ab","lv_time":"2026-11-20 00:00:00 +0000","segtype":"linear","devices":"/dev/sda(0)"}""";
        var scene = Scene("clock\t1795480000\n", $"\u001dlvs json\n{{\"report\":[{{\"lv\":[{snapshot}]}}]}}\n");
        var mount = new GntMount { Id = "ab", Node = "h1", InstanceName = "vm1", DiskIndex = 0, Operator = "alice@desk", SnapshotVolume = "kvmvg/gntmount.ab", State = GntMountState.Making, StateText = "Making", IsStale = true };

        Assert.Equal("OrphanVolume", Assert.Single(Found(scene)).Kind.ToString());
        var left = Assert.Single(Found(scene with { Mounts = [mount] }));
        Assert.Equal((GntLeftoverKind.Mount, "ab", "vm1/disk/0, mounted by alice@desk: its client died (Making)"), (left.Kind!.Value, left.Name, left.Reason));
        mount.IsStale = false;
        Assert.Empty(Found(scene with { Mounts = [mount] }));
    }

    private static List<GntLeftover> Found(LeftoverScene scene) =>
        [.. new ILeftoverSource[] { new VolumeLeftovers(), new MappingLeftovers(), new MinorLeftovers(), new ResetLeftovers(), new SafeguardLeftovers(), new LeaseLeftovers(), new MountLeftovers(), new ScratchLeftovers() }.SelectMany(source => source.Find(scene))];

    private static LeftoverScene Scene(string lines, string more = "") => new()
    {
        Storage = NodeStorage.Read("h1", $"\u001dclock seconds\n1795480000\n\u001dlvs json\n{{\"report\":[{{\"lv\":[]}}]}}\n\u001dlsblk json\n{{\"blockdevices\":[]}}\n{more}"),
        Sides = [],
        Said = NodeLeftovers.Read(lines),
        Resets = [],
        Knowledge = Knowledge([]),
        UnderWay = [],
        OlderThan = TimeSpan.FromHours(1),
    };

    private static LvmKnowledge Knowledge(Dictionary<string, string> busy) => new()
    {
        Owners = [new LvmOwner { Node = "h1", VolumeGroup = "kvmvg", Volume = "owned" }],
        Guests = new HashSet<string>(),
        Reserved = [],
        Busy = busy,
    };
}
