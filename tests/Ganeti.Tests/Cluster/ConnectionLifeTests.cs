using Ganeti.Remote;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Cluster;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class ConnectionLifeTests : IDisposable
{
    private const string Config = "/etc/ssh/sshd_config";

    private readonly string _file = Path.GetTempFileName();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ConnectionLifeTests() => Lab.Require();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task A_nodes_connection_that_nobody_uses_is_closed_and_the_next_use_opens_it_unnoticed()
    {
        await Lab.EventuallyAsync(() => LoginsOn("h2") == 0, "no session is left of other tests");
        using var engine = new PowerShellEngine();
        var connection = engine.Run("Connect-GntCluster h1").Succeeded().One<GntConnection>();
        Assert.Equal(TimeSpan.FromMinutes(10), connection.NodeIdleTime);
        connection.NodeIdleTime = TimeSpan.FromSeconds(1);

        engine.Run("Get-GntHistory -Node h2").Succeeded();
        Assert.Equal(1, LoginsOn("h2"));
        var node = await connection.OpenNodeAsync("h2.lab.example", Token);
        Assert.Equal(0, (await node.RunAsync(new RemoteCommand("sleep", "2.5"), Token)).ExitStatus);

        await Lab.EventuallyAsync(() => LoginsOn("h2") == 0, "the node's session is closed");
        Assert.Equal(1, Lab.Sessions());

        var again = engine.Run("Get-GntHistory -Node h2").Succeeded();
        Assert.Empty(again.Warnings);
        Assert.Equal(1, LoginsOn("h2"));
        Assert.Same(node, await connection.OpenNodeAsync("h2.lab.example", Token));
    }

    [Fact]
    public void Nodes_are_reached_directly_where_the_master_lets_nothing_pass_and_that_is_said_once()
    {
        using var forwarding = new NoForwarding("h1");
        using var engine = Lab.Connected();

        var first = engine.Run("Get-GntHistory").Succeeded();
        var second = engine.Run("Get-GntHistory; Get-GntHistory -Node h3").Succeeded();

        Assert.Contains("'AllowTcpForwarding'", Assert.Single(first.Warnings), StringComparison.Ordinal);
        Assert.Empty(second.Warnings);
        Assert.Equal("192.0.2.1", From("h2"));

        static string From(string node) => Lab.Exec(node, "sh", "-c", "ss -Htn state established '( sport = :22 )'").Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).First(fields => fields.Length > 3)[3].Split(':')[0];
    }

    [Fact]
    public void A_node_whose_name_only_the_cluster_knows_is_reached_by_its_address_and_known_by_its_name()
    {
        using var forwarding = new NoForwarding("h1");
        File.WriteAllText(_file, "Host h2.lab.example\n HostName nosuch.invalid\n HostKeyAlias h2\n");
        using var engine = new PowerShellEngine();
        engine.Run($"Connect-GntCluster root@h1 -ConfigFile '{_file}'").Succeeded();

        Assert.Single(engine.Run("Get-GntHistory -Node h2").Succeeded().Warnings);
    }

    [Fact]
    public void Where_there_is_no_other_way_either_the_setting_that_is_in_the_way_is_named()
    {
        using var forwarding = new NoForwarding("h1");
        using var engine = Lab.Connected();
        Lab.Script("stop-daemon", "h2", "sshd");
        try
        {
            var outcome = engine.Run("Get-GntHistory").FailedWith("ForwardingRefused");

            Assert.Contains("AllowTcpForwarding", outcome.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            Assert.Contains("Without it h2.lab.example can't be reached: ", outcome.Error.Exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            Lab.Script("start-daemon", "h2", "sshd");
        }

        engine.Run("Get-GntHistory").Succeeded();
    }

    [Fact]
    public void A_node_that_forwards_nothing_leads_to_no_master_that_can_not_be_reached_directly()
    {
        using var forwarding = new NoForwarding("h2");
        File.WriteAllText(_file, "Host h1.lab.example\n HostName nosuch.invalid\n");
        using var engine = new PowerShellEngine();

        var error = engine.Run($"Connect-GntCluster root@h2 -ConfigFile '{_file}'").FailedWith("MasterNotReached").Error;

        Assert.Contains("AllowTcpForwarding", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_host_key_on_the_direct_way_is_refused_as_such()
    {
        using var forwarding = new NoForwarding("h1");
        var known = File.ReadAllLines(Path.Combine(Environment.GetEnvironmentVariable("GANETI_LAB_HOME")!, ".ssh", "known_hosts"));
        File.WriteAllLines(_file, [
            .. known.Where(line => line.StartsWith("h1,", StringComparison.Ordinal)),
            .. known.Where(line => line.StartsWith("h3,", StringComparison.Ordinal)).Select(line => $"h2.lab.example {line.Split(' ', 2)[1]}")]);
        using var engine = new PowerShellEngine();
        engine.Run($"Connect-GntCluster h1 -KnownHostsFile '{_file}'").Succeeded();

        engine.Run("Get-GntHistory -Node h2").FailedWith("HostKeyChanged");
    }

    private static int LoginsOn(string node) =>
        Lab.Exec(node, "ss", "-Htn", "state", "established", "( sport = :22 )").Split('\n').Count(line => line.Contains("192.0.2.11", StringComparison.Ordinal));

    /// <summary>A node whose sshd forwards nothing, until disposed.</summary>
    private sealed class NoForwarding : IDisposable
    {
        private readonly string _node;

        public NoForwarding(string node)
        {
            _node = node;
            Restart("cp -p \"$1\" \"$1.kept\"; echo 'AllowTcpForwarding no' >>\"$1\"");
        }

        public void Dispose() => Restart("mv \"$1.kept\" \"$1\"");

        private void Restart(string change)
        {
            Lab.Script("stop-daemon", _node, "sshd");
            Lab.Exec(_node, "sh", "-c", change, "sh", Config);
            Lab.Script("start-daemon", _node, "sshd");
        }
    }
}
