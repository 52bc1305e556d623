using System.Globalization;
using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

/// <summary>Connections of real DRBD cut and found again; whatever becomes of the client, nothing is left on the nodes.</summary>
/// <remarks>vm1 is at home on g2, its hypervisor opens no disk.</remarks>
[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class DrbdResetTests
{
    // A data socket whose packets are lost, as a firewall does that has forgotten it, and something that waits for it.
    private const string Stall = MirrorLab.LoseDataSocket + """
        dd if=/dev/zero of=$2 bs=1M count=8 oflag=direct 2>/dev/null
        lose_data_socket "$1" reset-test
        setsid dd if=/dev/zero of=$2 bs=64k count=4 oflag=direct > /dev/null 2>&1 < /dev/null &
        for tries in $(seq 150); do grep -q ' ap:[1-9]' /proc/drbd && break; sleep 0.2; done
        """;

    private const string Leftovers = """
        ls /run/ganeti-powershell/undo 2>/dev/null
        nft list tables 2>/dev/null | grep gnt_reset
        iptables -S | grep gnt-reset
        systemctl list-units --all --plain --no-legend 'gnt-undo-*' | awk '{ print $1 }'
        pgrep -fa 'gnt_expir[e]'
        true
        """;

    private static readonly Lazy<(PowerShellEngine Engine, GntConnection Connection)> Shared = new(MirrorLab.Connected);

    private static readonly Lazy<DrbdDevice[]> Known = new(() => [.. Shared.Value.Engine.Run("Get-DrbdDevice -Instance vm1").Succeeded().Of<DrbdDevice>().Where(side => side.Node == "g2.lab.example")]);

    private readonly PowerShellEngine _engine;
    private readonly GntConnection _connection;

    public DrbdResetTests()
    {
        MirrorLab.Require();
        (_engine, _connection) = Shared.Value;
    }

    [Theory]
    [InlineData("Socket")]
    [InlineData("Nftables")]
    [InlineData("Iptables")]
    [InlineData("Disconnect")]
    public void Each_method_cuts_this_mirror_only_and_leaves_nothing_behind(string method)
    {
        var side = Side(0);
        var (before, others, configured) = (Sockets(side.Port!.Value), OtherSockets(side.Port.Value), Configuration(side));

        var sides = _engine.Run($"Reset-DrbdConnection -Node g2 -Minor {side.Minor} -Method {method} -Confirm:$false -PassThru").Succeeded().Of<DrbdDevice>();

        Assert.Equal([("g1", true), ("g2", true)], sides.Select(one => (one.Node!.Split('.')[0], one.IsConnected)).Order());
        Assert.Empty(before.Intersect(Sockets(side.Port.Value)));
        Assert.Equal(others, OtherSockets(side.Port.Value));
        Assert.Equal(configured, Configuration(side));
        AssertNothingIsLeft();
    }

    [Fact]
    public void WhatIf_names_the_sockets_and_changes_nothing_and_a_healthy_connection_is_asked_about()
    {
        var side = Side(0);
        var before = Sockets(side.Port!.Value);

        Assert.Contains($"ss --kill --tcp src 198.51.100.12 dst 198.51.100.11 '( sport = :{side.Port} or dport = :{side.Port} )'", _engine.Shown("Reset-DrbdConnection vm1 -WhatIf"), StringComparison.Ordinal);
        Assert.Contains("Nothing is wrong with vm1.lab.example/disk/0", _engine.Run($"Reset-DrbdConnection -Node g2 -Minor {side.Minor}").FailedWith("ConfirmationImpossible").Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, Sockets(side.Port.Value));
    }

    [Fact]
    public async Task A_stall_is_ended_without_a_question_and_what_waited_is_written()
    {
        var side = Side(0);
        Lab.Exec("g2", "sh", "-c", Stall, "sh", side.Port!.Value.ToString(CultureInfo.InvariantCulture), side.Device!);
        try
        {
            var outcome = _engine.Run("Get-DrbdDevice -Instance vm1 | Where-Object DiskIndex -eq 0 | Reset-DrbdConnection -InformationAction Continue -PassThru").Succeeded();

            Assert.All(outcome.Of<DrbdDevice>(), one => Assert.Equal((DrbdDiskState.UpToDate, 0L), (one.DiskState, one.ApplicationPending)));
            Assert.Equal("0", Lab.Exec("g2", "sh", "-c", "pgrep -xc dd; true").Trim());
            Assert.Equal(["Begun", "Done", "Step"], (await _connection.History.GetAsync("g2.lab.example", TestContext.Current.CancellationToken)).TakeLast(3).Select(entry => entry.EventText!).Order(StringComparer.Ordinal));
        }
        finally
        {
            Lab.Exec("g2", "sh", "-c", "iptables-save | grep -v reset-test | iptables-restore");
        }
    }

    [Fact]
    public async Task A_link_is_held_down_until_somebody_lets_it_go_and_the_operator_who_left_was_told()
    {
        var side = Side(0);
        var host = new RecordingHost();
        using var engine = new PowerShellEngine(host);
        engine.Run("$null = Connect-GntCluster g1").Succeeded();
        using (var shell = engine.Shell($"Reset-DrbdConnection -Node g2 -Minor {side.Minor} -Hold 120 -Confirm:$false"))
        {
            var running = shell.BeginInvoke();
            await MirrorLab.EventuallyAsync(() => _engine.Run("Get-DrbdConnectionReset").Of<DrbdConnectionReset>() is [{ Method: DrbdResetMethod.Nftables, InstanceName: "vm1.lab.example", IsStray: false }] && Side(0).IsWaitingForConnection);

            // Whoever else has the idea is told who is at it.
            Assert.Contains(Environment.UserName, _engine.Run($"Reset-DrbdConnection -Node g2 -Minor {Side(1).Minor} -Confirm:$false").FailedWith("RepairUnderWay").Error.ToString(), StringComparison.Ordinal);
            Assert.Equal("vm1.lab.example", _engine.Run("Get-GntHistory -UnderWay").Succeeded().One<GntHistoryEntry>().InstanceName);

            shell.Stop();
            Assert.True(running.AsyncWaitHandle.WaitOne(Lab.AtOnce));
        }

        Assert.Contains("is held down by g2.lab.example until", host.Text, StringComparison.Ordinal);
        _engine.Run("Get-DrbdConnectionReset | Remove-DrbdConnectionReset").Succeeded();
        AssertNothingIsLeft();
        await MirrorLab.EventuallyAsync(() => Side(0).IsConnected);
    }

    [Fact]
    public async Task The_node_ends_a_hold_by_itself_though_the_client_can_not_be_reached_any_more()
    {
        var side = Side(0);
        using var shell = _engine.Shell($"Reset-DrbdConnection -Node g2 -Minor {side.Minor} -Hold 25 -Confirm:$false");
        var running = shell.BeginInvoke();
        await MirrorLab.EventuallyAsync(() => Lab.Exec("g2", "nft", "list", "tables").Contains("gnt_reset", StringComparison.Ordinal));
        Lab.Script("cut", "g2", "cluster");
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
        finally
        {
            Lab.Script("heal", "g2", "cluster");
        }

        await MirrorLab.EventuallyAsync(() => Lab.Exec("g2", "sh", "-c", Leftovers).Trim().Length == 0);
        shell.Stop();
        Assert.True(running.AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
        await MirrorLab.EventuallyAsync(() => Side(0).IsConnected);
        Assert.Contains((await _connection.History.GetAsync("g2.lab.example", TestContext.Current.CancellationToken)).TakeLast(6), entry => entry is { Event: GntHistoryEvent.Undone, Cmdlet: "Reset-DrbdConnection" });
    }

    [Fact]
    public async Task A_client_that_is_killed_at_any_moment_leaves_nothing_behind()
    {
        var client = new KilledClient(_engine);
        for (var round = 0; round < Soak.Times(1); round++)
        {
            var method = new[] { "Nftables", "Disconnect", "Iptables", "Socket" }[round % 4];
            await client.RunAsync($"Reset-DrbdConnection -Node g2 -Minor {Side(0).Minor} -Method {method}{(method == "Socket" ? string.Empty : " -Hold 5")} -Confirm:$false", TimeSpan.FromSeconds(12));

            // The longest deadline is a minute; its lease would keep the next one from it.
            KilledClient.EndLeases();
            await MirrorLab.EventuallyAsync(() => MirrorLab.Nodes.All(node => Lab.Exec(node.Split('.')[0], "sh", "-c", Leftovers).Trim().Length == 0) && Side(0).IsConnected && Side(0) is { DiskState: DrbdDiskState.UpToDate, PeerDiskState: DrbdDiskState.UpToDate });
        }

        Assert.Contains(await _connection.History.GetAsync("g2.lab.example", TestContext.Current.CancellationToken), entry => entry is { Cmdlet: "Reset-DrbdConnection", Event: GntHistoryEvent.Begun });
    }

    [Fact]
    [Trait("Pace", "long")]
    public void What_is_not_connected_is_not_cut()
    {
        var side = Side(0);
        foreach (var node in new[] { ("g1", "198.51.100.11", "198.51.100.12"), ("g2", "198.51.100.12", "198.51.100.11") })
        {
            Lab.Exec(node.Item1, "drbdsetup", "disconnect", "--force", $"ipv4:{node.Item2}:{side.Port}", $"ipv4:{node.Item3}:{side.Port}");
        }

        try
        {
            Assert.Contains("both sides are StandAlone", _engine.Run($"Reset-DrbdConnection -Node g2 -Minor {side.Minor} -Force").FailedWith("DrbdStateWrong").Error.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Lab.Exec("g1", "gnt-instance", "activate-disks", "--wait-for-sync", "vm1");
        }
    }

    // In the other lab all nodes have the machine's clock.
    [Fact]
    [Trait("Pace", "long")]
    public async Task A_node_whose_clock_is_two_hours_ahead_holds_no_longer_and_tells_the_same()
    {
        var side = Side(0);
        _engine.Run("$null = Get-DrbdDevice -Instance vm1 -Problem").Succeeded();
        Lab.Exec("g2", "date", "-s", "+2 hours");
        try
        {
            using var engine = MirrorLab.Connected().Engine;
            using var shell = engine.Shell($"Reset-DrbdConnection -Node g2 -Minor {side.Minor} -Hold 90 -Confirm:$false");
            var running = shell.BeginInvoke();
            await MirrorLab.EventuallyAsync(() => _engine.Run("Get-DrbdConnectionReset").Of<DrbdConnectionReset>() is [{ IsStray: false }] && Side(0).IsWaitingForConnection);

            Assert.True(_engine.Run("Get-DrbdConnectionReset").Succeeded().One<DrbdConnectionReset>().Deadline < DateTimeOffset.Now.AddHours(1));
            var lease = _engine.Run("Get-GntHistory -UnderWay").Succeeded().One<GntHistoryEntry>();
            Assert.InRange(lease.LeaseEnds!.Value, DateTimeOffset.Now.AddHours(-1), DateTimeOffset.Now.AddHours(1));
            Assert.NotEmpty(_engine.Run($"Get-DrbdDevice -Node g2 -Minor {side.Minor} -Problem").Succeeded().Of<DrbdDevice>().SelectMany(sick => sick.Problems ?? []));

            await Task.Factory.FromAsync(running, shell.EndInvoke).WaitAsync(TimeSpan.FromMinutes(4), TestContext.Current.CancellationToken);
            Assert.Empty(shell.Streams.Error);
            AssertNothingIsLeft();
            await MirrorLab.EventuallyAsync(() => Side(0).IsConnected);
            Assert.Empty(_engine.Run("Get-DrbdConnectionReset").Succeeded().Output);
            Assert.Equal(GntHistoryEvent.Done, (await _connection.History.GetAsync("g2.lab.example", TestContext.Current.CancellationToken)).Last(entry => entry.Operator is not null && entry.Event is not GntHistoryEvent.Undone).Event);
            // Journals have the clock of their node, and say so.
            Assert.True((await _connection.History.GetAsync("g2.lab.example", TestContext.Current.CancellationToken))[^1].Time > DateTimeOffset.Now.AddHours(1));
            Assert.Empty(_engine.Run("Get-LvmVolume g2 -Orphan").Succeeded().Output);
        }
        finally
        {
            Lab.Exec("g2", "date", "-s", $"@{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}");
        }
    }

    // Whose disk a minor is takes Ganeti a job to say, which on an emulated machine takes its time.
    private DrbdDevice Side(int disk)
    {
        var known = Known.Value.Single(side => side.DiskIndex == disk);
        var now = _connection.Drbd.GetAsync(known.Node!, TestContext.Current.CancellationToken).GetAwaiter().GetResult().Single(side => side.Minor == known.Minor);
        now.Port ??= known.Port;
        return now;
    }

    private static string[] Sockets(int port) => Ss($"( sport = :{port} or dport = :{port} )");

    private static string[] OtherSockets(int port) => Ss($"( sport != :{port} and dport != :{port} and src 198.51.100.12 )");

    private static string[] Ss(string filter) => [.. Lab.Exec("g2", "sh", "-c", "ss -tnH state established \"$1\" | awk '{ print $3, $4 }'", "sh", filter).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    private static string Configuration(DrbdDevice side) => Lab.Exec("g2", "drbdsetup", "show", side.ResourceName!);

    private static void AssertNothingIsLeft() => Assert.All(MirrorLab.Nodes, node => Assert.Empty(Lab.Exec(node.Split('.')[0], "sh", "-c", Leftovers).Trim()));
}
