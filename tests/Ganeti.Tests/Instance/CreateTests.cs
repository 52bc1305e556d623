using System.Management.Automation;
using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Instance;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class CreateTests
{
    private const string Fake = "-OS noop+default -Hypervisor fake -NoInstall -NoNameCheck";

    public CreateTests() => Lab.Require();

    // The page's gnt-addvm, option by option.
    [Theory]
    [InlineData("-Size 10GB", "gnt-instance add -t sharedfile -I hail -o debootstrap+default --disk=0:size=10240M --net=0 --no-name-check --no-ip-check vm77.lab.example")]
    [InlineData("-Memory 256MB -VCpu 1", "gnt-instance add -t diskless -I hail -o debootstrap+default --net=0 -B maxmem=256,minmem=256,vcpus=1 --no-name-check --no-ip-check vm77.lab.example")]
    [InlineData("-Node h1 -SecondaryNode h2 -Size 1G", "gnt-instance add -t sharedfile -n h1:h2 -o debootstrap+default --disk=0:size=1024M --net=0 --no-name-check --no-ip-check vm77.lab.example")]
    [InlineData("-DiskTemplate file -Size 1G -Quick", "gnt-instance add -t file -I hail -o debootstrap+default --disk=0:size=1024M --net=0 --no-wait-for-sync --no-name-check --no-ip-check vm77.lab.example")]
    [InlineData("-CdRom /srv/debian.iso", "gnt-instance add -t diskless -I hail -o debootstrap+default --net=0 --no-install --no-start --no-name-check --no-ip-check vm77.lab.example; gnt-instance startup -H cdrom_image_path=/srv/debian.iso,boot_order=cdrom vm77.lab.example")]
    [InlineData("-Nic @{ Network = 'net1'; IPAddress = 'pool' }, @{ Link = 'br1' } -Disk 1GB, @{ Size = 2GB; Name = 'data' }", "gnt-instance add -t sharedfile -I hail -o debootstrap+default --disk=0:size=1024M --disk=1:size=2048M,name=data --net=0:network=net1,ip=pool --net=1:link=br1 --no-name-check --no-ip-check vm77.lab.example")]
    [InlineData("-HypervisorParameter @{ kernel_path = '' } -Hypervisor kvm -OSParameter @{ a = 1 } -Tag web, prod", "gnt-instance add -t diskless -I hail -o debootstrap+default --net=0 -H kvm:kernel_path= -O a=1 --tags=web,prod --no-name-check --no-ip-check vm77.lab.example")]
    public void WhatIf_shows_the_line_that_an_operator_would_have_typed(string parameters, string line)
    {
        using var engine = Lab.Connected();

        engine.Run($"New-GntInstance vm77.lab.example -OS debootstrap+default -NoNameCheck {parameters} -WhatIf").Succeeded();

        Assert.Contains($"What if: {line.Replace(" vm77", " vm77", StringComparison.Ordinal)}", engine.Host.Text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_guest_is_created_with_disks_and_cards_and_written_as_it_is()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: "-Size 64MB -DiskTemplate sharedfile -Memory 96M -VCpu 2 -Tag one, two -Node h2");

        var guest = engine.Run($"Get-GntInstance {guests.Name}").Succeeded().One<GntInstance>();

        Assert.Equal((96L << 20, 96L << 20, 2, "h2.lab.example"), (guest.Memory, guest.MinimumMemory, guest.VCpu, guest.PrimaryNode));
        Assert.Equal(["one", "two"], guest.Tags!.Order());
        Assert.Equal(64L << 20, Assert.Single(guest.Disks!).Size);
    }

    [Fact]
    public void Rows_of_a_CSV_file_become_guests_and_empty_cells_say_nothing()
    {
        using var engine = Lab.Connected();
        try
        {
            var made = engine.Run($"""
                [pscustomobject]@{'{'} Name = 'csv1.lab.example'; Memory = '64M'; VCpu = '1'; Node = 'h1'; Tag = 'a, b' {'}'},
                [pscustomobject]@{'{'} Name = 'csv2.lab.example'; Memory = ''; VCpu = ''; Node = ''; Size = ''; Disk = ''; DiskTemplate = ''; Nic = ''; Tag = '' {'}'} |
                    New-GntInstance {Fake} -NoNic -PassThru
                """).Succeeded().Of<GntInstance>().OrderBy(guest => guest.Name, StringComparer.Ordinal).ToArray();

            Assert.Equal(["csv1.lab.example", "csv2.lab.example"], made.Select(guest => guest.Name));
            Assert.Equal((64L << 20, 1, "h1.lab.example"), (made[0].Memory, made[0].VCpu, made[0].PrimaryNode));
            Assert.Equal(["a", "b"], made[0].Tags!.Order());
            Assert.Equal((128L << 20, 1, GntDiskTemplate.diskless), (made[1].Memory, made[1].VCpu, made[1].DiskTemplate));
            Assert.Empty(made[1].Tags!);
        }
        finally
        {
            engine.Run("Get-GntInstance csv* | Remove-GntInstance -Force").Succeeded();
        }
    }

    [Fact]
    public void Guests_that_the_allocator_places_together_are_followed_to_their_own_jobs()
    {
        using var engine = Lab.Connected();
        try
        {
            var made = engine.Run($"'both1.lab.example', 'both2.lab.example' | New-GntInstance {Fake} -NoNic -Memory 64MB -Size 32MB -DiskTemplate sharedfile -Together -PassThru").Succeeded().Of<GntInstance>();

            Assert.Equal(2, made.Length);
        }
        finally
        {
            engine.Run("Get-GntInstance both* | Remove-GntInstance -Force").Succeeded();
        }
    }

    [Theory]
    [InlineData("vm1", "", "EntityExists")]
    [InlineData("vm1.lab.example", "-NoNameCheck", "EntityExists")]
    [InlineData("new1", "-DiskTemplate plain -Size 1GB", "InputInvalid")]
    [InlineData("new1", "-Hypervisor xen-pvm", "InputInvalid")]
    [InlineData("new1", "-Disk @{ Name = 'x' }", "ParameterInvalid")]
    [InlineData("new1", "-Size 1GB -Disk 1GB", "ParameterInvalid")]
    [InlineData("new1", "-Node h1 -SecondaryNode h2 -OS nosuch", "EntityUnknown")]
    [InlineData("new1", "-OS noop+nosuch", "InputInvalid")]
    [InlineData("new1", "-SecondaryNode h2", "ParameterInvalid")]
    [InlineData("new1", "-OS ''", "ParameterInvalid")]
    public void What_can_not_succeed_is_said_before_anything_is_submitted(string name, string parameters, string error)
    {
        using var engine = Lab.Connected();
        var before = Lab.LastJob(engine);
        var options = parameters.Contains("-OS", StringComparison.Ordinal) ? parameters : $"-OS noop+default -NoInstall {parameters}";

        var outcome = engine.Run($"New-GntInstance {name} {options}").FailedWith(error);

        Assert.Equal(name, outcome.Error.TargetObject);
        Assert.NotEqual(ErrorCategory.NotSpecified, outcome.Error.CategoryInfo.Category);
        Assert.DoesNotContain(engine.Run("Get-GntJob").Succeeded().Of<GntJob>(), job => job.Id > before && job.Operations![0].OpId == "OP_INSTANCE_CREATE");
    }

    [Theory]
    [InlineData("-Memory 256", "256MB")]
    [InlineData("-Memory 10X", "512MB or 10G")]
    [InlineData("-Size 0", "can't be")]
    [InlineData("-Size 1.5KB", "MiB")]
    [InlineData("-Size 1e30", "can't be")]
    [InlineData("-Disk 1000", "MiB")]
    [InlineData("-Disk @{ Siz = '10G' }", "no 'Siz' among Size")]
    [InlineData("-Disk @{ Size = '10X' }", "512MB or 10G")]
    [InlineData("-Nic xx", "hashtable of Mode")]
    [InlineData("-Nic @{ Mode = 'unrecognized' }", "none of bridged")]
    [InlineData("-DiskTemplate sharedfle", "none of diskless")]
    [InlineData("-DiskTemplate Unrecognized", "none of diskless")]
    [InlineData("-VCpu two", "no number")]
    [InlineData("-Priority 5", "none of")]
    public void What_is_a_mistake_is_refused(string parameters, string says)
    {
        using var engine = new PowerShellEngine();

        Assert.Contains(says, engine.Run($"New-GntInstance new1 {parameters}").FailedWith("ParameterArgumentTransformationError").Error.ToString(), StringComparison.Ordinal);
    }

    // PowerShell alone leaves out what can't be converted, and the guest would be made without it.
    [Theory]
    [InlineData("Disk = '64X'")]
    [InlineData("DiskTemplate = 'sharedfle'")]
    [InlineData("VCpu = 'two'")]
    [InlineData("Nic = 'xx'")]
    [InlineData("Memory = '64'")]
    public void A_cell_that_can_not_be_read_is_an_error_and_no_guest_is_made(string cell)
    {
        using var engine = Lab.Connected();
        var before = Lab.LastJob(engine);

        Assert.NotEmpty(engine.Run($"[pscustomobject]@{{ Name = 'bad1.lab.example'; {cell} }} | New-GntInstance {Fake} -NoNic").Errors);

        Assert.Equal(before, Lab.LastJob(engine));
    }

    [Theory]
    [InlineData("-NoNic -Nic @{ Link = 'br0' }")]
    [InlineData("-CdRom /a.iso -NoStart")]
    [InlineData("-Commit -Node h1")]
    [InlineData("-Commit -Forthcoming")]
    [InlineData("-Together -CdRom /a.iso")]
    public void What_does_not_go_together_is_refused(string parameters)
    {
        using var engine = new PowerShellEngine();

        engine.Run($"New-GntInstance new1 {parameters}").FailedWith("ParameterInvalid");
    }

    [Fact]
    public void Secrets_are_in_no_stream_and_no_object()
    {
        using var engine = Lab.Connected();
        var outcome = engine.Run($"""
            New-GntInstance secret1.lab.example {Fake} -NoNic -Memory 64MB -PrivateOSParameter @{'{'} token = 'hush1' {'}'} -SecretOSParameter @{'{'} password = 'hush2' {'}'} -NoWait -Verbose -Debug
            New-GntInstance secret2.lab.example {Fake} -NoNic -PrivateOSParameter @{'{'} token = 'hush1' {'}'} -SecretOSParameter @{'{'} password = 'hush2' {'}'} -WhatIf
            """);
        var job = outcome.One<GntJob>();
        engine.Run($"Wait-GntJob {job.Id}");
        engine.Run("Get-GntInstance secret1* | Remove-GntInstance -Force").Succeeded();

        var shown = string.Join('\n', outcome.Verbose.Concat(outcome.Debug).Concat(outcome.Warnings).Concat(outcome.Errors.Select(error => error.ToString()))) + engine.Host.Text
            + engine.Shown($"Get-GntJob {job.Id}") + string.Join('\n', job.Operations!.Select(operation => operation.Parameters!.ToString()));
        Assert.Contains("SubmitJob", shown, StringComparison.Ordinal);
        Assert.Contains("--os-parameters-secret", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", shown, StringComparison.Ordinal);
    }
}
