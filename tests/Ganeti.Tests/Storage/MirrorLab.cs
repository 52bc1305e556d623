using System.Diagnostics;
using Ganeti.Remote;
using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

/// <summary>A real Ganeti with DRBD on two virtual machines, brought up by tests/lab/drbd.sh; these tests run in its client's network, one after the other.</summary>
[CollectionDefinition(nameof(MirrorLab), DisableParallelization = true)]
public sealed class MirrorLab
{
    /// <summary>
    /// Loses the packets of a mirror's data socket, as a firewall does that has forgotten it. Of its two sockets it is the one that has sent more, once more was written than
    /// an idle mirror's pings come to in hours.
    /// </summary>
    internal const string LoseDataSocket = """
        lose_data_socket() { # PORT MARK
          mark=$2
          set -- $(ss -tniOH state established "( sport = :$1 or dport = :$1 )" | awk '{b=0; for(i=1;i<=NF;i++) if ($i ~ /^bytes_sent:/) {split($i,x,":"); b=x[2]} if (b>=m) {m=b; l=$3; r=$4}} END {sub(/.*:/,"",l); sub(/.*:/,"",r); print l, r}')
          iptables -I OUTPUT -p tcp --sport "$1" --dport "$2" -m comment --comment "$mark" -j DROP
          iptables -I INPUT -p tcp --sport "$2" --dport "$1" -m comment --comment "$mark" -j DROP
        }

        """;

    public static readonly string[] Nodes = ["g1.lab.example", "g2.lab.example"];

    /// <summary>Without this kind of lab the test is skipped, but fails where there must be one.</summary>
    public static void Require()
    {
        if (Environment.GetEnvironmentVariable("GANETI_LAB_MASTER") != "g1")
        {
            const string Why = "no lab with DRBD: run in the client of one, 'tests/lab/drbd.sh client …'";
            Assert.SkipWhen(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")), Why);
            Assert.Fail(Why);
        }
    }

    /// <summary>An engine that is connected to the lab's cluster, and its connection.</summary>
    internal static (PowerShellEngine Engine, GntConnection Connection) Connected()
    {
        var engine = new PowerShellEngine();
        return (engine, engine.Run("Connect-GntCluster g1").Succeeded().One<GntConnection>());
    }

    /// <summary>Waits until something is so, which on emulated machines may take minutes.</summary>
    internal static async Task EventuallyAsync(Func<bool> isSo, TimeSpan? within = null)
    {
        for (var since = Stopwatch.GetTimestamp(); !isSo();)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < (within ?? TimeSpan.FromMinutes(5)), "it has not come about");
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>What a command prints on a node that is reached as the module reaches it.</summary>
    internal static async Task<string> RunAsync(GntConnection connection, string node, params string[] argv)
    {
        var host = await connection.OpenNodeAsync(node, TestContext.Current.CancellationToken);
        var result = await GntConnection.RunAsync(host, new RemoteCommand(argv[0], argv[1..]), TestContext.Current.CancellationToken);
        Assert.True(result.ExitStatus == 0, $"{string.Join(' ', argv)} on {node}: {result.ErrorText}");
        return result.OutputText;
    }

    /// <summary>Ganeti's own list of a node's minors, a row a minor, a value a field: node, minor, guest, disk, role, peer.</summary>
    internal static string[][] Minors(string node) =>
        [.. Lab.Exec("g1", "gnt-node", "list-drbd", "--no-headers", "--separator=|", node).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('|'))];
}
