using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Instance;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class GroupMoveTests
{
    public GroupMoveTests() => Lab.Require();

    // hail wants each group to bear the loss of a node ("FailN1"): of three nodes, one is always alone in its group. A lab of four shows the move itself.
    [Fact]
    public void A_move_to_a_group_where_the_allocator_finds_no_room_says_so_and_the_guest_stays_where_it_is()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine, options: "-Memory 64MB -Size 8MB -DiskTemplate sharedfile -Node h1");
        Lab.Exec("h1", "gnt-group", "add", "second");
        try
        {
            Lab.Exec("h1", "gnt-group", "assign-nodes", "--force", "second", "h3");
            engine.Run($"Get-GntInstance {guests.Name} | Move-GntInstance -TargetGroup (Get-GntGroup second) -WhatIf").Succeeded();
            Assert.Contains($"gnt-instance change-group --to=second {guests.Name}", engine.Host.Text, StringComparison.Ordinal);

            var refused = engine.Run($"Get-GntInstance {guests.Name} | Move-GntInstance -TargetGroup (Get-GntGroup second) -PassThru");

            Assert.Empty(refused.Output);
            Assert.Contains("No valid allocation solutions", Assert.IsType<GntJobException>(refused.Error.Exception).JobError!.Message, StringComparison.Ordinal);
            Assert.Equal("default", engine.Run($"Get-GntInstance {guests.Name} -ConfigurationOnly").Succeeded().One<GntInstance>().PrimaryGroup);
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
