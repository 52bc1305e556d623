using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

/// <summary>What is done to mirrored guests, on real DRBD.</summary>
[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class MirrorChangeTests
{
    public MirrorChangeTests() => MirrorLab.Require();

    [Fact]
    public void The_other_side_goes_to_another_node_or_the_guest_goes_first()
    {
        using var engine = Lab.Connected("g1");

        engine.Run("Move-GntDisk vm2 -TargetNode g2 -WhatIf; Move-GntDisk kvm1 -TargetNode g2 -Primary -WhatIf; Move-GntDisk vm1 1 -OnSecondary -WhatIf; Move-GntDisk vm2 -Allocator hail -EarlyRelease -Force -WhatIf").Succeeded();

        Assert.Contains("What if: gnt-instance replace-disks -n g2 vm2.lab.example", engine.Host.Text, StringComparison.Ordinal);
        Assert.Contains("What if: gnt-instance migrate -f kvm1.lab.example; gnt-instance replace-disks -n g2 kvm1.lab.example", engine.Host.Text, StringComparison.Ordinal);
        Assert.Contains("What if: gnt-instance replace-disks -s --disks=1 vm1.lab.example", engine.Host.Text, StringComparison.Ordinal);
        Assert.Contains("What if: gnt-instance replace-disks -I hail --early-release vm2.lab.example", engine.Host.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_disk_alone_does_not_go_elsewhere_and_an_early_release_asks()
    {
        using var engine = Lab.Connected("g1");

        engine.Run("Move-GntDisk vm1 1 -TargetNode g2").FailedWith("ParameterInvalid");
        Assert.Contains("one copy of the data only", engine.Run("Move-GntDisk vm2 -Allocator hail -EarlyRelease -Confirm:$false").FailedWith("ConfirmationImpossible").Error.ToString(), StringComparison.Ordinal);
    }

    // One guest for all of it: under emulation each step takes most of a minute.
    [Fact]
    public void A_mirrored_guest_is_created_moved_rebuilt_made_larger_converted_and_removed()
    {
        using var engine = Lab.Connected("g1");
        try
        {
            var made = engine.Run("New-GntInstance new1.lab.example -OS noop+default -NoInstall -Hypervisor fake -Memory 64MB -NoNic -NoNameCheck -Size 64MB -Node g1 -SecondaryNode g2 -DiskTemplate drbd -PassThru").Succeeded().One<GntInstance>();
            Assert.Equal((GntDiskTemplate.drbd, "g1.lab.example", "g2.lab.example"), (made.DiskTemplate, made.PrimaryNode, made.SecondaryNodes![0]));

            engine.Run("$input | Start-GntInstance", made).Succeeded();
            Assert.Equal("g2.lab.example", engine.Run("Move-GntInstance new1 -PassThru").Succeeded().One<GntInstance>().PrimaryNode);

            var rebuilt = engine.Run("Get-GntDisk new1 | Move-GntDisk -OnSecondary -PassThru").Succeeded();
            Assert.Equal("g1.lab.example", rebuilt.One<GntDisk>().SecondaryNodes![0]);
            Assert.Contains(rebuilt.Information, line => line.Tags.Contains("GntJobLog"));

            Assert.Equal(96L << 20, engine.Run("Get-GntDisk new1 | Resize-GntDisk -Grow 32MB -PassThru").Succeeded().One<GntDisk>().Size);

            Assert.Equal(GntDiskTemplate.plain, engine.Run("Convert-GntDisk new1 plain -Restart -Force -PassThru").Succeeded().One<GntInstance>().DiskTemplate);
            var mirrored = engine.Run("Convert-GntDisk new1 drbd -SecondaryNode g1 -Restart -Force -PassThru").Succeeded().One<GntInstance>();
            Assert.Equal((GntDiskTemplate.drbd, "g1.lab.example", GntInstanceStatus.running), (mirrored.DiskTemplate, mirrored.SecondaryNodes![0], mirrored.Status));

            engine.Run("Stop-GntInstance new1 -Force").Succeeded();
            Assert.StartsWith("/dev/drbd", engine.Run("(Enable-GntDisk new1 -WaitForSync -PassThru).Device").Succeeded().One<string>(), StringComparison.Ordinal);
            engine.Run("Disable-GntDisk new1").Succeeded();
        }
        finally
        {
            engine.Run("Get-GntInstance new1* | Remove-GntInstance -Force").Succeeded();
        }
    }
}
