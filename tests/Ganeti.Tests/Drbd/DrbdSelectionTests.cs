namespace Ganeti.Tests.Drbd;

[Trait("Kind", "unit")]
public sealed class DrbdSelectionTests
{
    private static readonly DrbdMirror[] Mirrors =
    [
        new() { InstanceName = "vm1", DiskIndex = 0, DiskUuid = "a", Primary = ("h1", 0), Secondary = ("h2", 2), Port = 11000 },
        new() { InstanceName = "vm1", DiskIndex = 1, DiskUuid = "b", Primary = ("h1", 1), Secondary = ("h2", 3), Port = 11001 },
        new() { InstanceName = "vm2", DiskIndex = 0, DiskUuid = "c", Primary = ("h3", 0), Secondary = ("h1", 4), Port = 11002 },
    ];

    private static readonly GntNode[] Nodes =
    [
        new() { Name = "h1", VMCapable = true, Offline = false, PrimaryIPAddress = "192.0.2.11", SecondaryIPAddress = "198.51.100.11" },
        new() { Name = "h2", VMCapable = true, Offline = false, PrimaryIPAddress = "192.0.2.12", SecondaryIPAddress = "198.51.100.12" },
        new() { Name = "h3", VMCapable = true, Offline = true, PrimaryIPAddress = "192.0.2.13", SecondaryIPAddress = "198.51.100.13" },
        new() { Name = "h4", VMCapable = false, Offline = false, PrimaryIPAddress = "192.0.2.14", SecondaryIPAddress = "192.0.2.14" },
    ];

    [Fact]
    public void Everything_is_on_the_nodes_that_can_have_guests_and_are_not_offline()
    {
        var everything = new DrbdSelection { All = true };

        Assert.Equal("h1 h2", Asked(everything));
        Assert.False(everything.NeedsConfiguration);
        Assert.Equal("h1/0 h1/1 h1/4 h1/9 h2/2 h2/3 h3/0", Wanted(everything));
    }

    [Fact]
    public void A_node_that_is_offline_is_asked_when_it_is_named_and_not_for_a_guests_sake()
    {
        var (named, guest) = (new DrbdSelection { Nodes = { "h3" } }, new DrbdSelection { Instances = { "vm2" } });

        Assert.Equal("h3", Asked(named));
        Assert.True(named.MayBeAsked("h3", Nodes));
        Assert.Equal("h1 h3", Asked(guest));
        Assert.False(guest.MayBeAsked("h3", Nodes));
        Assert.True(guest.MayBeAsked("h1", Nodes));
        Assert.True(guest.MayBeAsked("elsewhere", Nodes));
    }

    [Fact]
    public void Minors_are_of_the_nodes()
    {
        var minor = new DrbdSelection { Nodes = { "h1", "h2" }, Minors = { 1, 3 } };

        Assert.Equal("h1 h2", Asked(minor));
        Assert.Equal("h1/1 h2/3", Wanted(minor));
    }

    [Fact]
    public void Of_guests_and_disks_both_sides_are_meant_and_only_the_guests_are_asked_for()
    {
        var guest = new DrbdSelection { Instances = { "vm2" } };
        var disk = new DrbdSelection { Disks = { ("vm1", "b", 7) } };

        Assert.Equal(("vm2", "h1/4 h3/0"), (string.Join(' ', guest.Guests), Wanted(guest)));
        // Its place was another when it was read.
        Assert.Equal(("vm1", "h1 h2", "h1/1 h2/3"), (string.Join(' ', disk.Guests), Asked(disk), Wanted(disk)));
        Assert.Equal("h1/0 h2/2", Wanted(new DrbdSelection { Disks = { ("vm1", null, 0) } }));
        Assert.Empty(Wanted(new DrbdSelection { Disks = { ("vm1", "gone", 0) } }));
        Assert.Empty(new DrbdSelection { Instances = { "vm2" }, Nodes = { "h1" } }.Guests);
    }

    [Fact]
    public void A_side_is_read_anew_by_node_and_minor()
    {
        var side = new DrbdSelection { Sides = { ("h2", 3) } };

        Assert.Equal(("h2", "h2/3"), (Asked(side), Wanted(side)));
        Assert.False(side.NeedsConfiguration);
    }

    [Fact]
    public void The_other_side_is_where_Ganeti_says_whatever_the_object_says()
    {
        var peer = DrbdPeer.Of(new DrbdDevice { Node = "h2", Minor = 3, PeerNode = "h4", PeerMinor = 8, Port = 11001 }, Mirrors, Nodes)!;

        Assert.Equal(new DrbdPeer("h1", 1, null), peer);
        Assert.True(peer.Is(new DrbdDevice { Node = "h1", Minor = 1 }));
        Assert.False(peer.Is(new DrbdDevice { Node = "h2", Minor = 1 }));
        Assert.Equal("h1", Asked(new DrbdSelection { PeersOf = { new DrbdDevice { Node = "h2", Minor = 3 } } }));
    }

    [Fact]
    public void The_other_side_of_a_minor_without_a_guest_is_found_by_address_and_port()
    {
        var peer = DrbdPeer.Of(new DrbdDevice { Node = "h1", Minor = 9, PeerAddress = "198.51.100.12", Port = 11999 }, Mirrors, Nodes)!;

        Assert.True(peer.Is(new DrbdDevice { Node = "h2", Minor = 5, Port = 11999 }));
        Assert.False(peer.Is(new DrbdDevice { Node = "h2", Minor = 9, Port = 11000 }));
        Assert.Equal(new DrbdPeer("h7", 2, null), DrbdPeer.Of(new DrbdDevice { Node = "h1", Minor = 9, PeerNode = "h7", PeerMinor = 2 }, [], []));
    }

    [Theory]
    [InlineData(null, 11999)]
    [InlineData("203.0.113.1", 11999)]
    [InlineData("198.51.100.12", null)]
    public void Without_address_or_port_the_other_side_of_such_a_minor_is_not_known(string? address, int? port) =>
        Assert.Null(DrbdPeer.Of(new DrbdDevice { Node = "h1", Minor = 9, PeerAddress = address, Port = port }, Mirrors, Nodes));

    private static string Asked(DrbdSelection selection) => string.Join(' ', selection.NodesToAsk(Mirrors, Nodes).Order(StringComparer.Ordinal));

    private static string Wanted(DrbdSelection selection)
    {
        DrbdDevice[] sides = [.. Mirrors.SelectMany(mirror => new[] { mirror.Primary, mirror.Secondary }).Append(("h1", 9)).Select(side => new DrbdDevice { Node = side.Item1, Minor = side.Item2 })];
        DrbdMirror.Assign(Mirrors, sides);
        return string.Join(' ', sides.Where(selection.IsWanted).Select(side => $"{side.Node}/{side.Minor}").Order(StringComparer.Ordinal));
    }
}
