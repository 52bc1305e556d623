namespace Ganeti.Tests.Export;

[Trait("Kind", "unit")]
public sealed class ExportBootTests
{
    [Fact]
    public void The_text_of_the_screen_is_where_the_controller_says()
    {
        // The second line is the first that is shown.
        var (test, picture) = ExportBoot.Read(Answer("0x00", "0x50", ["gone", "GNU/Linux \u00db", "login:"]));

        Assert.Equal(["GNU/Linux █", "login:"], test.Screen!);
        Assert.Equal((true, null, TimeSpan.FromSeconds(17)), (test.IsBooting, test.Obstacle, test.Duration));
        Assert.Null(picture);
    }

    [Theory]
    [InlineData("No bootable device.", "the firmware finds nothing to boot")]
    [InlineData("[    1.2] Kernel panic - not syncing", "the kernel gave up")]
    public void What_can_not_go_on_says_why(string line, string why) => Assert.Equal((false, why), (ExportBoot.Read(Answer("0x00", "0x00", [line])).Test is var test && test.IsBooting, test.Obstacle));

    [Fact]
    public void A_machine_that_has_ended_does_not_boot() => Assert.Equal("the machine has ended: qemu: no", ExportBoot.Read("\u001dalive\n\u001dsaid\nqemu: no\n").Test.Obstacle);

    [Fact]
    public void Disk_names_and_remembered_cards_are_found()
    {
        var findings = ExportBoot.Read("""
            GSfile 0 1048576 /etc/fstab
            # /dev/sda9 was this
            /dev/xvda1 / ext4 errors=remount-ro 0 1
            UUID=abc /home ext4 defaults 0 2
            GSfile 0 1048576 /etc/udev/rules.d/70-persistent-net.rules
            SUBSYSTEM=="net", ATTR{address}=="52:54:00:12:34:56", NAME="eth0"
            """.Replace("GS", "\u001d", StringComparison.Ordinal)).Test.Findings;

        Assert.Equal([GntExportFindingKind.DiskName, GntExportFindingKind.RememberedCard], findings.Select(finding => finding.Kind));
        Assert.Equal((0, 1048576L, "/etc/fstab", "/dev/xvda1 / ext4 errors=remount-ro 0 1"), (findings[0].Disk, findings[0].Offset, findings[0].File, findings[0].Line));
    }

    private static string Answer(string high, string low, string[] lines)
    {
        var text = string.Concat(lines.Select(line => line.PadRight(80))).PadRight(16384);
        var hex = string.Join(' ', text.Select(character => $"{(int)character:x2} 07"));
        return $"\u001dseconds\n17\n\u001dalive\nyes\n\u001dmonitor\n(qemu) i /b 0x3d5\nportb[0x03d5] = {high}\nportb[0x03d5] = {low}\n\u001dserial\n\u001dtext\n{hex}\n\u001dscreen\n";
    }
}
