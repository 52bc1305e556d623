using System.Diagnostics;
using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class ImageImportTests : IDisposable
{
    // A boot sector that writes a line and waits for the power button:
    //   cli; xor %ax,%ax; mov %ax,%ds; mov %ax,%ss; mov $0x7c00,%sp; mov $3,%ax; int $0x10; mov $text,%si; 1: lodsb; test %al,%al; jz 2f; mov $0xe,%ah; mov $7,%bx; int $0x10; jmp 1b; 2: as in tests/lab/guest.s
    private const string BootSector = "fa31c08ed88ed0bc007cb80300cd10be417cac84c07409b40ebb0700cd10ebf2ba0206b80001efe4a10c02e6a1fbf4ba0006edf6c40174f5ba0406b80020efebec"
        + "54686520696d616765206f6620746865207465737420626f6f74732e0d0a00";

    private const string Greeting = "The image of the test boots.";
    private const string Left = "lvs --noheadings -o lv_name,lv_tags kvmvg | grep -e '^ *import[.]' -e ganeti.import=; ls -d /var/tmp/ganeti-import.* /run/ganeti-powershell/undo/* 2>/dev/null; :";
    private const string Rest = "-Node g1 -NoNameCheck -OS noop+default -Hypervisor kvm -Memory 32MB -Confirm:$false";

    private static readonly Lazy<(PowerShellEngine Engine, GntConnection Connection)> Shared = new(MirrorLab.Connected);

    private readonly PowerShellEngine _engine;
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"ganeti-image-{Guid.NewGuid():N}");

    public ImageImportTests()
    {
        MirrorLab.Require();
        _engine = Shared.Value.Engine;
        Directory.CreateDirectory(_folder);
        var disk = new byte[(6 << 20) + 3];
        Convert.FromHexString(BootSector).CopyTo(disk, 0);
        (disk[510], disk[511], disk[^1]) = (0x55, 0xaa, 7);
        new Random(7).NextBytes(disk.AsSpan(3 << 20, 300_000));
        File.WriteAllBytes(At("disk.raw"), disk);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_not_whole_or_has_other_files_is_refused_and_leaves_nothing()
    {
        Qemu("create", "-q", "-f", "qcow2", "-F", "raw", "-b", At("disk.raw"), At("back.qcow2"));

        _engine.Run($"Import-GntInstance -Image '{At("back.qcow2")}' image1.lab.example -DiskTemplate plain {Rest}").FailedWith("ImageRefused");
        // It has fewer bytes than it says.
        _engine.Run($"Import-GntInstance -Image /sys/class/net/lo/mtu -ImageFormat raw image1.lab.example -DiskTemplate plain {Rest}").FailedWith("ImageChanged");

        Assert.Empty(StrayMirror.On("g1", Left).Trim());
    }

    [Theory]
    [Trait("Pace", "long")]
    [InlineData("raw", "plain")]
    [InlineData("qcow2", "drbd")]
    [InlineData("vmdk", "plain")]
    public async Task An_image_becomes_a_guest_that_boots_it(string format, string template)
    {
        if (format != "raw")
        {
            Qemu("convert", "-f", "raw", "-O", format, At("disk.raw"), At($"disk.{format}"));
        }

        try
        {
            var made = _engine.Run($"Import-GntInstance -Image '{At($"disk.{format}")}' image1.lab.example -DiskTemplate {template} {(template == "drbd" ? "-SecondaryNode g2 " : string.Empty)}{Rest} -Start -PassThru").Succeeded().One<GntInstance>();

            Assert.Equal((template, GntInstanceStatus.running), (made.DiskTemplateText, made.Status));
            await MirrorLab.EventuallyAsync(() => Screen("image1.lab.example").Contains(Greeting, StringComparison.Ordinal));
            Assert.Empty(StrayMirror.On("g1", Left).Trim());
        }
        finally
        {
            Lab.Exec("g1", "gnt-instance", "remove", "-f", "--shutdown-timeout=0", "image1.lab.example");
        }
    }

    [Fact]
    [Trait("Pace", "long")]
    public async Task A_volume_that_does_not_have_what_was_read_is_thrown_away()
    {
        StrayMirror.On("g1", "nohup setsid sh -c 'while [ ! -e /tmp/image-quiet ]; do printf X | dd of=/dev/kvmvg/import.image1.lab.example bs=1 seek=100 conv=notrunc,nocreat 2>/dev/null; done' >/dev/null 2>&1 &");
        try
        {
            _engine.Run($"Import-GntInstance -Image '{At("disk.raw")}' image1.lab.example -DiskTemplate plain {Rest}").FailedWith("ChecksumMismatch");
        }
        finally
        {
            StrayMirror.On("g1", "touch /tmp/image-quiet; sleep 1; rm -f /tmp/image-quiet");
        }

        await MirrorLab.EventuallyAsync(() => StrayMirror.On("g1", Left).Trim().Length == 0);
    }

    [Fact]
    [Trait("Pace", "long")]
    public async Task What_a_client_that_is_killed_leaves_is_marked_and_goes_away()
    {
        var client = new KilledClient(_engine);
        for (var round = 0; round < Soak.Times(5); round++)
        {
            await client.RunAsync($"Import-GntInstance -Image '{At("disk.raw")}' image{round}.lab.example -DiskTemplate plain {Rest}", TimeSpan.FromSeconds(40));
            KilledClient.EndLeases();
            // What has its name until Ganeti has it is half, or whole and says so.
            foreach (var line in StrayMirror.On("g1", "lvs --noheadings -o lv_name,lv_tags kvmvg | grep import; :").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                Assert.Contains("ganeti.import", line.Trim().Split(' ', 2)[1], StringComparison.Ordinal);
            }
        }

        // The nodes remove what is half by themselves.
        await MirrorLab.EventuallyAsync(() => !StrayMirror.On("g1", Left).Contains("ganeti.import=", StringComparison.Ordinal), TimeSpan.FromMinutes(8));
        // What was whole and had no guest yet is a leftover; what became a guest is one.
        _engine.Run("Get-GntLeftover -OlderThan 0 | Remove-GntLeftover -OlderThan 0 -Force").Succeeded();
        await MirrorLab.EventuallyAsync(() => StrayMirror.On("g1", Left).Trim().Length == 0, TimeSpan.FromMinutes(8));
        _engine.Run("Get-GntInstance image* | Remove-GntInstance -Force").Succeeded();
    }

    [Fact]
    [Trait("Pace", "long")]
    public void A_running_mirrored_guest_is_exported_saved_tried_and_copied()
    {
        Qemu("convert", "-f", "raw", "-O", "qcow2", At("disk.raw"), At("disk.qcow2"));
        try
        {
            _engine.Run($"Import-GntInstance -Image '{At("disk.qcow2")}' image1.lab.example -SecondaryNode g2 {Rest} -Start").Succeeded();
            _engine.Run("Export-GntInstance image1 -TargetNode g1 -NoShutdown -Confirm:$false").Succeeded();

            var tried = _engine.Run($"Get-GntExport image1 | Test-GntExport -Memory 32MB -ScreenPath '{At("screen.ppm")}'").Succeeded().One<GntExportTest>();

            Assert.True(tried.IsBooting, tried.Obstacle);
            Assert.Contains(tried.Screen!, line => line.Contains(Greeting, StringComparison.Ordinal));
            Assert.Equal("P6", File.ReadAllText(At("screen.ppm"))[..2]);
            var saved = _engine.Run($"Save-GntExport image1 -Path '{_folder}' -PassThru").Succeeded().One<DirectoryInfo>();
            Assert.True(_engine.Run($"Test-GntExport -Path '{saved.FullName}' -Memory 32MB").Succeeded().One<GntExportTest>().IsBooting);
            Assert.Equal("drbd", _engine.Run("Copy-GntInstance image1 image2.lab.example -Node g1 -SecondaryNode g2 -NoNameCheck -NoShutdown -PassThru -Force").Succeeded().One<GntInstance>().DiskTemplateText);
        }
        finally
        {
            StrayMirror.On("g1", "for g in $(gnt-instance list --no-headers -o name | grep image); do gnt-instance remove -f --shutdown-timeout=0 $g; done; gnt-backup remove image1.lab.example; :");
        }
    }

    private string At(string name) => Path.Combine(_folder, name);

    private static void Qemu(params string[] arguments)
    {
        using var process = Process.Start("qemu-img", arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    // The bytes at even places of the text screen.
    private static string Screen(string guest) => string.Concat(StrayMirror.On("g1", $"echo 'xp /160bx 0xb8000' | timeout 20 socat -t 4 - UNIX-CONNECT:/run/ganeti/kvm-hypervisor/ctrl/{guest}.monitor")
        .Split('\n').Where(line => line.Contains(": 0x", StringComparison.Ordinal)).SelectMany(line => line.Split(": ", 2)[1].Trim().Split(' ')).Where((_, index) => index % 2 == 0).Select(word => (char)Convert.ToInt32(word, 16)));
}
