using System.Collections.Concurrent;
using System.Globalization;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Cluster;

/// <summary>Sessions at work while one fault after the other comes and goes: GANETI_SOAK says how many minutes, one in tests/soak.sh's rounds.</summary>
[Trait("Kind", "cluster")]
[Trait("Pace", "long")]
[Collection(nameof(Lab))]
public sealed class SoakTests
{
    private static readonly (string What, string[] Begin, string[] End)[] Faults =
    [
        ("the master's cable", ["cut", "h1"], ["heal", "h1"]),
        ("a node's cable", ["cut", "h3"], ["heal", "h3"]),
        ("silence", ["exec", "h1", "iptables", "-A", "INPUT", "-s", "192.0.2.1", "-j", "DROP"], ["exec", "h1", "iptables", "-F", "INPUT"]),
        ("resets", ["exec", "h1", "iptables", "-A", "INPUT", "-s", "192.0.2.1", "-p", "tcp", "-j", "REJECT", "--reject-with", "tcp-reset"], ["exec", "h1", "iptables", "-F", "INPUT"]),
        ("sshd", ["exec", "h1", "sh", "-c", "pkill sshd; sleep 0.3"], ["start-daemon", "h1", "sshd"]),
        ("a node's sshd", ["exec", "h2", "sh", "-c", "pkill sshd; sleep 0.3"], ["start-daemon", "h2", "sshd"]),
        ("luxid", ["stop-daemon", "h1", "ganeti-luxid"], ["start-daemon", "h1", "ganeti-luxid"]),
        ("sessions", ["exec", "h1", "sh", "-c", "pkill -f '^sshd: root' || pkill -f '^sshd-session: root' || :"], ["exec", "h1", "true"]),
    ];

    private readonly ConcurrentDictionary<string, int> _seen = new();

    public SoakTests() => Lab.Require();

    [Fact]
    public async Task Sessions_that_live_through_faults_neither_grow_nor_stop()
    {
        var config = Path.GetTempFileName();
        File.WriteAllText(config, "Host *\n  ServerAliveInterval 1\n");
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var time = TimeSpan.FromMinutes(Soak.Times(1));
        Say($"{time.TotalMinutes:0} minutes, seed {seed}");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        end.CancelAfter(time);

        Task[] work =
        [
            Task.Run(() => Repeat(config, end.Token, "Get-GntInstance", "Get-GntNode -ConfigurationOnly", "Get-GntJob"), CancellationToken.None),
            Task.Run(() => Repeat(config, end.Token, "Get-GntHistory h1, h2, h3", "Get-GntHistory -UnderWay", "Get-GntExport"), CancellationToken.None),
            Task.Run(() => Repeat(config, end.Token, "Add-GntTag soak -Instance vm1", "Remove-GntTag soak -Instance vm1 -Confirm:$false"), CancellationToken.None),
            Task.Run(() => Repeat(config, end.Token, "Disconnect-GntCluster; $null = Connect-GntCluster h1 -Timeout 3 -ConfigFile $config; Get-GntCluster"), CancellationToken.None),
        ];
        var samples = new List<Sample>();
        for (var rounds = 0; !end.IsCancellationRequested; rounds++)
        {
            var (what, begin, over) = Faults[random.Next(Faults.Length)];
            _seen.AddOrUpdate($"fault: {what}", 1, (_, count) => count + 1);
            Lab.Script(begin);
            await Task.Delay(random.Next(200, 4000), CancellationToken.None);
            Lab.Script(over);
            await Task.Delay(random.Next(500, 4000), CancellationToken.None);
            if (rounds % 4 == 3)
            {
                samples.Add(Sample.Take());
                Say($"{samples[^1]}");
            }
        }

        await Task.WhenAll(work).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        File.Delete(config);
        foreach (var (what, count) in _seen.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Say($"{count,6} {what}");
        }

        using var engine = Lab.Connected();
        engine.Run("$null = Remove-GntTag soak -Instance vm1 -Confirm:$false");
        Assert.Equal(3, engine.Run("Get-GntNode").Succeeded().Output.Count);
        // The first of three parts is for what is made once.
        var part = samples.Count / 3;
        if (part >= 2)
        {
            AssertFlat(samples[part..(2 * part)], samples[^part..]);
        }
    }

    /// <summary>Runs scripts in a session of its own until the end; whatever fails must fail as the table of faults has it.</summary>
    private void Repeat(string config, CancellationToken end, params string[] scripts)
    {
        string[] expected =
        [
            "ConnectionLost", "ConnectionTimeout", "ConnectionRefused", "HostUnreachable", "MasterDaemonNotRunning", "MasterNotReached", "NotAnSshServer", "SubmissionUnknown", "NotConnected",
            "JobFailed", "EnvironmentFaulty", "TagNotFound",
        ];
        using var engine = new PowerShellEngine();
        engine.Set("config", config);
        engine.Run("$null = Connect-GntCluster h1 -Timeout 3 -ConfigFile $config");
        while (!end.IsCancellationRequested)
        {
            foreach (var script in scripts)
            {
                var outcome = engine.Run(script);
                _seen.AddOrUpdate(outcome.Errors.Count == 0 ? $"well: {script}" : $"failed: {script}", 1, (_, count) => count + 1);
                foreach (var error in outcome.Errors)
                {
                    var id = error.FullyQualifiedErrorId.Split(',')[0];
                    _seen.AddOrUpdate($"error: {id}", 1, (_, count) => count + 1);
                    Assert.True(expected.Contains(id), $"{script}: {id}: {error}");
                    if (id == "NotConnected")
                    {
                        engine.Run("$null = Connect-GntCluster h1 -Timeout 3 -ConfigFile $config");
                    }
                }
            }
        }
    }

    private static void AssertFlat(IReadOnlyList<Sample> early, IReadOnlyList<Sample> late)
    {
        Assert.True(Median(late, s => s.Managed) < (Median(early, s => s.Managed) * 1.15) + (8 << 20), "managed memory grows");
        Assert.True(Median(late, s => s.Resident) < (Median(early, s => s.Resident) * 1.15) + (32 << 20), "resident memory grows");
        Assert.True(Median(late, s => s.Handles) < Median(early, s => s.Handles) + 16, "handles pile up");
        Assert.True(Median(late, s => s.Threads) < Median(early, s => s.Threads) + 16, "threads pile up");
    }

    private static double Median(IReadOnlyList<Sample> samples, Func<Sample, double> value) => samples.Select(value).Order().ElementAt(samples.Count / 2);

    private static void Say(FormattableString text) => TestContext.Current.TestOutputHelper!.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private sealed record Sample(long Managed, long Resident, int Handles, int Threads)
    {
        public static Sample Take()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            return new Sample(
                GC.GetTotalMemory(forceFullCollection: true),
                Environment.WorkingSet,
                Directory.GetFiles("/proc/self/fd").Length,
                Directory.GetDirectories("/proc/self/task").Length);
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"managed {Managed >> 20} MiB, resident {Resident >> 20} MiB, {Handles} handles, {Threads} threads");
    }
}
