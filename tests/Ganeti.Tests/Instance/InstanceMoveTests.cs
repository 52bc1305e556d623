namespace Ganeti.Tests.Instance;

[Trait("Kind", "unit")]
public sealed class InstanceMoveTests
{
    [Fact]
    public void The_command_line_of_a_migration_is_what_a_person_would_type()
    {
        Assert.Equal("gnt-instance migrate -f vm1", new InstanceMigrate { InstanceName = "vm1" }.CommandLine);
        Assert.Equal(
            "gnt-instance migrate -f --non-live --allow-failover --ignore-ipolicy -n h2 vm1",
            new InstanceMigrate { InstanceName = "vm1", Mode = "non-live", AllowFailover = true, IgnoreIpolicy = true, TargetNode = "h2" }.CommandLine);
        Assert.Equal("gnt-instance migrate -f --cleanup 'vm 1'", new InstanceMigrate { InstanceName = "vm 1", Cleanup = true }.CommandLine);
    }

    [Fact]
    public void The_command_line_of_a_failover_is_what_a_person_would_type() => Assert.Equal(
        "gnt-instance failover -f --ignore-consistency --shutdown-timeout=30 -I hail vm1",
        new InstanceFailover { InstanceName = "vm1", IgnoreConsistency = true, ShutdownTimeout = 30, Iallocator = "hail" }.CommandLine);

    [Theory]
    [InlineData(true, GntAdminState.up, false, GntDiskTemplate.drbd, true)]
    [InlineData(false, GntAdminState.up, false, GntDiskTemplate.drbd, false)]
    [InlineData(null, GntAdminState.up, false, GntDiskTemplate.drbd, true)]
    [InlineData(null, GntAdminState.down, false, GntDiskTemplate.drbd, false)]
    [InlineData(null, null, false, GntDiskTemplate.drbd, false)]
    [InlineData(true, GntAdminState.up, true, GntDiskTemplate.drbd, false)]
    [InlineData(true, GntAdminState.up, false, GntDiskTemplate.plain, false)]
    [InlineData(true, GntAdminState.up, false, GntDiskTemplate.file, false)]
    [InlineData(true, GntAdminState.up, false, GntDiskTemplate.sharedfile, true)]
    [InlineData(true, GntAdminState.up, null, GntDiskTemplate.ext, true)]
    [InlineData(true, GntAdminState.up, false, null, false)]
    [InlineData(true, GntAdminState.up, false, GntDiskTemplate.Unrecognized, false)]
    public void A_guest_can_move_live_when_it_runs_and_its_disks_can_be_reached_from_elsewhere(bool? runs, GntAdminState? wanted, bool? always, GntDiskTemplate? template, bool expected) =>
        Assert.Equal(expected, new GntInstance { IsRunning = runs, AdminState = wanted, AlwaysFailover = always, DiskTemplate = template }.AutoMigratable);
}
