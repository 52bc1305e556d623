using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Disk;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class DiskChangeTests
{
    private const string OneDisk = "-Memory 64MB -Size 32MB -DiskTemplate sharedfile";

    public DiskChangeTests() => Lab.Require();

    [Fact]
    public void A_disk_is_added_named_made_larger_and_removed()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: OneDisk);

        var added = engine.Run($"Add-GntDisk {guests.Name} -Size 16MB -DiskName data -PassThru").Succeeded().One<GntDisk>();
        Assert.Equal((1, "data", 16L << 20), (added.Index, added.Name, added.Size));
        Assert.Equal("stuff", engine.Run("$input | Set-GntDisk -NewName stuff -ReadOnly $true -PassThru", added).Succeeded().One<GntDisk>().Name);
        Assert.Equal(48L << 20, engine.Run("$input | Resize-GntDisk -Grow 32M -PassThru", added).Succeeded().One<GntDisk>().Size);
        Assert.Equal(64L << 20, engine.Run($"Resize-GntDisk {guests.Name} 1 -Size 64MB -PassThru").Succeeded().One<GntDisk>().Size);
        Assert.Contains("is larger than that", engine.Run($"Resize-GntDisk {guests.Name} 1 -Size 16MB").FailedWith("ParameterInvalid").Error.ToString(), StringComparison.Ordinal);

        Assert.Contains("\"stuff\" (64 MiB) is removed with all data", engine.Run($"Get-GntDisk {guests.Name} -Index 1 | Remove-GntDisk -Confirm:$false").FailedWith("ConfirmationImpossible").Error.ToString(), StringComparison.Ordinal);
        engine.Run($"Get-GntDisk {guests.Name} -Index 1 | Remove-GntDisk -Force").Succeeded();
        Assert.Equal(0, engine.Run($"Get-GntDisk {guests.Name}").Succeeded().One<GntDisk>().Index);
    }

    // Ganeti counts places anew after each removal; taken one by one by place, the second would be another disk.
    [Fact]
    public void Disks_that_come_together_are_the_ones_that_go()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: "-Memory 64MB -Disk @{ Size = 8MB; Name = 'a' }, @{ Size = 8MB; Name = 'b' }, @{ Size = 8MB; Name = 'c' }, @{ Size = 8MB; Name = 'd' } -DiskTemplate sharedfile");

        engine.Run($"$disks = Get-GntDisk {guests.Name}; Remove-GntDisk {guests.Name} 0 -Force; $disks[1], $disks[2] | Remove-GntDisk -Force").Succeeded();

        Assert.Equal("d", engine.Run($"Get-GntDisk {guests.Name}").Succeeded().One<GntDisk>().Name);
    }

    // Ganeti turns the UUIDs of one job into places before it removes the first.
    [Theory]
    [InlineData("1, 2", "a,d")]
    [InlineData("2, 3", "a,b")]
    [InlineData("0, 3, 0", "b,c")]
    public void Disks_that_are_removed_by_one_job_are_the_ones_that_were_named(string places, string left)
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: "-Memory 64MB -Disk @{ Size = 8MB; Name = 'a' }, @{ Size = 8MB; Name = 'b' }, @{ Size = 8MB; Name = 'c' }, @{ Size = 8MB; Name = 'd' } -DiskTemplate sharedfile");

        engine.Run($"Remove-GntDisk {guests.Name} {places} -Force").Succeeded();

        Assert.Equal(left, string.Join(',', engine.Run($"Get-GntDisk {guests.Name}").Succeeded().Of<GntDisk>().Select(disk => disk.Name)));
    }

    [Fact]
    public void A_disk_of_a_running_guest_goes_with_a_restart_and_the_guest_runs_after()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: "-Memory 64MB -Disk 8MB, 8MB -DiskTemplate sharedfile");
        engine.Run($"Start-GntInstance {guests.Name}").Succeeded();

        Assert.Contains("-Restart", engine.Run($"Remove-GntDisk {guests.Name} 1 -Force").FailedWith("StateWrong").Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        engine.Run($"Remove-GntDisk {guests.Name} 1 -Restart -Force").Succeeded();

        var guest = engine.Run($"Get-GntInstance {guests.Name}").Succeeded().One<GntInstance>();
        Assert.Equal((GntInstanceStatus.running, 1), (guest.Status, guest.Disks!.Length));
    }

    [Fact]
    public void A_disk_that_is_gone_is_not_another_one_at_its_place()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: "-Memory 64MB -Disk 8MB, 16MB -DiskTemplate sharedfile");

        engine.Run($"$first = Get-GntDisk {guests.Name} -Index 0; Remove-GntDisk {guests.Name} 0 -Force").Succeeded();

        engine.Run("$first | Resize-GntDisk -Size 64MB").FailedWith("PartNotFound");
    }

    [Fact]
    public void A_detached_disk_keeps_its_data_and_is_attached_again()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: "-Memory 64MB -Disk 8MB, @{ Size = 16MB; Name = 'keep' } -DiskTemplate sharedfile");
        var uuid = engine.Run($"(Get-GntDisk {guests.Name} -Index 1).Uuid").Succeeded().One<string>();

        engine.Run($"Remove-GntDisk {guests.Name} 1 -Detach -Confirm:$false").Succeeded();
        Assert.Single(engine.Run($"Get-GntDisk {guests.Name}").Succeeded().Output);
        var attached = engine.Run($"Add-GntDisk {guests.Name} -Attach {uuid} -PassThru").Succeeded().One<GntDisk>();

        Assert.Equal((uuid, 16L << 20), (attached.Uuid, attached.Size));
    }

    [Fact]
    public void Disks_are_made_ready_and_taken_down_and_the_device_is_told()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: OneDisk);

        var ready = engine.Run($"Enable-GntDisk {guests.Name} -PassThru").Succeeded().One<GntDisk>();
        Assert.StartsWith("/", ready.Device, StringComparison.Ordinal);
        Lab.Exec(ready.PrimaryNode!.Split('.')[0], "test", "-e", ready.Device!);
        engine.Run("$input | Disable-GntDisk", ready).Succeeded();
    }

    [Fact]
    public void Lost_disks_are_made_anew_after_a_question()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: "-Memory 64MB -Size 32MB -DiskTemplate file -Node h1");
        var device = engine.Run($"(Enable-GntDisk {guests.Name} -PassThru).Device").Succeeded().One<string>();
        engine.Run($"Disable-GntDisk {guests.Name}").Succeeded();
        Lab.Exec("h1", "rm", device);

        engine.Run($"Enable-GntDisk {guests.Name} -Recreate -Confirm:$false").FailedWith("ConfirmationImpossible");
        engine.Run($"Enable-GntDisk {guests.Name} -Recreate -Size 16MB -Force").FailedWith("ParameterInvalid");
        engine.Run($"Enable-GntDisk {guests.Name} -Recreate -Force").Succeeded();

        Lab.Exec("h1", "test", "-e", device);
    }

    [Fact]
    public void Disks_change_their_template_while_the_guest_is_stopped_for_it()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: "-Memory 64MB -Size 8MB -DiskTemplate file -Node h1");
        engine.Run($"Start-GntInstance {guests.Name}").Succeeded();

        Assert.Contains("-Restart", engine.Run($"Convert-GntDisk {guests.Name} sharedfile").FailedWith("StateWrong").Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        var converted = engine.Run($"Convert-GntDisk {guests.Name} sharedfile -Restart -Force -PassThru").Succeeded().One<GntInstance>();

        Assert.Equal((GntDiskTemplate.sharedfile, GntInstanceStatus.running), (converted.DiskTemplate, converted.Status));
    }

    [Fact]
    public void Disks_without_another_side_are_not_submitted_for_a_replacement()
    {
        using var engine = Lab.Connected();

        Assert.Contains("Move-GntInstance -Offline", engine.Run("Get-GntInstance vm4 | Move-GntDisk -TargetNode h1").FailedWith("StateWrong").Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Move-GntDisk vm1")]
    [InlineData("Move-GntDisk vm1 -Auto -OnPrimary")]
    [InlineData("Move-GntDisk vm1 -OnPrimary -Primary")]
    [InlineData("Resize-GntDisk vm1 0")]
    [InlineData("Resize-GntDisk vm1 0 -Size 1GB -Grow 1GB")]
    [InlineData("Set-GntDisk vm1 0")]
    [InlineData("Add-GntDisk vm1")]
    [InlineData("Enable-GntDisk vm1 -Size 1GB")]
    [InlineData("Convert-GntDisk vm1 plain -ExternalParameter @{ provider = 'x' }")]
    public void What_is_not_clear_is_refused_before_anything_else(string line)
    {
        using var engine = new PowerShellEngine();

        engine.Run(line).FailedWith("ParameterInvalid");
    }
}
