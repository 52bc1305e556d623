using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Export;

[Trait("Kind", "unit")]
public sealed class ExportListingTests
{
    private static readonly string Listing = File.ReadAllText(Repository.At("tests", "fixtures", "export-listing-ganeti3.0.2-kinds.txt"));

    public static TheoryData<string, GntPayloadKind, string> Kinds => new()
    {
        { "fs-ext2", GntPayloadKind.FileSystem, "ext2 file system" },
        { "fs-ext3", GntPayloadKind.FileSystem, "ext3 file system" },
        { "fs-ext4", GntPayloadKind.FileSystem, "ext4 file system" },
        { "gz-ext4", GntPayloadKind.Gzip, "gzip: ext4 file system" },
        { "gz-tar", GntPayloadKind.Gzip, "gzip: tar archive" },
        { "zstd-ext4", GntPayloadKind.Zstd, "zstd: ext4 file system" },
        { "bz2-ext4", GntPayloadKind.Bzip2, "bzip2: ext4 file system" },
        { "xz-text", GntPayloadKind.Xz, "xz: unknown" },
        { "lz4-text", GntPayloadKind.Lz4, "lz4: unknown" },
        { "tar-text", GntPayloadKind.Tar, "tar archive" },
        { "image-qcow2", GntPayloadKind.Qcow2, "qcow2 image" },
        { "image-vmdk", GntPayloadKind.Vmdk, "VMDK image" },
        { "swap", GntPayloadKind.Volume, "swap space" },
        { "empty", GntPayloadKind.Empty, "empty" },
        { "zeros", GntPayloadKind.Unrecognized, "unknown, zeros at first" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_dump_is_known_by_what_it_begins_with(string file, GntPayloadKind kind, string text)
    {
        var disk = Read().Disks!.Single(disk => disk.FileName == file);

        Assert.Equal((kind, text), (disk.Kind, disk.KindText));
        Assert.NotNull(disk.DumpSize);
    }

    [Fact]
    public void What_the_description_says_is_there()
    {
        var export = Read();

        Assert.Equal(("/var/lib/ganeti/export/kinds.lab.example", "noop+default", "kvm", GntDiskTemplate.plain), (export.Path, export.OS, export.Hypervisor, export.DiskTemplate));
        Assert.Equal((128L << 20, 64L << 20, 2), (export.Memory, export.MinimumMemory, export.VCpu));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1795622987), export.Created);
        Assert.Equal(["web", "db"], export.Tags!);
        Assert.Equal("ro\nquiet", export.HypervisorParameters!["kernel_args"]);
        Assert.Equal("bookworm", export.OSParameters!["dist"]);
        var nic = Assert.Single(export.Nics!);
        Assert.Equal(("aa:00:00:00:00:01", null, GntNicMode.bridged, "br0", null), (nic.Mac, nic.IPAddress, nic.Mode, nic.Link, nic.Vlan));
        Assert.Equal(Enumerable.Range(0, 16), export.Disks!.Select(disk => disk.Index!.Value));
        Assert.All(export.Disks!, disk => Assert.Equal(8L << 20, disk.Size));
    }

    [Fact]
    public void An_export_with_a_dump_missing_is_not_complete()
    {
        var export = Read();

        Assert.Null(export.Disks!.Single(disk => disk.FileName == "missing").DumpSize);
        Assert.False(export.IsComplete);
    }

    [Fact]
    public void Private_OS_parameters_stay_on_the_node() => Assert.DoesNotContain("geheim", Listing, StringComparison.Ordinal);

    [Fact]
    public void One_that_is_gone_keeps_nulls()
    {
        var gone = new GntExport { Name = "gone.lab.example", Node = "h1" };
        ExportListing.Fill([gone], Listing);

        Assert.Null(gone.Path);
        Assert.Null(gone.IsComplete);
    }

    [Fact]
    public void Whatever_a_node_prints_is_no_exception()
    {
        foreach (var odd in new[] { string.Empty, "head AAAA", "file 1 x\nhead AAAA", "export x\nfile a b\nhead %%%", "export kinds\n| disk0_dump = x", "export kinds\n| [instance]\n| diskx_dump = y\n|  z" })
        {
            ExportListing.Fill([new GntExport { Name = "kinds" }], odd);
        }
    }

    [Theory]
    [InlineData(512, "EFI PART", GntPayloadKind.Gpt, "disk with GPT")]
    [InlineData(510, "\u0055\u00aa", GntPayloadKind.Mbr, "disk with MBR")]
    [InlineData(24, "\u006c\u00ea\0\0", GntPayloadKind.Dump, "ext dump")]
    [InlineData(512, "LABELONE", GntPayloadKind.Volume, "LVM physical volume")]
    [InlineData(0, "\u0089LZO\0\r\n\u001a\n", GntPayloadKind.Lzop, "lzop")]
    [InlineData(3, "NTFS    ", GntPayloadKind.FileSystem, "NTFS file system")]
    [InlineData(0, "XFSB", GntPayloadKind.FileSystem, "xfs file system")]
    [InlineData(100, "anything", GntPayloadKind.Unrecognized, "unknown")]
    public void Marks_are_found_at_their_places(int offset, string mark, GntPayloadKind kind, string text)
    {
        var head = new byte[Payload.HeadLength];
        System.Text.Encoding.Latin1.GetBytes(mark).CopyTo(head, offset);

        Assert.Equal((kind, text), Payload.Detect(head));
    }

    [Fact]
    public void Marks_further_on_are_found_too()
    {
        var head = new byte[Payload.HeadLength];

        Assert.Equal("btrfs file system", Payload.Detect(head, default, "_BHRfS_M"u8).Text);
        Assert.Equal("ISO 9660 file system", Payload.Detect(head, "CD001"u8).Text);
        Assert.Equal(GntPayloadKind.Unrecognized, Payload.Detect("EF"u8).Kind);
    }

    private static GntExport Read()
    {
        var export = new GntExport { Name = "kinds.lab.example", Node = "h1.lab.example" };
        ExportListing.Fill([export], Listing);
        return export;
    }
}
