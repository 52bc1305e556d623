using System.Management.Automation;
using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class DrbdDeviceTests
{
    // One for all: a login takes an emulated machine many seconds.
    private static readonly Lazy<(PowerShellEngine Engine, GntConnection Connection)> Shared = new(MirrorLab.Connected);

    private readonly PowerShellEngine _engine;
    private readonly GntConnection _connection;

    public DrbdDeviceTests()
    {
        MirrorLab.Require();
        (_engine, _connection) = Shared.Value;
    }

    [Fact]
    public void All_sides_of_all_mirrors_are_those_that_Ganeti_lists()
    {
        var sides = Get("Get-DrbdDevice");

        // vm2 is stopped.
        var listed = MirrorLab.Nodes.SelectMany(MirrorLab.Minors).Where(row => row[2] != "vm2.lab.example").Select(row => $"{row[0]} {row[1]} {row[2]} {row[4]} {row[5]}");
        Assert.Equal(
            listed.Order(StringComparer.Ordinal),
            sides.Select(side => $"{side.Node} {side.Minor} {side.InstanceName} {(side.ConfiguredRole == DrbdRole.Primary ? "primary" : "secondary")} {side.PeerNode}").Order(StringComparer.Ordinal));
        Assert.All(sides, side => Assert.Equal((_connection.Uuid, side.Port, side.ConfiguredRole), (side.ClusterUuid, side.ConfiguredPort, side.Role)));
    }

    [Fact]
    public void One_call_a_node_and_one_of_the_master_tell_it_all()
    {
        var lines = _engine.Run("Get-DrbdDevice -Verbose").Succeeded().Verbose;

        Assert.All(MirrorLab.Nodes, node => Assert.Single(lines, line => line.Contains("/proc/drbd", StringComparison.Ordinal) && line.StartsWith(node.Split('.')[0], StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, line => line.StartsWith("LUXI Submit", StringComparison.Ordinal));
        Assert.Single(lines, line => line.Contains("# configured", StringComparison.Ordinal));
    }

    [Fact]
    public void A_queue_that_takes_no_job_keeps_nobody_from_knowing_whose_they_are()
    {
        Lab.Exec("g1", "gnt-cluster", "queue", "drain");
        try
        {
            Assert.Equal(["kvm1.lab.example", "vm1.lab.example"], _engine.Run("Get-DrbdDevice").Succeeded().Of<DrbdDevice>().Select(side => side.InstanceName).Distinct().Order(StringComparer.Ordinal));
            Assert.Contains(_engine.Run("Get-LvmVolume g1").Succeeded().Of<LvmVolume>(), volume => volume is { InstanceName: "vm2.lab.example", Use: LvmVolumeUse.Data });
        }
        finally
        {
            Lab.Exec("g1", "gnt-cluster", "queue", "undrain");
        }
    }

    [Theory]
    [InlineData("Get-GntNode g2 | Get-DrbdDevice", "g2/kvm1/0 g2/vm1/0 g2/vm1/1")]
    [InlineData("Get-GntInstance vm* | Get-DrbdDevice", "g1/vm1/0 g1/vm1/1 g2/vm1/0 g2/vm1/1")]
    [InlineData("Get-GntDisk vm1 -Index 1 | Get-DrbdDevice", "g1/vm1/1 g2/vm1/1")]
    [InlineData("Get-DrbdDevice -Instance kvm1 | Get-DrbdDevice", "g1/kvm1/0 g2/kvm1/0")]
    [InlineData("Get-DrbdDevice g1 | Get-DrbdDevice -Peer", "g2/kvm1/0 g2/vm1/0 g2/vm1/1")]
    [InlineData("Get-DrbdDevice g1 -Minor 0 -ThrottleLimit 1 -Peer", "g1/kvm1/0 g2/kvm1/0")]
    [InlineData("Get-GntInstance vm3 | Get-DrbdDevice", "")]
    public void Sides_are_found_by_what_they_belong_to(string script, string expected)
    {
        var found = Get(script).Select(side => $"{Short(side.Node)}/{Short(side.InstanceName)}/{side.DiskIndex}").Order(StringComparer.Ordinal);

        Assert.Equal(expected, string.Join(' ', found));
    }

    [Fact]
    public void From_a_side_the_pipeline_goes_on_to_its_disk_its_guest_and_its_node()
    {
        Assert.Equal(["vm1.lab.example/disk/0", "vm1.lab.example/disk/1"], _engine.Run("Get-DrbdDevice -Instance vm1 | Get-GntDisk").Succeeded().Of<GntDisk>().Select(disk => disk.Id).Order(StringComparer.Ordinal));
        Assert.Equal(["kvm1.lab.example", "vm1.lab.example"], _engine.Run("Get-DrbdDevice | Get-GntInstance -ConfigurationOnly").Succeeded().Of<GntInstance>().Select(guest => guest.Name).Order(StringComparer.Ordinal));
        Assert.Equal("g2.lab.example", _engine.Run("Get-DrbdDevice -Node g2 | Get-GntNode -ConfigurationOnly").Succeeded().One<GntNode>().Name);
    }

    [Fact]
    public void A_minor_that_is_on_none_of_the_nodes_is_an_error_and_the_others_go_on()
    {
        var own = Get("Get-DrbdDevice g1")[0].Minor;
        var outcome = _engine.Run($"Get-DrbdDevice g1 -Minor 77, {own}");

        Assert.Equal((77, ErrorCategory.ObjectNotFound), (outcome.FailedWith("DrbdDeviceNotFound").Error.TargetObject, outcome.Error.CategoryInfo.Category));
        Assert.Equal(own, outcome.One<DrbdDevice>().Minor);
    }

    [Fact]
    public async Task A_minor_without_a_guest_is_shown_and_its_other_side_is_not_made_up()
    {
        await MirrorLab.RunAsync(_connection, MirrorLab.Nodes[0], "drbdsetup", "new-resource", "stray");
        try
        {
            await MirrorLab.RunAsync(_connection, MirrorLab.Nodes[0], "drbdsetup", "new-minor", "stray", "99", "0");

            var side = Get("Get-DrbdDevice").Single(found => found.InstanceName is null);
            Assert.Equal((MirrorLab.Nodes[0], 99, DrbdConnectionState.Unconfigured, null), (side.Node, side.Minor, side.ConnectionState, side.ConfiguredPort));

            Assert.Equal(ErrorCategory.ObjectNotFound, _engine.Run("Get-DrbdDevice g1 -Minor 99 | Get-DrbdDevice -Peer").FailedWith("DrbdPeerUnknown").Error.CategoryInfo.Category);
            Assert.Empty(_engine.Run("Get-DrbdDevice g1 -Minor 99 | Get-GntInstance").Succeeded().Output);
            Assert.Empty(_engine.Run("Get-DrbdDevice g1 -Minor 99 | Get-GntDisk").Succeeded().Output);
        }
        finally
        {
            await MirrorLab.RunAsync(_connection, MirrorLab.Nodes[0], "drbdsetup", "down", "stray");
        }

        // Gone by now: no error for what is read anew.
        Assert.Empty(_engine.Run($"[Ganeti.DrbdDevice]@{{ Node = '{MirrorLab.Nodes[0]}'; Minor = 99; ClusterUuid = '{_connection.Uuid}' }} | Get-DrbdDevice").Succeeded().Output);
    }

    [Fact]
    public async Task Both_sides_are_seen_to_wait_for_each_other_while_the_replication_is_cut()
    {
        Lab.Script("cut", "g2", "replication");
        try
        {
            await EventuallyAsync(sides => sides.All(side => side is { IsWaitingForConnection: true, IsDegraded: true, PeerRole: DrbdRole.Unknown, PeerDiskState: DrbdDiskState.DUnknown or DrbdDiskState.Outdated or DrbdDiskState.UpToDate }));

            // What belongs together is known without the connection.
            Assert.Equal(3, Get("Get-DrbdDevice g1 | Get-DrbdDevice -Peer").Length);
        }
        finally
        {
            Lab.Script("heal", "g2", "replication");
        }

        await EventuallyAsync(sides => sides.All(side => !side.IsDegraded));
    }

    [Fact]
    public void A_node_that_does_not_answer_is_one_error_and_the_other_is_written()
    {
        // The shell that reads /proc/drbd there is killed.
        Lab.Exec("g2", "mv", "/bin/cat", "/bin/cat.away");
        try
        {
            Lab.Exec("g2", "sh", "-c", "printf '%s\\n' '#!/bin/sh' '[ \"$1\" != /proc/drbd ] || kill -9 $PPID' 'exec /bin/cat.away \"$@\"' > /bin/cat && chmod +x /bin/cat");

            var outcome = _engine.Run("Get-DrbdDevice");

            Assert.Equal(MirrorLab.Nodes[1], Assert.Single(outcome.Errors).TargetObject);
            Assert.Equal([MirrorLab.Nodes[0]], outcome.Of<DrbdDevice>().Select(side => side.Node!).Distinct());
            Assert.Equal(3, outcome.Of<DrbdDevice>().Length);

            // On that node it may be.
            Assert.Equal(MirrorLab.Nodes[1], Assert.Single(_engine.Run("Get-DrbdDevice -Minor 77").Errors).TargetObject);
        }
        finally
        {
            Lab.Exec("g2", "mv", "/bin/cat.away", "/bin/cat");
        }
    }

    [Fact]
    public void A_guests_side_on_a_node_that_is_marked_offline_is_one_error_and_the_other_is_written()
    {
        Lab.Exec("g1", "gnt-node", "modify", "--offline=yes", "--auto-promote", "g2");
        try
        {
            var outcome = _engine.Run("Get-DrbdDevice -Instance vm1");

            Assert.Equal(MirrorLab.Nodes[1], outcome.FailedWith("NodeOffline").Error.TargetObject);
            Assert.Equal(["g1", "g1"], outcome.Of<DrbdDevice>().Select(side => Short(side.Node)));
            Assert.Equal(["g1"], Get("Get-DrbdDevice").Select(side => Short(side.Node)).Distinct());
            Assert.Equal(3, Get("Get-DrbdDevice g2").Length);
        }
        finally
        {
            Lab.Exec("g1", "gnt-node", "modify", "--force", "--offline=no", "--auto-promote", "g2");
        }
    }

    private DrbdDevice[] Get(string script) => [.. _engine.Run(script).Succeeded().Of<DrbdDevice>()];

    private async Task EventuallyAsync(Func<DrbdDevice[], bool> condition)
    {
        var until = DateTimeOffset.Now.AddMinutes(3);
        while (true)
        {
            var sides = Get("Get-DrbdDevice");
            if (sides.Length == 6 && condition(sides))
            {
                return;
            }

            Assert.True(DateTimeOffset.Now < until, string.Join(", ", sides.Select(side => $"{side.Id} {side.ConnectionStateText} {side.RoleText}/{side.PeerRoleText} {side.DiskStateText}/{side.PeerDiskStateText}")));
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }
    }

    private static string Short(string? name) => name?.Split('.')[0] ?? string.Empty;
}
