using System.Management.Automation;
using Ganeti.Remote;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Cluster;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class ConnectTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public ConnectTests() => Lab.Require();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("h1")]
    [InlineData("root@h1.lab.example")]
    [InlineData("h2")]
    [InlineData("h3 -User root -Port 22 -Timeout 10")]
    public void Any_node_leads_to_the_master(string host)
    {
        using var engine = new PowerShellEngine();

        var connection = engine.Run($"Connect-GntCluster {host}").Succeeded().One<GntConnection>();

        Assert.Equal(("gnt.lab.example", "h1.lab.example", "root", true), (connection.Name, connection.Master, connection.User, connection.IsOpen));
        Assert.Equal(Lab.Exec("h1", "cat", "/var/lib/ganeti/ssconf_cluster_name").Trim(), connection.Name);
        Assert.StartsWith("3.0", connection.SoftwareVersion, StringComparison.Ordinal);
        Assert.Equal(connection.Uuid, engine.Run("Get-GntCluster").Succeeded().One<GntCluster>().Uuid);
    }

    [Fact]
    public void The_clusters_own_name_leads_to_the_master_once_its_key_is_accepted()
    {
        using var engine = new PowerShellEngine();

        engine.Run($"Connect-GntCluster gnt.lab.example -KnownHostsFile '{_file}'").FailedWith("HostKeyUnknown");
        var connection = engine.Run($"Connect-GntCluster gnt.lab.example -KnownHostsFile '{_file}' -AcceptNewHostKey").Succeeded().One<GntConnection>();

        Assert.Equal("h1.lab.example", connection.Master);
        // Hashed or not, as the configuration of this machine wants it.
        Assert.Contains("found: line 1", Ssh.RealSshd.RunTool("ssh-keygen", "-F", "gnt.lab.example", "-f", _file), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_host_key_is_refused_until_it_is_accepted_and_a_changed_one_always()
    {
        using var engine = new PowerShellEngine();

        var unknown = engine.Run($"Connect-GntCluster h1 -KnownHostsFile '{_file}'").FailedWith("HostKeyUnknown").Error;
        Assert.Equal(ErrorCategory.SecurityError, unknown.CategoryInfo.Category);
        Assert.Contains("AcceptNewHostKey", unknown.ErrorDetails.RecommendedAction, StringComparison.Ordinal);

        engine.Run($"Connect-GntCluster h1 -KnownHostsFile '{_file}' -AcceptNewHostKey").Succeeded();
        engine.Run("Disconnect-GntCluster").Succeeded();
        engine.Run($"Connect-GntCluster h1 -KnownHostsFile '{_file}'").Succeeded();
        engine.Run("Disconnect-GntCluster").Succeeded();

        // Another host's keys under this one's name.
        var h2 = File.ReadAllLines(Path.Combine(Environment.GetEnvironmentVariable("GANETI_LAB_HOME")!, ".ssh", "known_hosts")).Where(line => line.StartsWith("h2,", StringComparison.Ordinal));
        File.WriteAllLines(_file, h2.Select(line => "h1 " + line.Split(' ', 2)[1]));
        var changed = engine.Run($"Connect-GntCluster h1 -KnownHostsFile '{_file}' -AcceptNewHostKey").FailedWith("HostKeyChanged").Error;
        Assert.Contains(_file, changed.Exception.Message + changed.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("SHA256:", changed.Exception.Message + changed.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_only_the_cluster_knows_is_known_by_the_clusters_own_file()
    {
        using var engine = new PowerShellEngine();
        File.WriteAllLines(_file, KnownAs("h1", "h1"));
        var connection = engine.Run($"Connect-GntCluster h1 -KnownHostsFile '{_file}'").Succeeded().One<GntConnection>();

        var node = await connection.OpenNodeAsync("h2.lab.example", TestContext.Current.CancellationToken);

        Assert.Equal("h2.lab.example\n", (await node.RunAsync(new RemoteCommand("hostname", "-f"), TestContext.Current.CancellationToken)).OutputText);
        Assert.Equal(KnownAs("h1", "h1"), File.ReadAllLines(_file));

        engine.Run("Disconnect-GntCluster").Succeeded();
        File.AppendAllLines(_file, KnownAs("h3", "h2.lab.example"));
        connection = engine.Run($"Connect-GntCluster h1 -KnownHostsFile '{_file}'").Succeeded().One<GntConnection>();
        var error = await Assert.ThrowsAsync<Ganeti.Remote.RemoteException>(() => connection.OpenNodeAsync("h2.lab.example", TestContext.Current.CancellationToken));
        Assert.Equal("HostKeyChanged", error.Error.Id);
        engine.Run("Disconnect-GntCluster").Succeeded();
    }

    [Theory]
    [InlineData("Yes", null)]
    [InlineData("No", "HostKeyUnknown")]
    [InlineData(null, "HostKeyUnknown")]
    public void Who_can_be_asked_about_an_unknown_host_is_asked_with_its_fingerprint(string? answer, string? error)
    {
        var host = new RecordingHost { Answer = answer };
        using var engine = new PowerShellEngine(host);

        var outcome = engine.Run($"Connect-GntCluster h1 -KnownHostsFile '{_file}'");

        Assert.Contains("SHA256:", Assert.Single(host.Questions), StringComparison.Ordinal);
        if (error is not null)
        {
            outcome.FailedWith(error);
            return;
        }

        outcome.Succeeded();
        engine.Run($"Disconnect-GntCluster; $null = Connect-GntCluster h1 -KnownHostsFile '{_file}'").Succeeded();
        Assert.Single(host.Questions);
        engine.Run("Disconnect-GntCluster").Succeeded();
    }

    [Fact]
    public async Task A_name_of_ssh_config_leads_over_its_jump_hosts_and_the_nodes_are_reached_all_the_same()
    {
        await Lab.EventuallyAsync(() => Lab.Sessions() == 0, "no session is left of other tests");
        File.WriteAllText(_file, "Host ours\n HostName h1.lab.example\n ProxyJump h3,h2\nHost h? ours\n User root\n");
        using var engine = new PowerShellEngine();

        var connection = engine.Run($"Connect-GntCluster ours -ConfigFile '{_file}'").Succeeded().One<GntConnection>();

        var from = new RemoteCommand("sh", "-c", "echo $SSH_CONNECTION");
        var master = await connection.OpenNodeAsync("h1.lab.example", TestContext.Current.CancellationToken);
        var node = await connection.OpenNodeAsync("h3.lab.example", TestContext.Current.CancellationToken);
        Assert.StartsWith("192.0.2.12 ", (await master.RunAsync(from, TestContext.Current.CancellationToken)).OutputText, StringComparison.Ordinal);
        Assert.StartsWith("192.0.2.11 ", (await node.RunAsync(from, TestContext.Current.CancellationToken)).OutputText, StringComparison.Ordinal);
        Assert.Equal(3, engine.Run("Get-GntNode -ConfigurationOnly").Succeeded().Output.Count);

        engine.Run("Disconnect-GntCluster").Succeeded();
        await Lab.EventuallyAsync(() => Lab.Sessions() == 0, "the session has ended");
    }

    [Fact]
    public void A_jump_host_that_can_not_be_reached_is_named()
    {
        using var engine = new PowerShellEngine();

        var error = engine.Run("Connect-GntCluster h1 -JumpHost h3:1").FailedWith("ConnectionRefused").Error;

        Assert.Contains("h3 is a jump host on the way to h1", error.Exception.Message, StringComparison.Ordinal);
    }

    private static string[] KnownAs(string node, string name) =>
        [.. File.ReadAllLines(Path.Combine(Environment.GetEnvironmentVariable("GANETI_LAB_HOME")!, ".ssh", "known_hosts"))
            .Where(line => line.StartsWith($"{node},", StringComparison.Ordinal))
            .Select(line => $"{name} {line.Split(' ', 2)[1]}")];

    [Theory]
    [InlineData("nobody@h1", "AuthenticationFailed", ErrorCategory.AuthenticationError)]
    [InlineData("192.0.2.1", "ConnectionRefused", ErrorCategory.ConnectionError)]
    [InlineData("nosuch.invalid", "HostNotFound", ErrorCategory.ConnectionError)]
    public void Who_can_not_be_reached_or_does_not_let_in_is_named_with_the_next_step(string host, string id, ErrorCategory category)
    {
        using var engine = new PowerShellEngine();

        var error = engine.Run($"Connect-GntCluster {host}").FailedWith(id).Error;

        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Contains(host.Split('@')[^1], error.Exception.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.NotNull(error.TargetObject);
    }

    [Fact]
    public void A_master_without_socat_says_so()
    {
        using var engine = new PowerShellEngine();
        Lab.Exec("h1", "mv", "/usr/bin/socat", "/usr/bin/socat.away");
        try
        {
            Assert.Contains("socat", engine.Run("Connect-GntCluster h1").FailedWith("SocatMissing").Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }
        finally
        {
            Lab.Exec("h1", "mv", "/usr/bin/socat.away", "/usr/bin/socat");
        }

        engine.Run("Connect-GntCluster h1").Succeeded();
    }

    [Fact]
    public void A_master_daemon_that_does_not_run_is_an_error_with_the_next_step_and_one_that_was_restarted_is_not_noticed()
    {
        using var open = Lab.Connected();
        using var fresh = new PowerShellEngine();
        Lab.Script("stop-daemon", "h1", "ganeti-luxid");
        try
        {
            var error = fresh.Run("Connect-GntCluster h2").FailedWith("MasterDaemonNotRunning").Error;
            Assert.Contains("start", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);
            open.Run("Get-GntNode -ConfigurationOnly").FailedWith("MasterDaemonNotRunning");
        }
        finally
        {
            Lab.Script("start-daemon", "h1", "ganeti-luxid");
        }

        var outcome = open.Run("Get-GntNode -ConfigurationOnly").Succeeded();
        Assert.Equal(3, outcome.Output.Count);

        Lab.Script("stop-daemon", "h1", "ganeti-luxid");
        Lab.Script("start-daemon", "h1", "ganeti-luxid");
        outcome = open.Run("Get-GntNode -ConfigurationOnly").Succeeded();
        Assert.Equal((3, 0), (outcome.Output.Count, outcome.Warnings.Count));
    }

    [Fact]
    public async Task Runspaces_share_one_connection_and_the_last_one_that_ends_closes_it()
    {
        await Lab.EventuallyAsync(() => Lab.Sessions() == 0, "no session is left of other tests");
        var one = Lab.Connected();
        using var two = Lab.Connected();
        await Lab.EventuallyAsync(() => Lab.Sessions() == 1, "one session for two runspaces");
        Assert.Same(one.Run("Connect-GntCluster h1").One<GntConnection>(), two.Run("Connect-GntCluster h1").One<GntConnection>());

        one.Dispose();
        Assert.Equal(3, two.Run("Get-GntNode -ConfigurationOnly").Succeeded().Output.Count);

        two.Run("Remove-Module Ganeti").Succeeded();
        await Lab.EventuallyAsync(() => Lab.Sessions() == 0, "the session has ended");
    }

    [Fact]
    public async Task Disconnecting_ends_the_session_and_the_default()
    {
        await Lab.EventuallyAsync(() => Lab.Sessions() == 0, "no session is left of other tests");
        using var engine = Lab.Connected();
        Assert.Equal(1, Lab.Sessions());

        engine.Run("Disconnect-GntCluster").Succeeded();

        await Lab.EventuallyAsync(() => Lab.Sessions() == 0, "the session has ended");
        engine.Run("Get-GntInstance").FailedWith("NotConnected");
        engine.Run("Disconnect-GntCluster").FailedWith("NotConnected");
    }

    [Fact]
    public void A_new_runspace_inherits_the_only_connection_as_its_default()
    {
        using var one = Lab.Connected();
        using var two = new PowerShellEngine();

        Assert.Equal(3, two.Run("Get-GntNode -ConfigurationOnly").Succeeded().Output.Count);
    }

    [Theory]
    [InlineData("gnt.lab.example")]
    [InlineData("gnt")]
    [InlineData("h1")]
    [InlineData("(Get-GntCluster)")]
    [InlineData("(Connect-GntCluster h1)")]
    public void A_cluster_is_meant_by_its_name_its_master_an_object_or_a_connection(string cluster)
    {
        using var engine = Lab.Connected();

        Assert.Equal(3, engine.Run($"Get-GntNode -ConfigurationOnly -Cluster {cluster}").Succeeded().Output.Count);
    }

    [Fact]
    public void An_object_of_another_cluster_is_never_looked_up_here()
    {
        using var engine = Lab.Connected();
        engine.Set("alien", new GntInstance { Name = "vm1.lab.example", ClusterUuid = "elsewhere", ClusterName = "other" });

        engine.Run("$alien | Get-GntInstance").FailedWith("ClusterNotConnected");
        engine.Run("$alien | Get-GntNode -Cluster gnt").FailedWith("ClusterMismatch");
        engine.Run("$alien | Move-GntInstance -Cluster gnt").FailedWith("ClusterMismatch");
    }
}
