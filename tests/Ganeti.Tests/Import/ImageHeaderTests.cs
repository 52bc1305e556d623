using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Import;

[Trait("Kind", "unit")]
public sealed class ImageHeaderTests
{
    [Theory]
    [InlineData("boot.raw", GntImageFormat.raw)]
    [InlineData("boot.qcow2", GntImageFormat.qcow2)]
    [InlineData("boot.qcow", GntImageFormat.qcow)]
    [InlineData("boot.vmdk", GntImageFormat.vmdk)]
    [InlineData("boot.vdi", GntImageFormat.vdi)]
    [InlineData("boot.qed", GntImageFormat.qed)]
    public void What_qemu_img_wrote_is_known_with_its_size(string name, GntImageFormat format)
    {
        var header = ImageHeader.Read(Head(name), [], 6 << 20);

        Assert.Equal((format, 6L << 20, null), (header.Format, header.VirtualSize, header.Refusal));
    }

    [Fact]
    public void A_header_without_a_plain_size_leaves_it_to_qemu_img() =>
        Assert.Equal((GntImageFormat.vhdx, null, null), (ImageHeader.Read(Head("boot.vhdx"), [], 16 << 20) is var header ? header.Format : default, header.VirtualSize, header.Refusal));

    // Rounded up to whole cylinders, as Virtual PC counts.
    [Fact]
    public void A_virtual_pc_disk_that_grows_is_known_by_its_beginning() =>
        Assert.Equal((GntImageFormat.vpc, 6301696L), (ImageHeader.Read(Head("boot.vpc"), [], 6 << 20) is var header ? header.Format : default, header.VirtualSize));

    [Fact]
    public void A_fixed_virtual_pc_disk_is_known_by_its_end() =>
        Assert.Equal((GntImageFormat.vpc, 6301696L), (ImageHeader.Read(Head("boot.raw"), Fixture("fixed.vpc.tail"), (6 << 20) + 512) is var header ? header.Format : default, header.VirtualSize));

    [Theory]
    [InlineData("back.qcow2", "it has a backing file")]
    [InlineData("df.qcow2", "its data is in another file")]
    [InlineData("flat.vmdk", "it is a description that names other files, which have the data")]
    public void What_would_have_other_files_opened_is_refused(string name, string why) => Assert.Equal(why, ImageHeader.Read(Head(name), [], 1 << 20).Refusal);

    [Fact]
    public void A_raw_disk_is_never_looked_into()
    {
        var header = ImageHeader.Raw(Head("back.qcow2"), 1025);

        Assert.Equal((GntImageFormat.raw, 1536, null, GntPayloadKind.Qcow2), (header.Format, header.VirtualSize, header.Refusal, header.Kind));
    }

    [Fact]
    public void A_compressed_file_is_no_disk() => Assert.Equal("it is compressed (gzip)", ImageHeader.Read([0x1f, 0x8b, 8, 0], [], 4).Refusal);

    [Theory]
    [InlineData("boot.vmdk", "boot.vmdk", null)]
    [InlineData("boot.vmdk", "/srv/other.vmdk", "a part of it is in another file, boot.vmdk")]
    [InlineData("back.qcow2", "back.qcow2", "it has a backing file, boot.raw")]
    [InlineData("df.qcow2", "df.qcow2", "its data is in another file, data.raw")]
    public void What_qemu_img_says_of_other_files_is_a_refusal(string name, string path, string? why)
    {
        var info = ImageInfo.Read(System.Text.Encoding.UTF8.GetString(Fixture($"{name}.json")), path);

        Assert.Equal((6L << 20, why), (info!.VirtualSize, info.Refusal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"virtual-size": 0}""")]
    public void What_is_no_answer_is_none(string json) => Assert.Null(ImageInfo.Read(json, "x"));

    private static byte[] Head(string name) => Fixture($"{name}.head");

    private static byte[] Fixture(string name) => File.ReadAllBytes(Repository.At("tests", "fixtures", "images", name));
}
