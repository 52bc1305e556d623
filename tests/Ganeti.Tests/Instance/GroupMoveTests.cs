using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Instance;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class GroupMoveTests
{
    public GroupMoveTests() => Lab.Require();

    [Fact]
    public void A_guest_moves_to_another_group_by_jobs_of_its_own_that_are_waited_for()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: "-Memory 64MB -Size 8MB -DiskTemplate sharedfile -Node h1");
        engine.Run($"Start-GntInstance {guests.Name}").Succeeded();
        Lab.Exec("h1", "gnt-group", "add", "second");
        try
        {
            Lab.Exec("h1", "gnt-group", "assign-nodes", "--force", "second", "h3");
            engine.Run("Move-GntInstance vm1 -TargetGroup second -WhatIf").Succeeded();
            Assert.Contains("gnt-instance change-group --to=second vm1.lab.example", engine.Host.Text, StringComparison.Ordinal);

            var moved = engine.Run($"Get-GntInstance {guests.Name} | Move-GntInstance -TargetGroup (Get-GntGroup second) -PassThru").Succeeded().One<GntInstance>();

            Assert.Equal(("h3.lab.example", "second", GntInstanceStatus.running), (moved.PrimaryNode, moved.PrimaryGroup, moved.Status));
            var asked = engine.Run($"Get-GntInstance {guests.Name} | Get-GntJob -Operation INSTANCE_CHANGE_GROUP").Succeeded().One<GntJob>();
            Assert.NotEmpty(asked.FollowingJobIds);
        }
        finally
        {
            Lab.Exec("h1", "gnt-group", "assign-nodes", "--force", "default", "h3");
            Lab.Exec("h1", "gnt-group", "remove", "second");
        }
    }

    [Fact]
    public void A_guest_whose_node_is_dead_is_removed_all_the_same_when_that_is_asked_for()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: "-Memory 64MB -Size 8MB -DiskTemplate file -Node h3");
        Lab.Script("kill-node", "h3");
        try
        {
            Assert.IsType<GntJobException>(engine.Run($"Remove-GntInstance {guests.Name} -Force").Error.Exception);
            Assert.Single(engine.Run($"Get-GntInstance {guests.Name} -ConfigurationOnly").Succeeded().Output);

            var removed = engine.Run($"Remove-GntInstance {guests.Name} -IgnoreFailures -Force").Succeeded();

            Assert.NotEmpty(removed.Warnings);
            engine.Run($"Get-GntInstance {guests.Name} -ConfigurationOnly").FailedWith("InstanceNotFound");
        }
        finally
        {
            Lab.Script("start-node", "h3");
            foreach (var row in Lab.List("gnt-instance", "name,status").Where(row => row[1].StartsWith("ERROR", StringComparison.Ordinal)))
            {
                Lab.Exec("h1", "gnt-instance", "start", row[0]);
            }
        }
    }
}
