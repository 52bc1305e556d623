namespace Ganeti.Tests.Drbd;

[Trait("Kind", "unit")]
public sealed class DrbdsetupShowTests
{
    [Fact]
    public void Addresses_port_devices_and_options_of_each_minor_are_read()
    {
        var show = DrbdsetupShow.Parse(DrbdFixture.Read("drbdsetup-9.22-show-four.txt"));
        var first = show.Volumes.Single(volume => volume.Minor == 0);

        Assert.True(show.IsComplete);
        Assert.Equal([0, 1, 4, 123], show.Volumes.Select(volume => volume.Minor!.Value).Order());
        Assert.Equal(("resource0", 0), (first.ResourceName, first.Volume));
        Assert.Equal((new DrbdAddress("ipv4", "192.168.77.2", 11000), new DrbdAddress("ipv4", "192.168.77.1", 11000)), (first.Local, first.Peer));
        Assert.Equal("/dev/kvmvg/3f1c7a52-9c0e-4a53-8d0b-6f1f2f6b0a11.disk0_data", first.BackingDevice);
        Assert.Equal("/dev/kvmvg/3f1c7a52-9c0e-4a53-8d0b-6f1f2f6b0a11.disk0_meta", first.MetaDevice);
        Assert.Equal(["after-sb-0pri", "after-sb-1pri", "c-plan-ahead", "cram-hmac-alg", "resync-rate", "size"], first.Options.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Sectors_and_kibibytes_become_bytes()
    {
        var options = DrbdsetupShow.Parse(DrbdFixture.Read("drbdsetup-9.22-show-defaults.txt")).Volumes[0].Options;

        Assert.Equal((512L << 20, 61440L << 10, 100L * 512, 102400L << 10), (options["size"], options["resync-rate"], options["c-fill-target"], options["c-max-rate"]));
        Assert.Equal((20L, -1L, false, true, "C", ""), (options["c-plan-ahead"], options["resync-after"], options["allow-two-primaries"], options["use-rle"], options["protocol"], options["verify-alg"]));
    }

    [Fact]
    public void The_shared_secret_is_dropped()
    {
        foreach (var text in new[] { "drbdsetup-9.22-show-four.txt", "drbdsetup-9.22-show-defaults.txt" }.Select(DrbdFixture.Read))
        {
            Assert.Contains("SECRET", text, StringComparison.Ordinal);
            Assert.DoesNotContain("SECRET", Everything(DrbdsetupShow.Parse(text)), StringComparison.Ordinal);
            // Wherever it is cut off, too.
            for (var end = text.IndexOf("SECRET", StringComparison.Ordinal); end < text.IndexOf("SECRET", StringComparison.Ordinal) + 12; end++)
            {
                Assert.DoesNotContain("SEC", Everything(DrbdsetupShow.Parse(text[..end])), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void StandAlone_has_lost_addresses_and_port()
    {
        var show = DrbdsetupShow.Parse(DrbdFixture.Read("drbdsetup-9.22-show-standalone.txt"));
        var (alone, connected) = (show.Volumes.Single(volume => volume.Minor == 0), show.Volumes.Single(volume => volume.Minor == 1));

        Assert.Equal((null, null), (alone.Local, alone.Peer));
        Assert.EndsWith("disk0_data", alone.BackingDevice, StringComparison.Ordinal);
        Assert.Equal(11001, connected.Peer!.Port);
    }

    [Fact]
    public void A_minor_without_disk_and_network_is_there_all_the_same() =>
        Assert.Equal([(2, null)], DrbdsetupShow.Parse("resource resource2 {\n    options {\n    }\n    _this_host {\n        volume 0 {\n            device\t\t\tminor 2;\n        }\n    }\n}\n").Volumes.Select(volume => (volume.Minor, volume.BackingDevice)));

    // drbdsetup of 8.3 and 8.0 shows one minor, without a resource around it.
    [Fact]
    public void The_old_format_of_one_minor_is_read()
    {
        var show = DrbdsetupShow.Parse("disk {\n\tsize            \t0s _is_default; # bytes\n\ton-io-error     \tdetach;\n}\nnet {\n\ttimeout         \t60 _is_default; # 1/10 seconds\n\tshared-secret   \t\"very private\";\n}\nsyncer {\n\trate            \t61440k; # bytes/second\n}\nprotocol C;\n_this_host {\n\tdevice\t\t\tminor 63;\n\tdisk\t\t\t\"/dev/xenvg/test.data\";\n\tmeta-disk\t\t\"/dev/xenvg/test.meta\" [ 0 ];\n\taddress\t\t\tipv6 [2001:db8:65::1]:11048;\n}\n_remote_host {\n\taddress\t\t\t192.0.2.2:11048;\n}\n");
        var volume = Assert.Single(show.Volumes);

        Assert.Equal((63, "/dev/xenvg/test.data", "/dev/xenvg/test.meta"), (volume.Minor, volume.BackingDevice, volume.MetaDevice));
        Assert.Equal((new DrbdAddress("ipv6", "2001:db8:65::1", 11048), new DrbdAddress(null, "192.0.2.2", 11048)), (volume.Local, volume.Peer));
        Assert.Equal(("C", 61440L << 10, 60L, 0L), (volume.Options["protocol"], volume.Options["rate"], volume.Options["timeout"], volume.Options["size"]));
        Assert.DoesNotContain("private", Everything(show), StringComparison.Ordinal);
        Assert.Equal([58], DrbdsetupShow.Parse("_this_host {\n\tdevice\t\"/dev/drbd58\";\n}").Volumes.Select(old => old.Minor!.Value));
    }

    [Fact]
    public void The_format_of_DRBD_9_is_read()
    {
        var show = DrbdsetupShow.Parse("resource \"r0\" {\n    options {\n        quorum majority;\n    }\n    _this_host {\n        node-id\t0;\n        volume 0 {\n            device minor 1000;\n            disk \"/dev/vg/r0\";\n            meta-disk internal;\n        }\n    }\n    connection {\n        _peer_node_id 1;\n        path {\n            _this_host ipv4 192.0.2.1:7000;\n            _remote_host ipv4 192.0.2.2:7000;\n        }\n        net {\n            shared-secret \"abc\";\n            _name \"h2\";\n        }\n    }\n}\n");
        var volume = Assert.Single(show.Volumes);

        Assert.Equal(("r0", 1000, "/dev/vg/r0", "internal", "192.0.2.1", "192.0.2.2", "majority"), (volume.ResourceName, volume.Minor, volume.BackingDevice, volume.MetaDevice, volume.Local!.IP, volume.Peer!.IP, volume.Options["quorum"]));
    }

    [Fact]
    public void It_tells_a_device_what_proc_drbd_does_not_know()
    {
        var device = ProcDrbd.Parse(DrbdFixture.Read("proc_drbd-8.4.11-big-disk.txt")).Devices[^1];

        DrbdsetupShow.Parse(DrbdFixture.Read("drbdsetup-9.22-show-four.txt")).Volumes.Single(volume => volume.Minor == device.Minor).Fill(device);

        Assert.Equal(("resource123", 11003, "192.168.77.2", "192.168.77.1", 10L << 30), (device.ResourceName, device.Port, device.LocalAddress, device.PeerAddress, device.Size));
        Assert.EndsWith("disk0_meta", device.MetaDevice, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_recording_is_read_to_its_end() => Assert.All(DrbdFixture.Recorded("drbdsetup-show.txt", "drbdsetup-show-?.txt", "drbdsetup-show-1?*.txt", "?-show.txt"), recorded =>
    {
        var show = DrbdsetupShow.Parse(recorded.Text);

        Assert.True(show.IsComplete, recorded.Path);
        Assert.Equal(recorded.Text.Split('\n').Count(line => line.Contains("minor ", StringComparison.Ordinal)), show.Volumes.Count);
        Assert.All(show.Volumes, volume => Assert.NotNull(volume.Minor));
        Assert.DoesNotContain("SECRET", Everything(show), StringComparison.Ordinal);
    });

    [Fact]
    public void No_text_makes_it_fail() => Mutations.OfFixtures("drbdsetup-9.22-show").Sample(text => DrbdsetupShow.Parse(text).Volumes.All(volume => volume.Options is not null));

    [Theory]
    [InlineData("resource r { net { timeout 60;", false)]
    [InlineData("resource r { _this_host { volume 0 { device minor 1; } } }", true)]
    [InlineData("disk \"/dev/x", false)]
    [InlineData("}}}}", false)]
    [InlineData("", true)]
    public void Text_that_was_cut_off_is_known_for_that(string text, bool isComplete) => Assert.Equal(isComplete, DrbdsetupShow.Parse(text).IsComplete);

    private static string Everything(DrbdsetupShow show) => string.Join('\n', show.Volumes.Select(volume => $"{volume} {volume.Options}"));
}
