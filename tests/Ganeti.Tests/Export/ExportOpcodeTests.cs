namespace Ganeti.Tests.Export;

[Trait("Kind", "unit")]
public sealed class ExportOpcodeTests
{
    [Fact]
    public void The_command_lines_are_what_a_person_would_type()
    {
        Assert.Equal("gnt-backup export -n h2 vm1", new BackupExport { InstanceName = "vm1", TargetNode = "h2" }.CommandLine);
        Assert.Equal(
            "gnt-backup export -n h2 --noshutdown --transport-compression=gzip vm1",
            new BackupExport { InstanceName = "vm1", TargetNode = "h2", Shutdown = false, Compress = "gzip" }.CommandLine);
        Assert.Equal(
            "gnt-backup export -n h2 --shutdown-timeout=5 --remove-instance --ignore-remove-failures --zero-free-space --zeroing-timeout-fixed=60 --zeroing-timeout-per-mib=0.5 --long-sleep vm1",
            new BackupExport { InstanceName = "vm1", TargetNode = "h2", ShutdownTimeout = 5, RemoveInstance = true, IgnoreRemoveFailures = true, ZeroFreeSpace = true, ZeroingTimeoutFixed = 60, ZeroingTimeoutPerMib = 0.5, LongSleep = true }.CommandLine);
        Assert.Equal("gnt-backup remove vm1", new BackupRemove { InstanceName = "vm1" }.CommandLine);
        Assert.Equal("gnt-group add-tags default a b", new TagsSet { Kind = GntTagKind.nodegroup, Name = "default", Tags = ["a", "b"] }.CommandLine);
        Assert.Equal("gnt-cluster remove-tags a", new TagsDel { Kind = GntTagKind.cluster, Tags = ["a"] }.CommandLine);
    }

    [Fact]
    public void Secrets_of_an_OS_are_not_shown()
    {
        var line = OsModify.For("noop", null, null, new GntParameters { ["root"] = "geheim" }, true, false).CommandLine;

        Assert.Equal("gnt-os modify '--os-parameters-private=root=<masked>' --hidden=yes --blacklisted=no noop", line);
    }

    [Fact]
    public void A_job_can_wait_for_one_further_back()
    {
        var chain = new JobChain(new BackupExport { InstanceName = "vm1", TargetNode = "h2" })
            .Finally(new InstanceStartup { InstanceName = "vm1" })
            .ThenAfter(2, new BackupRemove { InstanceName = "vm1" });

        Assert.Equal([-1, -2], chain.Opcodes.Skip(1).Select(opcode => ((object[])opcode.Depends![0])[0]));
        Assert.Equal(["success"], (string[])((object[])chain.Opcodes[2].Depends![0])[1]);
    }
}
