using Ganeti.Tests.Luxi;

namespace Ganeti.Tests.Drbd;

[Trait("Kind", "unit")]
public sealed class DrbdNodeTests
{
    private static readonly string Output = string.Join('\u001d', new[] { "proc_drbd-8.4.11-big-disk.txt", "drbdsetup-9.22-show-four.txt", "drbdsetup-9.22-events2-four.txt" }.Select(DrbdFixture.Read));

    [Fact]
    public void One_call_tells_all_of_a_node()
    {
        var devices = DrbdNode.Read("h2.lab.example", Output).Devices;
        var big = devices[^1];

        Assert.Equal(["h2.lab.example/drbd0", "h2.lab.example/drbd1", "h2.lab.example/drbd4", "h2.lab.example/drbd123"], devices.Select(device => device.Id));
        Assert.Equal(("8.4.11", "resource123", 0, 11003, "192.168.77.2", 10L << 30, "/dev/drbd123"), (big.ModuleVersion, big.ResourceName, big.Volume, big.Port, big.LocalAddress, big.Size, big.Device));
        Assert.True(big.IsInResync);
    }

    [Fact]
    public void No_answer_makes_it_fail() => Mutations.Of(Output, Output + "\u001d0 0123456789ABCDEF:0000000000000000:0:0\u001d1795000000.5\n\u001d/dev/drbd0\tprocess\t17\tqemu\n").Sample(text => DrbdNode.Read("h1", text) is { Devices: not null, Holders: not null });

    [Fact]
    public void Without_the_module_there_is_nothing() => Assert.Empty(DrbdNode.Read("h1", string.Empty).Devices);

    [Fact]
    public void Without_drbdsetup_what_the_kernel_says_is_there()
    {
        var devices = DrbdNode.Read("h1", DrbdFixture.Read("proc_drbd-8.4.11-big-disk.txt") + "\u001d\u001d").Devices;

        Assert.Equal([0, 1, 4, 123], devices.Select(device => device.Minor!.Value));
        Assert.All(devices, device => Assert.Equal((null, null), (device.ResourceName, device.Port)));
    }

    [Fact]
    public void With_DRBD_9_the_minors_come_from_drbdsetup()
    {
        var device = Assert.Single(DrbdNode.Read("h1", "version: 9.2.8 (api:2/proto:86-122)\n\u001dresource \"r\" {\n    _this_host {\n        volume 0 {\n            device minor 5;\n            disk \"/dev/vg/r\";\n        }\n    }\n}\n\u001dexists resource name:r role:Primary suspended:no\nexists connection name:r peer-node-id:1 conn-name:h2 connection:Connected role:Secondary\nexists device name:r volume:0 minor:5 disk:UpToDate size:1024\nexists peer-device name:r peer-node-id:1 conn-name:h2 volume:0 replication:Established peer-disk:UpToDate\nexists -\n").Devices);

        Assert.Equal((5, "9.2.8", DrbdConnectionState.Connected, "/dev/vg/r", 1L << 20), (device.Minor, device.ModuleVersion, device.ConnectionState, device.BackingDevice, device.Size));
    }

    [Fact]
    public void Ganeti_tells_which_guests_disk_a_side_is()
    {
        var mirrors = DrbdMirror.Of(ConfiguredDisk.Read(DrbdFixture.Read("configured-ganeti3.0.2.json"))!);
        DrbdDevice[] devices = [new() { Node = "g2.lab.example", Minor = 1, Port = 11002 }, new() { Node = "g1.lab.example", Minor = 1 }, new() { Node = "g1.lab.example", Minor = 7 }];

        DrbdMirror.Assign(mirrors, devices);

        Assert.Equal(["kvm1.lab.example", "vm1.lab.example", "vm1.lab.example", "vm2.lab.example"], mirrors.Select(mirror => mirror.InstanceName).Order(StringComparer.Ordinal));
        var first = mirrors.Single(mirror => mirror is { InstanceName: "vm1.lab.example", DiskIndex: 0 });
        Assert.Equal(("92de265a-0bdf-4b20-874f-e96ca831d851", 11002, "/dev/kvmvg/bb459b83-b2b4-4564-933a-221f84eb1edb.disk0_data"), (first.DiskUuid, first.Port, first.BackingDevice));
        Assert.Equal([("vm1.lab.example", DrbdRole.Primary, "g1.lab.example", 1, 11002), ("vm1.lab.example", DrbdRole.Secondary, "g2.lab.example", 1, 11002), (null, null, null, null, null)], devices.Select(device => (device.InstanceName, device.ConfiguredRole, device.PeerNode, device.PeerMinor, device.Port)));
        Assert.Equal([11002, 11002, null], devices.Select(device => device.ConfiguredPort));
    }
}
