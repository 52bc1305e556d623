using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class MirrorTests : IDisposable
{
    private readonly PowerShellEngine? _engine;
    private readonly GntConnection _connection;

    public MirrorTests()
    {
        MirrorLab.Require();
        (_engine, _connection) = MirrorLab.Connected();
    }

    public void Dispose() => _engine?.Dispose();

    [Fact]
    public void Guests_on_DRBD_are_listed_with_both_their_nodes()
    {
        var guests = _engine!.Run("Get-GntInstance").Succeeded().Of<GntInstance>().ToDictionary(guest => guest.Name!);

        Assert.Equal(["kvm1.lab.example", "vm1.lab.example", "vm2.lab.example", "vm3.lab.example"], guests.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            [("kvm1", GntDiskTemplate.drbd, "g1", "g2", GntInstanceStatus.running, 1), ("vm1", GntDiskTemplate.drbd, "g2", "g1", GntInstanceStatus.running, 2), ("vm2", GntDiskTemplate.drbd, "g1", "g2", GntInstanceStatus.ADMIN_down, 1), ("vm3", GntDiskTemplate.plain, "g2", "", GntInstanceStatus.running, 1)],
            guests.Values.OrderBy(guest => guest.Name, StringComparer.Ordinal).Select(guest => (Short(guest.Name), guest.DiskTemplate!.Value, Short(guest.PrimaryNode), Short(guest.SecondaryNodes!.FirstOrDefault()), guest.Status!.Value, guest.Disks!.Length)));
    }

    [Fact]
    public void The_replication_has_a_network_of_its_own() => Assert.Equal(
        ["192.0.2.11 198.51.100.11", "192.0.2.12 198.51.100.12"],
        _engine!.Run("Get-GntNode").Succeeded().Of<GntNode>().OrderBy(node => node.Name, StringComparer.Ordinal).Select(node => $"{node.PrimaryIPAddress} {node.SecondaryIPAddress}"));

    [Fact]
    public async Task What_both_kernels_say_is_read_and_agrees()
    {
        var sides = new List<DrbdDevice>();
        foreach (var node in MirrorLab.Nodes)
        {
            sides.AddRange(await ReadAsync(node));
        }

        // kvm1 has one disk, vm1 two; vm2 is stopped.
        Assert.Equal(6, sides.Count);
        Assert.All(sides.GroupBy(side => side.Port), pair =>
        {
            var (one, other) = (pair.First(), pair.Last());
            Assert.Equal(2, pair.Count());
            Assert.NotEqual(one.Node, other.Node);
            Assert.Equal((one.LocalAddress, one.PeerAddress, one.Size), (other.PeerAddress, other.LocalAddress, other.Size));
            Assert.Equal((one.Role, one.PeerRole, one.DiskState, one.PeerDiskState), (other.PeerRole, other.Role, other.PeerDiskState, other.DiskState));
        });
        Assert.All(sides, side =>
        {
            Assert.StartsWith("198.51.100.1", side.LocalAddress, StringComparison.Ordinal);
            Assert.StartsWith("/dev/kvmvg/", side.BackingDevice, StringComparison.Ordinal);
            Assert.EndsWith("_meta", side.MetaDevice, StringComparison.Ordinal);
            Assert.False(side.IsDegraded);
        });

        // Each side has counted since it was made.
        var (writing, reading) = (sides.First(side => side is { Role: DrbdRole.Primary, Node: "g2.lab.example" }), sides.First(side => side is { Role: DrbdRole.Secondary, Node: "g1.lab.example" }));
        StrayMirror.On("g2", $"dd if=/dev/zero of={writing.Device} bs=64k count=1 oflag=direct conv=notrunc 2>/dev/null");
        var (written, received) = ((await ReadAsync("g2.lab.example")).Single(writing.Equals), (await ReadAsync("g1.lab.example")).Single(reading.Equals));
        Assert.Equal((writing.Port, 64 << 10, 64 << 10), (reading.Port, written.NetworkSent - writing.NetworkSent, received.NetworkReceived - reading.NetworkReceived));
    }

    [Fact]
    public async Task The_minors_are_those_that_Ganeti_gave_the_guests()
    {
        var listed = MirrorLab.Nodes.SelectMany(MirrorLab.Minors).Where(row => row[2] != "vm2.lab.example").Select(row => $"{row[0]} {row[1]} {row[4]}").Order(StringComparer.Ordinal);
        var read = new List<string>();
        foreach (var node in MirrorLab.Nodes)
        {
            read.AddRange((await ReadAsync(node)).Select(side => $"{node} {side.Minor} {(side.Role == DrbdRole.Primary ? "primary" : "secondary")}"));
        }

        Assert.Equal(listed, read.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_shared_secret_is_in_what_drbdsetup_prints_and_in_nothing_that_was_read()
    {
        var text = await MirrorLab.RunAsync(_connection, MirrorLab.Nodes[0], "drbdsetup", "show");
        var secret = text.Split("shared-secret")[1].Split('"')[1];

        Assert.Equal(40, secret.Length);
        Assert.All(DrbdsetupShow.Parse(text).Volumes, volume => Assert.DoesNotContain(secret, $"{volume} {volume.Options}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Both_sides_wait_for_each_other_while_the_replication_is_cut_and_are_in_sync_after()
    {
        Lab.Script("cut", "g2", "replication");
        try
        {
            await EventuallyAsync(side => side.IsWaitingForConnection && side.IsDegraded);
        }
        finally
        {
            Lab.Script("heal", "g2", "replication");
        }

        await EventuallyAsync(side => !side.IsDegraded);
    }

    /// <summary>Waits until all sides are so; an emulated processor needs its time.</summary>
    private async Task EventuallyAsync(Func<DrbdDevice, bool> condition)
    {
        var until = DateTimeOffset.Now.AddMinutes(3);
        while (true)
        {
            var sides = (await Task.WhenAll(MirrorLab.Nodes.Select(node => _connection.Drbd.GetAsync(node, TestContext.Current.CancellationToken)))).SelectMany(found => found).ToArray();
            if (sides.Length == 6 && Array.TrueForAll(sides, side => condition(side)))
            {
                return;
            }

            Assert.True(DateTimeOffset.Now < until, string.Join(", ", sides.Select(side => $"{side.Id} {side.ConnectionStateText} {side.DiskStateText}/{side.PeerDiskStateText}")));
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The sides on a node, all of the node's own tools having been read to the last word.</summary>
    private async Task<IReadOnlyList<DrbdDevice>> ReadAsync(string node)
    {
        var proc = ProcDrbd.Parse(await MirrorLab.RunAsync(_connection, node, "cat", "/proc/drbd"));
        var show = DrbdsetupShow.Parse(await MirrorLab.RunAsync(_connection, node, "drbdsetup", "show"));
        var events = DrbdsetupEvents2.Parse(await MirrorLab.RunAsync(_connection, node, "drbdsetup", "events2", "--now", "--statistics"));
        var status = DrbdsetupStatus.Parse(await MirrorLab.RunAsync(_connection, node, "drbdsetup", "status", "--verbose", "--statistics"));

        Assert.StartsWith("8.4.", proc.Version, StringComparison.Ordinal);
        Assert.True(show.IsComplete && events.IsComplete);
        Assert.Empty(proc.NotUnderstood);
        Assert.Empty(events.NotUnderstood);
        foreach (var device in proc.Devices)
        {
            device.Node = node;
            show.Volumes.Single(volume => volume.Minor == device.Minor).Fill(device);
            Assert.Null(device.OtherValues);
            Assert.All(new[] { events.Devices, status }, source => Assert.Equal(
                (device.ResourceName, device.ConnectionState, device.ReplicationState, device.Role, device.PeerRole, device.DiskState, device.PeerDiskState, device.Size),
                source.Where(other => other.Minor == device.Minor).Select(other => (other.ResourceName, other.ConnectionState, other.ReplicationState, other.Role, other.PeerRole, other.DiskState, other.PeerDiskState, other.Size)).Single()));
        }

        Assert.Equal(proc.Devices.Count, show.Volumes.Count);

        // And all of that in the module's one call.
        var devices = await _connection.Drbd.GetAsync(node, TestContext.Current.CancellationToken);
        Assert.All(devices, device => Assert.Equal((_connection.Uuid, proc.Version), (device.ClusterUuid, device.ModuleVersion)));
        Assert.Equal(
            proc.Devices.Select(device => (device.Id, device.ResourceName, device.Port, device.BackingDevice, device.Size, device.Role, device.DiskState)),
            devices.Select(device => (device.Id, device.ResourceName, device.Port, device.BackingDevice, device.Size, device.Role, device.DiskState)));
        return devices;
    }

    private static string Short(string? name) => name?.Split('.')[0] ?? string.Empty;
}
