using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Instance;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class ChangeTests
{
    public ChangeTests() => Lab.Require();

    [Fact]
    public void A_guest_starts_and_stops_and_is_written_as_it_is_then()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine);

        Assert.Equal(GntInstanceStatus.running, engine.Run($"Start-GntInstance {guests.Name} -PassThru").Succeeded().One<GntInstance>().Status);
        Assert.Equal(GntInstanceStatus.ADMIN_down, engine.Run($"Get-GntInstance {guests.Name} | Stop-GntInstance -ShutdownTimeout 1 -Force -PassThru").Succeeded().One<GntInstance>().Status);
    }

    [Fact]
    public void A_start_for_once_from_a_CD_changes_nothing_that_stays()
    {
        using var engine = Lab.Connected();

        engine.Run("Start-GntInstance kvm1 -CdRom /srv/a.iso -WhatIf; Start-GntInstance kvm1 -CdRom /srv/a.iso -BootOrder network -HypervisorParameter @{ acpi = $false } -Paused -WhatIf").Succeeded();

        Assert.Contains("gnt-instance startup -H cdrom_image_path=/srv/a.iso,boot_order=cdrom kvm1.lab.example", engine.Host.Text, StringComparison.Ordinal);
        Assert.Contains("gnt-instance startup --paused -H cdrom_image_path=/srv/a.iso,boot_order=network,acpi=False kvm1.lab.example", engine.Host.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Stopping_asks_and_No_stops_nothing()
    {
        using var engine = Lab.Connected(new RecordingHost { Answer = "No" });
        var before = Lab.LastJob(engine);

        engine.Run("Stop-GntInstance vm1").Succeeded();

        Assert.Contains("vm1", Assert.Single(engine.Host.Questions), StringComparison.Ordinal);
        Assert.Equal(before, Lab.LastJob(engine));
    }

    [Fact]
    public void Removing_asks_about_the_data_even_when_it_is_confirmed_beforehand_and_Force_answers()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: "-Memory 64MB -Size 64MB -DiskTemplate sharedfile");

        var refused = engine.Run($"Remove-GntInstance {guests.Name} -Confirm:$false").FailedWith("ConfirmationImpossible");
        Assert.Contains("all data of its disk (64 MiB, sharedfile", refused.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("-Force", refused.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);

        engine.Run($"Remove-GntInstance {guests.Name} -Force").Succeeded();
        engine.Run($"Get-GntInstance {guests.Name}").FailedWith("InstanceNotFound");
    }

    [Fact]
    public void One_question_is_enough_for_a_guest_and_its_data()
    {
        using var engine = Lab.Connected(new RecordingHost { Answer = "Yes" });
        using var guests = new Guests(engine);

        engine.Run($"Remove-GntInstance {guests.Name}").Succeeded();

        Assert.Contains("it has no disks", Assert.Single(engine.Host.Questions), StringComparison.Ordinal);
        engine.Run($"Get-GntInstance {guests.Name}").FailedWith("InstanceNotFound");
    }

    [Fact]
    public void A_changed_guest_needs_a_restart_and_that_is_said()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine);
        engine.Run($"Start-GntInstance {guests.Name}").Succeeded();

        var changed = engine.Run($"Set-GntInstance {guests.Name} -Memory 128MB -VCpu 2 -PassThru").Succeeded().One<GntInstance>();
        Assert.Equal((128L << 20, 64L << 20, true), (changed.Memory, changed.MemoryInUse, changed.NeedsRestart));

        Assert.Contains("-Type Hard", Assert.Single(engine.Run($"Restart-GntInstance {guests.Name} -Type Soft -WhatIf").Succeeded().Warnings), StringComparison.Ordinal);
        var restarted = engine.Run($"Get-GntInstance {guests.Name} | Restart-GntInstance -Force -PassThru").Succeeded();
        Assert.Empty(restarted.Warnings);
        Assert.Equal((128L << 20, 2, false), (restarted.One<GntInstance>().MemoryInUse, restarted.One<GntInstance>().VCpuInUse, restarted.One<GntInstance>().NeedsRestart));
    }

    [Fact]
    public void What_is_stopped_on_purpose_is_not_started_by_a_restart()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine);

        Assert.Contains("stays so", Assert.Single(engine.Run($"Get-GntInstance {guests.Name} | Restart-GntInstance -Type Full -Force").Succeeded().Warnings), StringComparison.Ordinal);

        Assert.Equal(GntInstanceStatus.ADMIN_down, engine.Run($"Get-GntInstance {guests.Name}").Succeeded().One<GntInstance>().Status);
    }

    [Fact]
    public void With_Restart_the_guest_is_stopped_changed_and_started_by_jobs_that_are_submitted_at_once()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine);
        engine.Run($"Start-GntInstance {guests.Name}").Succeeded();

        var jobs = engine.Run($"Set-GntInstance {guests.Name} -Memory 256MB -Restart -Force -NoWait").Succeeded().Of<GntJob>();
        engine.Run("$input | Wait-GntJob", jobs).Succeeded();

        Assert.Equal(["INSTANCE_SHUTDOWN", "INSTANCE_SET_PARAMS", "INSTANCE_STARTUP"], jobs.Select(job => job.Summary![0].Split('(')[0]));
        var guest = engine.Run($"Get-GntInstance {guests.Name}").Succeeded().One<GntInstance>();
        Assert.Equal((GntInstanceStatus.running, 256L << 20), (guest.Status, guest.MemoryInUse));
    }

    [Fact]
    public void A_change_that_is_refused_never_leaves_the_guest_down()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine);
        engine.Run($"Start-GntInstance {guests.Name}").Succeeded();

        var outcome = engine.Run($"Set-GntInstance {guests.Name} -BackendParameter @{{ nosuch = 1 }} -Restart -Force -PassThru");

        Assert.Equal("OP_INSTANCE_SET_PARAMS", Assert.IsType<GntJobException>(outcome.Error.Exception).Job!.Operations![0].OpId);
        Assert.Empty(outcome.Output);
        Assert.Equal(GntInstanceStatus.running, engine.Run($"Get-GntInstance {guests.Name}").Succeeded().One<GntInstance>().Status);
    }

    [Fact]
    public void Parameters_are_set_and_null_takes_the_clusters_value_again()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine);

        var set = engine.Run($"Set-GntInstance {guests.Name} -BackendParameter @{{ spindle_use = 3 }} -AutoBalance $false -PassThru").Succeeded().One<GntInstance>();
        Assert.Equal((3, false), (set.SpindleUse, set.AutoBalance));

        var unset = engine.Run($"Set-GntInstance {guests.Name} -BackendParameter @{{ spindle_use = $null; auto_balance = $null }} -PassThru").Succeeded().One<GntInstance>();
        Assert.DoesNotContain("spindle_use", unset.CustomBackendParameters!.Keys);
        Assert.DoesNotContain("auto_balance", unset.CustomBackendParameters!.Keys);
    }

    [Fact]
    public void A_guest_goes_offline_and_comes_back()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine);

        Assert.Equal(GntAdminState.offline, engine.Run($"Set-GntInstance {guests.Name} -Offline -PassThru").Succeeded().One<GntInstance>().AdminState);
        Assert.Equal(GntAdminState.down, engine.Run($"Set-GntInstance {guests.Name} -Offline:$false -PassThru").Succeeded().One<GntInstance>().AdminState);
    }

    [Fact]
    public void An_object_that_has_been_changed_since_it_was_read_is_said()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine);
        engine.Run($"$old = Get-GntInstance {guests.Name}; Set-GntInstance {guests.Name} -VCpu 2").Succeeded();

        Assert.Contains("has been changed since it was read", Assert.Single(engine.Run("$old | Set-GntInstance -VCpu 3 -WhatIf").Succeeded().Warnings), StringComparison.Ordinal);
        Assert.Empty(engine.Run("$old | Get-GntInstance | Set-GntInstance -VCpu 3 -WhatIf").Succeeded().Warnings);
    }

    [Fact]
    public void A_guest_that_was_made_again_under_the_same_name_is_another_one()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine);
        var opcode = new JobChain(new InstanceStartup { InstanceName = guests.Name }).For(new GntInstance { Name = guests.Name, Uuid = "00000000-0000-4000-8000-000000000000" });
        Assert.Equal("00000000-0000-4000-8000-000000000000", ((InstanceOpcode)opcode.Opcodes[0]).InstanceUuid);
        engine.Run($"$old = Get-GntInstance {guests.Name}; Remove-GntInstance {guests.Name} -Force").Succeeded();
        engine.Run("$old | Start-GntInstance").FailedWith("InstanceNotFound");

        engine.Run($"New-GntInstance {guests.Name} -OS noop+default -Hypervisor fake -NoInstall -NoNameCheck -NoNic -Memory 64MB").Succeeded();
        Assert.Contains("another made under its name", engine.Run("$old | Remove-GntInstance -Force").FailedWith("InstanceNotFound").Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stopped_guest_gets_another_name()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine);
        var name = $"renamed-{guests.Name}";

        Assert.Equal(name, engine.Run($"Rename-GntInstance {guests.Name} {name} -NoNameCheck -PassThru").Succeeded().One<GntInstance>().Name);
        engine.Run($"Rename-GntInstance {name} {guests.Name} -NoNameCheck").Succeeded();
    }

    [Fact]
    public void A_new_name_is_for_one_guest_only()
    {
        using var engine = Lab.Connected();

        engine.Run("Get-GntInstance vm1, vm2 | Rename-GntInstance -NewName other -WhatIf").FailedWith("ParameterInvalid");
    }

    [Fact]
    public void An_installation_anew_is_one_of_the_wanted_OS()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: "-Memory 64MB -Size 32MB -DiskTemplate sharedfile");

        engine.Run($"Reset-GntInstance {guests.Name} -OS tiny+default -Confirm:$false").FailedWith("ConfirmationImpossible");
        engine.Run($"Reset-GntInstance {guests.Name} -OS nosuch -Force").FailedWith("EntityUnknown");
        engine.Run($"Set-GntInstance {guests.Name} -OS nosuch").FailedWith("EntityUnknown");
        Assert.Equal("tiny+default", engine.Run($"Reset-GntInstance {guests.Name} -OS tiny+default -Force -PassThru").Succeeded().One<GntInstance>().OS);
    }

    [Fact]
    public void A_check_alone_changes_nothing_and_says_what_speaks_against_it()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine);

        engine.Run($"Set-GntInstance {guests.Name} -VCpu 3 -DryRun").Succeeded();
        Assert.Equal(1, engine.Run($"Get-GntInstance {guests.Name}").Succeeded().One<GntInstance>().VCpu);
        Assert.NotEmpty(engine.Run($"Rename-GntInstance {guests.Name} vm1.lab.example -NoNameCheck -DryRun").Errors);
    }

    [Fact]
    public void A_cold_move_asks_about_a_guest_that_should_run_and_takes_its_disks_along()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: "-Memory 64MB -Size 8MB -DiskTemplate file -Node h1");
        engine.Run($"Start-GntInstance {guests.Name}").Succeeded();
        Assert.Contains("started on h3", engine.Run($"Move-GntInstance {guests.Name} -Offline -TargetNode h3").FailedWith("ConfirmationImpossible").Error.ToString(), StringComparison.Ordinal);

        var moved = engine.Run($"Move-GntInstance {guests.Name} -Offline -TargetNode h3 -Force -PassThru").Succeeded().One<GntInstance>();

        Assert.Equal(("h3.lab.example", GntInstanceStatus.running), (moved.PrimaryNode, moved.Status));
    }

    [Theory]
    [InlineData("-Offline", "-TargetNode")]
    [InlineData("-Offline -Failover -TargetNode h1", "-Failover")]
    [InlineData("-TargetGroup default -TargetNode h1", "-TargetGroup")]
    [InlineData("-Compress gzip", "-Compress")]
    [InlineData("-EarlyRelease", "-EarlyRelease")]
    [InlineData("-Offline -NonLive -TargetNode h1", "-NonLive")]
    public void Moving_refuses_what_does_not_go_together(string parameters, string names)
    {
        using var engine = new PowerShellEngine();

        var error = engine.Run($"Move-GntInstance vm1 {parameters}").FailedWith("ParameterInvalid").Error;
        Assert.Contains(names, error.ToString() + error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }
}
