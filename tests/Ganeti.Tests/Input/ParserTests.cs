using System.Diagnostics;
using System.Text;
using Ganeti.Luxi;
using Ganeti.Remote;
using Ganeti.Ssh;
using Ganeti.Tests.Drbd;
using Ganeti.Tests.Engine;
using Ganeti.Tests.Luxi;

namespace Ganeti.Tests.Input;

/// <summary>
/// The table of everything that reads what others have written: recorded output, mutated, is read or refused by the error that is meant for it,
/// soon, and in memory in proportion to it. A few times in every run; GANETI_SOAK=100 makes it a million in all.
/// </summary>
[Trait("Kind", "unit")]
public sealed class ParserTests
{
    private const int InEveryRun = 300;
    private const long MemoryForAny = 2 << 20;
    private const long MemoryPerCharacter = 4096;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    private static readonly Dictionary<string, (string[] Originals, Action<string> Read)> Parsers = new()
    {
        ["/proc/drbd"] = (Fixtures("proc_drbd-"), text => ProcDrbd.Parse(text)),
        ["drbdsetup show"] = (Fixtures("drbdsetup-9.22-show"), text => DrbdsetupShow.Parse(text)),
        ["drbdsetup status"] = (Fixtures("drbdsetup-9.22-status"), text => DrbdsetupStatus.Parse(text)),
        ["drbdsetup status --json"] = (["""[{"name":"resource0","role":"Primary","devices":[{"volume":0,"minor":0,"disk-state":"UpToDate","size":1024}],"connections":[{"peer-node-id":0,"name":"x","connection-state":"Connected"}]}]"""], text => DrbdsetupStatus.TryParseJson(text, out _)),
        ["drbdsetup events2"] = (Fixtures("drbdsetup-9.22-events2"), text => DrbdsetupEvents2.Parse(text)),
        ["drbdsetup show-gi"] = (Fixtures("drbdsetup-9.22-show-gi"), text => DrbdGeneration.Parse(text)),
        ["kernel log"] = (Fixtures("dmesg-"), text => DrbdKernelLog.Parse(text, DateTimeOffset.UnixEpoch)),
        ["kernel log, journal"] = (Fixtures("journalctl-"), text => DrbdKernelLog.Parse(text)),
        ["a verify's ranges"] = (Fixtures("dmesg-6.1-drbd8.4.11-verify"), text => DrbdVerify.Merged(DrbdVerify.Ranges(text))),
        ["a node's mirrors"] = (Fixtures("drbd-8.4.11-scenes"), text => DrbdNode.Read("g1", text)),
        ["a device's holder"] = (["/dev/drbd0\tprocess\t17\tqemu\n", "/dev/drbd1\tmount\t\t/mnt\n"], text => DrbdHolder.Parse(text)),
        ["holders"] = (Fixtures("holders-"), text => HolderLines.Read("g1", "/dev/drbd0", null, text)),
        ["a guest's monitor"] = (["Migration status: active\ntransferred ram: 600 kbytes\nremaining ram: 17 kbytes\ntotal ram: 65536 kbytes\nVM status: running\n"], text => GuestWhereabouts.Parse("g1", text)),
        ["exports"] = (Fixtures("export-listing-"), text => ExportListing.Fill([new GntExport { Name = "vm1.lab.example", Node = "h1" }], text)),
        ["an export's description"] = (Fixtures("export-listing-"), text => ExportDescription.Parse(text.Split('\n')).Fill(new GntExport())),
        ["an export's first bytes"] = (Fixtures("export-listing-"), text => Payload.Detect(Encoding.Latin1.GetBytes(text), Encoding.Latin1.GetBytes(text))),
        ["a journal's entry"] = (["""{"Id":"x","Operator":"me@pc","Cmdlet":"Reset-DrbdConnection","Event":"Undone","Message":"m","InstanceName":null}"""], text => _ = GntHistoryEntry.Parse(text)?.ToString()),
        ["what a node is"] = (["socat=yes\nsocket=yes\nmaster_node=h1.lab.example\ncluster_name=gnt\nnodes=h1 h2\nknown_host=gnt ssh-rsa AAAA\nhost=h1.lab.example\n"], text => _ = ClusterConnector.NodeFacts.Parse(text).HostKeys("h1")),
        ["known_hosts"] = (Fixtures("known_hosts-"), text => _ = KnownHosts.Of("file", text).For("h1.lab.example").ToList()),
        ["public keys"] = (Fixtures("known_hosts-"), text => _ = PublicKey.ReadAll(text).ToList()),
        ["ssh -G"] = (["user root\nhostname h1\nport 22\nidentityfile ~/.ssh/id_rsa\nuserknownhostsfile /a b /c\nciphers aes128-ctr,aes256-ctr\nproxyjump none\n"], text => _ = new OpenSshConfig(text) is var config && config.Files("userknownhostsfile").Count + config.All("identityfile").Count + (config.List("ciphers")?.Count ?? 0) > 0),
        ["a destination"] = (["root@h1", "ssh://root%40x@[2001:db8::1]:2222/", "h1.lab.example"], text => { RemoteDestination.Parse(text); RemoteDestination.ParseJump(text); }),
        ["a name with wildcards"] = (["vm*", "vm[1-3]?", "`*"], text => _ = new NamePattern(text)),
        ["JSON"] = (Fixtures("luxi-query-"), text => LuxiJson.TryParse(text, out _)),
        ["JSON with secrets"] = (["""{"osparams_secret": {"x": "}", "y": ["s"]}, "a": [1, {"password": "p\""}]}"""], text => Secrets.Masked(text)),
        ["a refusal"] = (["""["OpPrereqError", ["Instance name vm999 not found", "unknown_entity"]]"""], text => LuxiException.Decode(LuxiJson.TryParse(text, out var value) ? value : text, GanetiError.LuxiRequestRefused)),
        ["configured disks"] = (Fixtures("configured-"), text => _ = ConfiguredDisk.Read(text) is { } disks && DrbdMirror.Of(disks).Count + LvmOwner.Of(disks).Count > 0),
        ["an answer about definitions"] = (Replies("luxi-job-os-diagnose"), text => _ = (Parsed(text) as object?[] ?? []).OfType<object?[]>().Select(row => GntOperatingSystems.Of(row, new Dictionary<string, string>(), new GntCluster())).ToList()),
        ["a job's answer"] = (Replies("luxi-job-"), text => _ = Parsed(text) is object?[] lines ? string.Join('\n', lines.Select(LuxiSetters.ToText)) : string.Empty),
    };

