using System.Diagnostics;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Cluster;

/// <summary>
/// The table of what can go wrong with a cluster while it is worked with: a row a fault, a column an activity, in each how many objects come and
/// which errors. When the fault is over the same session works on without being connected again.
/// </summary>
[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class FaultTests : IDisposable
{
    private const string Drop = "iptables -A INPUT -s 192.0.2.1 -j DROP";
    private const string ResetAll = "iptables -A INPUT -s 192.0.2.1 -p tcp -j REJECT --reject-with tcp-reset";
    private const string Flush = "iptables -F INPUT";
    private const string Entry = """{"Id":"faults","Operator":"me","Cmdlet":"Test","Event":"Done","Message":"seen"}""";

    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(60);

    private readonly string _config = Path.GetTempFileName();
    private readonly string _hosts = File.ReadAllText("/etc/hosts");

    public FaultTests()
    {
        Lab.Require();
        // A silent server is given up after two such times.
        File.WriteAllText(_config, "Host *\n  ServerAliveInterval 1\n");
        OnAll("mkdir -p /var/lib/ganeti-powershell; printf '1795460000.0\\t%s\\n' \"$1\" >/var/lib/ganeti-powershell/history", Entry);
    }

    public void Dispose()
    {
        OnAll("rm -f /var/lib/ganeti-powershell/history");
        File.Delete(_config);
    }

    [Theory]
    //         the fault                       a read                      a job's wait   nodes asked in a batch      connecting
    [InlineData("sshd refuses",                "3",                        "1",           "3",                        "0 ConnectionRefused")]
    [InlineData("sshd was restarted",          "3",                        "1",           "3",                        "1")]
    [InlineData("silence",                     "0 ConnectionTimeout",      "1",           "0 ConnectionTimeout",      "0 ConnectionTimeout")]
    [InlineData("resets",                      "0 ConnectionRefused",      "1",           "0 ConnectionRefused",      "0 ConnectionRefused")]
    [InlineData("luxid is stopped",            "0 MasterDaemonNotRunning", "1",           "0 MasterDaemonNotRunning", "0 MasterDaemonNotRunning")]
    [InlineData("no socat",                    "0 SocatMissing",           "1",           "0 SocatMissing",           "0 SocatMissing")]
    [InlineData("a shell that greets",         "3",                        "1",           "3",                        "1")]
    [InlineData("no names on the master",      "3",                        "1",           "1 HostNotFound HostNotFound", "1")]
    [InlineData("a node's noded is down",      "3",                        "1",           "3",                        "1")]
    [InlineData("a node is offline",           "3",                        "1",           "3",                        "1")]
    [InlineData("a node's cable is out",       "3",                        "1",           "2 ConnectionTimeout",      "1")]
    public Task What_a_fault_does_is_told_and_nothing_else_is_harmed(string fault, string read, string wait, string batch, string connect) =>
        IsSeenAsync(fault, read, wait, batch, connect);

    [Theory]
    [Trait("Pace", "long")]
    [InlineData("nothing",                     "3",                        "1",           "3",                        "1")]
    [InlineData("another locale",              "3",                        "1",           "3",                        "1")]
    [InlineData("luxid was restarted",         "3",                        "1",           "3",                        "1")]
    [InlineData("no names on the client",      "3",                        "1",           "3",                        "0 HostNotFound")]
    [InlineData("the master's cable is out",   "0 ConnectionTimeout",      "1",           "0 ConnectionTimeout",      "0 ConnectionTimeout")]
    [InlineData("the master was rebooted",     "3",                        "goes on",     "3",                        "1")]
    [InlineData("the master failed over",      "3",                        "1 JobFailed", "3",                        "1")]
    [InlineData("a node is dead",              "3",                        "1",           "2 ConnectionTimeout",      "1")]
    [InlineData("a node was rebooted",         "3",                        "1",           "3",                        "1")]
    public Task What_a_fault_that_takes_its_time_does_is_told_and_nothing_else_is_harmed(string fault, string read, string wait, string batch, string connect) =>
        IsSeenAsync(fault, read, wait, batch, connect);

    [Fact]
    public void A_read_follows_a_failover_by_itself()
    {
        using var engine = Connected();
        Lab.Exec("h2", "gnt-cluster", "master-failover");
        try
        {
            // What the master's own file tells is read where the master is now.
            Assert.Contains(engine.Run("Get-DrbdDevice h3 -Verbose").Succeeded().Verbose, line => line.StartsWith("h2", StringComparison.Ordinal) && line.Contains("# configured", StringComparison.Ordinal));
            Assert.Equal("3", Seen(engine.Run("Get-GntNode -ConfigurationOnly")));
            Assert.Equal("h2.lab.example", engine.Run("Get-GntCluster").Succeeded().One<GntCluster>().Master);
            Assert.Equal("3", Seen(engine.Run("Get-GntHistory h1, h2, h3")));
        }
        finally
        {
            Lab.Exec("h1", "gnt-cluster", "master-failover");
        }

        Assert.Equal("3", Seen(engine.Run("Get-GntNode -ConfigurationOnly")));
    }

    [Fact]
    public void A_master_whose_disk_is_full_says_so_takes_no_job_and_takes_them_again()
    {
        const string Queue = "/var/lib/ganeti/queue";
        using var engine = Connected();
        On("h1", $"mkdir -p /run/full; mount -t tmpfs -o size=4m tmpfs /run/full; cp -a {Queue}/. /run/full/; mount --bind /run/full {Queue}; head -c 8m /dev/zero >{Queue}/fill 2>/dev/null; :");
        try
        {
            var error = engine.Run("Add-GntTag full -Instance vm1").FailedWith("LuxiRequestRefused").Error;
            Assert.Contains("No space left on device", error.Exception.Message, StringComparison.Ordinal);
            Assert.Equal("3", Seen(engine.Run("Get-GntNode -ConfigurationOnly")));
        }
        finally
        {
            On("h1", $"rm /run/full/fill; umount {Queue}; cp -a /run/full/. {Queue}/; umount /run/full");
        }

        engine.Run("Add-GntTag full -Instance vm1; Remove-GntTag full -Instance vm1 -Confirm:$false").Succeeded();
    }

    private async Task IsSeenAsync(string fault, string read, string wait, string batch, string connect)
    {
        using var engine = Connected();
        using var other = Connected();
        var job = Lab.Delay(4);
        using var waiting = engine.Shell($"Wait-GntJob {job}");
        var waited = waiting.BeginInvoke();
        await Task.Delay(500, TestContext.Current.CancellationToken);

        Strike(fault);
        try
        {
            Assert.Equal(read, Seen(other.Run("Get-GntNode -ConfigurationOnly")));
            Assert.Equal(batch, Seen(other.Run("Get-GntHistory h1, h2, h3")));
            using var fresh = new PowerShellEngine();
            Assert.Equal(connect, Seen(fresh.Run($"Connect-GntCluster h1 -Timeout 3 -ConfigFile '{_config}'")));
            await StopsAtOnceAsync(other, "Get-GntNode");
            await StopsAtOnceAsync(other, "Get-GntHistory h1, h2, h3");
            await StopsAtOnceAsync(other, $"Wait-GntJob {job}");
            await StopsAtOnceAsync(fresh, $"Connect-GntCluster h1 -Timeout 30 -ConfigFile '{_config}'");
        }
        finally
        {
            Heal(fault);
        }

        if (wait == "goes on")
        {
            // A job whose process died with the master stays "running" until Ganeti itself notices.
            Assert.False(waited.IsCompleted);
            waiting.Stop();
        }
        else
        {
            var jobs = await Task.Factory.FromAsync(waited, waiting.EndInvoke).WaitAsync(AtMost, TestContext.Current.CancellationToken);
            Assert.Equal(wait, Seen(Outcome.Of(waiting, jobs, null)));
            Assert.Equal(wait == "1", Assert.IsType<GntJob>(Assert.Single(jobs).BaseObject).Status == GntJobStatus.success);
        }

        Assert.Equal("3", Seen(other.Run("Get-GntNode -ConfigurationOnly")));
        Assert.Equal("3", Seen(other.Run("Get-GntHistory h1, h2, h3")));
    }

    private static void Strike(string fault)
    {
        switch (fault)
        {
            case "nothing":
                break;
            case "sshd refuses":
                Lab.Script("stop-daemon", "h1", "sshd");
                break;
            case "sshd was restarted":
                On("h1", "pkill -KILL sshd; rm -f /run/sshd.pid");
                Lab.Script("start-daemon", "h1", "sshd");
                break;
            case "silence":
                On("h1", Drop);
                break;
            case "resets":
                On("h1", ResetAll);
                break;
            case "the master's cable is out":
                Lab.Script("cut", "h1");
                break;
            case "the master was rebooted":
                Lab.Script("kill-node", "h1");
                Lab.Script("start-node", "h1");
                break;
            case "the master failed over":
                Lab.Exec("h2", "gnt-cluster", "master-failover");
                break;
            case "luxid is stopped":
                Lab.Script("stop-daemon", "h1", "ganeti-luxid");
                break;
            case "luxid was restarted":
                Lab.Script("stop-daemon", "h1", "ganeti-luxid");
                Lab.Script("start-daemon", "h1", "ganeti-luxid");
                break;
            case "no socat":
                On("h1", "mv /usr/bin/socat /usr/bin/socat.away");
                break;
            case "a shell that greets":
                OnAll("echo 'echo Welcome; echo {}' >/root/.bashrc");
                break;
            case "another locale":
                OnAll("echo 'export LC_ALL=de_DE.ISO-8859-1 LANG=de_DE.ISO-8859-1 TZ=Pacific/Auckland' >/root/.bashrc");
                break;
            case "no names on the master":
                On("h1", "cp /etc/hosts /etc/hosts.away; echo 127.0.0.1 localhost >/etc/hosts");
                break;
            case "no names on the client":
                File.WriteAllText("/etc/hosts", "127.0.0.1 localhost\n");
                break;
            case "a node's noded is down":
                Lab.Script("stop-daemon", "h3", "ganeti-noded");
                break;
            case "a node is offline":
                On("h1", "gnt-node modify --offline=yes h3");
                break;
            case "a node's cable is out":
                Lab.Script("cut", "h3");
                break;
            case "a node is dead":
                Lab.Script("kill-node", "h3");
                break;
            case "a node was rebooted":
                Lab.Script("kill-node", "h3");
                Lab.Script("start-node", "h3");
                break;
            default:
                Assert.Fail(fault);
                break;
        }
    }

    private void Heal(string fault)
    {
        switch (fault)
        {
            case "sshd refuses":
                Lab.Script("start-daemon", "h1", "sshd");
                break;
            case "silence" or "resets":
                On("h1", Flush);
                break;
            case "the master's cable is out":
                Lab.Script("heal", "h1");
                break;
            case "the master failed over":
                Lab.Exec("h1", "gnt-cluster", "master-failover");
                break;
            case "luxid is stopped":
                Lab.Script("start-daemon", "h1", "ganeti-luxid");
                break;
            case "no socat":
                On("h1", "mv /usr/bin/socat.away /usr/bin/socat");
                break;
            case "a shell that greets" or "another locale":
                OnAll("rm /root/.bashrc");
                break;
            case "no names on the master":
                On("h1", "cat /etc/hosts.away >/etc/hosts; rm /etc/hosts.away");
                break;
            case "no names on the client":
                File.WriteAllText("/etc/hosts", _hosts);
                break;
            case "a node's noded is down":
                Lab.Script("start-daemon", "h3", "ganeti-noded");
                break;
            case "a node is offline":
                On("h1", "gnt-node modify --force --offline=no h3");
                break;
            case "a node's cable is out":
                Lab.Script("heal", "h3");
                break;
            case "a node is dead":
                Lab.Script("start-node", "h3");
                break;
        }
    }

    private PowerShellEngine Connected()
    {
        var engine = new PowerShellEngine();
        engine.Run($"$null = Connect-GntCluster h1 -Timeout 3 -ConfigFile '{_config}'").Succeeded();
        return engine;
    }

    private static string Seen(Outcome outcome) =>
        string.Join(' ', [$"{outcome.Output.Count}", .. outcome.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0])]);

    /// <summary>The faster of two tries: the machine may be busy once.</summary>
    private static async Task StopsAtOnceAsync(PowerShellEngine engine, string script)
    {
        var fastest = TimeSpan.MaxValue;
        for (var tries = 0; tries < 2 && fastest > TimeSpan.FromSeconds(1); tries++)
        {
            using var shell = engine.Shell(script);
            var running = shell.BeginInvoke();
            await Task.WhenAny(Task.Run(() => running.AsyncWaitHandle.WaitOne()), Task.Delay(300, TestContext.Current.CancellationToken));
            var stopped = Stopwatch.StartNew();
            shell.Stop();
            fastest = stopped.Elapsed < fastest ? stopped.Elapsed : fastest;
        }

        Assert.True(fastest < TimeSpan.FromSeconds(1), $"{script}: {fastest}");
    }

    private static void On(string node, string script, params string[] arguments) => Lab.Exec(node, ["sh", "-c", script, "sh", .. arguments]);

    private static void OnAll(string script, params string[] arguments)
    {
        foreach (var node in new[] { "h1", "h2", "h3" })
        {
            On(node, script, arguments);
        }
    }
}
