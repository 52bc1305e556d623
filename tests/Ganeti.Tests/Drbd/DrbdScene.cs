using System.Globalization;

namespace Ganeti.Tests.Drbd;

/// <summary>A scene of the recordings: two hosts of a small cluster, as Ganeti would have configured them, with what they said.</summary>
internal sealed class DrbdScene
{
    private static readonly Lazy<Dictionary<string, DrbdScene>> Scenes = new(ReadAll);

    private readonly Dictionary<(string Host, string File), string> _files = [];

    public static IReadOnlyCollection<string> Names => Scenes.Value.Keys;

    /// <summary>The mirrors of the recordings' README; minors differ between the hosts.</summary>
    public static DrbdMirror[] Mirrors =>
    [
        Mirror("vm1", 0, ("h1", 0), ("h2", 0), 11000),
        Mirror("vm1", 1, ("h1", 1), ("h2", 1), 11001),
        Mirror("vm2", 0, ("h2", 4), ("h1", 2), 11002),
        Mirror("vm5", 0, ("h1", 12), ("h2", 123), 11003),
    ];

    public static GntNode[] Nodes =>
    [
        new() { Name = "h1", PrimaryIPAddress = "192.0.2.1", SecondaryIPAddress = "192.168.77.1", VMCapable = true, Offline = false },
        new() { Name = "h2", PrimaryIPAddress = "192.0.2.2", SecondaryIPAddress = "192.168.77.2", VMCapable = true, Offline = false },
    ];

    public static DrbdScene Named(string name) => Scenes.Value[name];

    public static Dictionary<string, GntInstance> Guests(bool disksActive = true, GntAdminState state = GntAdminState.up) => Mirrors.Select(mirror => mirror.InstanceName).Distinct()
        .ToDictionary(name => name, name => new GntInstance { Name = name, AdminState = state, DisksActive = disksActive }, StringComparer.Ordinal);

    /// <summary>
    /// What the scene is to a diagnosis: the states twice, but of what moves <c>drbdsetup events2</c> first, which was taken seconds later than /proc/drbd; or two numbered samples.
    /// </summary>
    public DrbdSituation Situation(string? first = null, string? second = null) => new()
    {
        // The first three guests were there from the beginning, the fourth came later.
        Mirrors = [.. Mirrors.Where(mirror => mirror.InstanceName != "vm5" || Proc("h1", null).Devices.Any(device => device.Minor == 12))],
        Nodes = Nodes,
        Guests = Guests(),
        First = [.. Hosts.Select(host => Node(host, host == "h1" ? first : null, isFirst: true))],
        Second = [.. Hosts.Select(host => Node(host, host == "h1" ? second : null, isFirst: false))],
    };

    public DrbdNode Node(string host, string? sample, bool isFirst)
    {
        var generations = _files.Where(file => file.Key.Host == host && file.Key.File.StartsWith("drbdsetup-get-gi-", StringComparison.Ordinal))
            .Select(file => $"{file.Key.File["drbdsetup-get-gi-".Length..^".txt".Length]} {file.Value}");
        var node = DrbdNode.Read(host, string.Join('\u001d', Text(host, sample is null ? "proc_drbd.txt" : $"sample-{sample}.proc_drbd.txt"), Text(host, "drbdsetup-show.txt"), string.Empty, string.Concat(generations), $"1.0\n{Text(host, "dmesg-since.txt")}", string.Empty));
        if (isFirst && sample is null && _files.TryGetValue((host, "drbdsetup-events2.txt"), out var events))
        {
            var moved = DrbdsetupEvents2.Parse(events).Devices.ToDictionary(device => device.Minor ?? -1);
            foreach (var device in node.Devices.Where(device => device.IsInResync))
            {
                var earlier = moved[device.Minor!.Value];
                (device.OutOfSync, device.ResyncLeft, device.NetworkReceived, device.NetworkSent) = (earlier.OutOfSync, earlier.ResyncLeft, earlier.NetworkReceived, earlier.NetworkSent);
            }
        }

        return node;
    }

    // One was not recorded in a scene of LVM's.
    private IEnumerable<string> Hosts => _files.Keys.Select(file => file.Host).Distinct();

    private ProcDrbd Proc(string host, string? sample) => ProcDrbd.Parse(Text(host, sample is null ? "proc_drbd.txt" : $"sample-{sample}.proc_drbd.txt"));

    private string Text(string host, string file) => _files.GetValueOrDefault((host, file)) ?? string.Empty;

    private static DrbdMirror Mirror(string guest, int index, (string Node, int Minor) primary, (string Node, int Minor) secondary, int port) =>
        new() { InstanceName = guest, DiskIndex = index, Primary = primary, Secondary = secondary, Port = port };

    private static Dictionary<string, DrbdScene> ReadAll()
    {
        var scenes = new Dictionary<string, DrbdScene>(StringComparer.Ordinal);
        foreach (var part in DrbdFixture.Read("drbd-8.4.11-scenes.txt").Split("=== ", StringSplitOptions.RemoveEmptyEntries))
        {
            var (head, body) = part.Split('\n', 2) is [var first, var rest] ? (first.Split(' '), rest) : throw new InvalidDataException(part);
            if (!scenes.TryGetValue(head[0], out var scene))
            {
                scenes.Add(head[0], scene = new DrbdScene());
            }

            // Where a host said the same as before.
            if (body.StartsWith("(as in ", StringComparison.Ordinal))
            {
                body = scenes[body["(as in ".Length..body.IndexOf(')', StringComparison.Ordinal)]]._files[(head[1], head[2])];
            }

            scene._files[(head[1], head[2])] = body;
        }

        return scenes;
    }

    public static string Told(IEnumerable<GntMirror> mirrors) => string.Join(", ", mirrors.SelectMany(mirror => mirror.Sides!).SelectMany(side => side.Problems!)
        .Select(problem => string.Create(CultureInfo.InvariantCulture, $"{problem.Node}/{problem.Minor} {problem.Kind}")).Order(StringComparer.Ordinal));
}