    public static IEnumerable<TheoryDataRow<string>> Names => Parsers.Keys.Select(name => new TheoryDataRow<string>(name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Whatever_is_read_is_read_or_refused_soon_and_in_proportion(string name)
    {
        var (originals, read) = Parsers[name];
        Assert.NotEmpty(originals);
        // What is made once is not the input's.
        Array.ForEach(originals, original => Try(read, original));

        // The fastest of three tries: on a busy machine one may wait for its turn.
        Mutations.Of(originals).Sample(text => IsModest(read, text) || IsModest(read, text) || IsModest(read, text), InEveryRun);
    }

    [Theory]
    [InlineData("luxi-query-instance.json")]
    [InlineData("luxi-query-node.json")]
    [InlineData("luxi-query-group.json")]
    [InlineData("luxi-query-network.json")]
    [InlineData("luxi-query-job.json")]
    [InlineData("luxi-query-lock.json")]
    [InlineData("luxi-cluster-info.json")]
    public void Whatever_a_master_answers_is_objects_or_an_error_that_says_so(string fixture) =>
        Mutations.Of(LuxiJson.ToText(LuxiFixture.Reply(fixture))).Sample(text =>
        {
            var reply = Encoding.UTF8.GetBytes(text.Replace("\u0003", string.Empty, StringComparison.Ordinal) + "\u0003");
            var connection = new ReplayedMaster(_ => reply).Connection();
            // On a busy machine a thread may wait for its turn longer than any parser takes.
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            Func<Task> read = fixture switch
            {
                "luxi-query-instance.json" => () => connection.Instances.GetAsync(null, configurationOnly: true, limit.Token),
                "luxi-query-node.json" => () => connection.Nodes.Table.ReadAsync(null, configurationOnly: true, [], limit.Token),
                "luxi-query-group.json" => () => connection.Groups.Table.ReadAsync(null, configurationOnly: true, [], limit.Token),
                "luxi-query-network.json" => () => connection.Networks.GetAsync(null, limit.Token),
                "luxi-query-job.json" => () => connection.Jobs.GetAsync(null, limit.Token),
                "luxi-query-lock.json" => () => connection.Locks.GetAsync(null, limit.Token),
                _ => () => connection.GetClusterAsync(limit.Token),
            };
            Try(_ => read().GetAwaiter().GetResult(), text);
            return true;
        }, InEveryRun);

    private static bool IsModest(Action<string> read, string text)
    {
        var (started, before) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        Try(read, text);
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;
        return Stopwatch.GetElapsedTime(started) < Soon && taken < MemoryForAny + (MemoryPerCharacter * text.Length);
    }

    private static void Try(Action<string> read, string text)
    {
        try
        {
            read(text);
        }
        catch (GanetiException exception)
        {
            Assert.NotEqual(GanetiError.Unexpected, exception.Error);
        }
    }

    private static object? Parsed(string text) => LuxiJson.TryParse(text, out var value) ? value : null;

    private static string[] Fixtures(string prefix) =>
        [.. Directory.GetFiles(Repository.At("tests", "fixtures"), prefix + "*").Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    /// <summary>What the jobs of a recording answered.</summary>
    private static string[] Replies(string prefix) =>
    [
        .. Directory.GetFiles(Repository.At("tests", "fixtures"), prefix + "*").Order(StringComparer.Ordinal)
            .Select(file => LuxiFixture.Read(Path.GetFileName(file)))
            .SelectMany(recorded => recorded.Values.Append(recorded))
            .Where(value => value is GntParameters or object?[])
            .Select(LuxiJson.ToText),
    ];
}
