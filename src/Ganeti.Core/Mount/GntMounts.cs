using System.Globalization;
using Ganeti.Luxi;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>What is mounted of guests' disks on a cluster's nodes.</summary>
public sealed class GntMounts
{
    internal static readonly NodeScript Script = new("Mount", "mount");

    private const char Separator = '\u001d';

    private readonly GntConnection _connection;

    internal GntMounts(GntConnection connection) => _connection = connection;

    /// <summary>Reads the mounts of a node, in one remote call, and volumes that are left of them. Whether a client is still at work is not known here: see <see cref="GetAsync"/>.</summary>
    /// <param name="node">The node's full name.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The node was not reached.</exception>
    public async Task<IReadOnlyList<GntMount>> ReadAsync(string node, CancellationToken cancellationToken)
    {
        var host = await _connection.OpenNodeAsync(node, cancellationToken).ConfigureAwait(false);
        var result = await GntConnection.RunAsync(host, Script.With("list"), cancellationToken).ConfigureAwait(false);
        return result.ExitStatus == 0 ? Parse(node, result.OutputText) : throw RepairSession.Failure(node, "what is mounted of guests' disks could not be read", result);
    }

    /// <summary>Reads all that nodes and Ganeti's configuration know: the nodes' mounts, and guests that a lost mount still keeps from starting.</summary>
    /// <param name="nodes">The nodes that are asked, and whose guests are looked at; none for all that are not offline, and all guests.</param>
    /// <param name="failed">Is told of nodes that do not answer.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    internal async Task<IReadOnlyList<GntMount>> GetAsync(IReadOnlyCollection<string> nodes, Action<GanetiException, string> failed, CancellationToken cancellationToken)
    {
        var guests = TaggedAsync(cancellationToken);
        var underWay = _connection.History.GetUnderWayAsync(cancellationToken);
        var asked = nodes.Count > 0 ? nodes : await OnlineAsync(cancellationToken).ConfigureAwait(false);
        var mounts = (await ReadAsync(asked, failed, cancellationToken).ConfigureAwait(false)).Mounts;
        var busy = (await underWay.ConfigureAwait(false)).Select(lease => lease.Id).ToHashSet(StringComparer.Ordinal);
        var lost = new List<(GntInstance Guest, string Id)>();
        foreach (var (guest, tag) in (await guests.ConfigureAwait(false)).SelectMany(guest => MountTag.Of(guest).Select(tag => (guest, tag))))
        {
            if (mounts.Find(mount => mount.Id == tag.Id) is { } mount)
            {
                mount.HoldsInstance = true;
                mount.InstanceName ??= guest.Name;
            }
            else if (nodes.Count == 0 || nodes.Contains(guest.PrimaryNode))
            {
                lost.Add((guest, tag.Id));
            }
        }

        foreach (var mount in mounts)
        {
            mount.IsStale &= !busy.Contains(mount.Id);
        }

        if (lost.Count > 0)
        {
            mounts.AddRange(await RemnantsAsync(lost, TellOfOthers, cancellationToken).ConfigureAwait(false));
        }

        foreach (var mount in mounts)
        {
            mount.From(_connection.Identity, DateTimeOffset.Now);
        }

        return mounts;

        void TellOfOthers(GanetiException exception, string node)
        {
            if (!asked.Contains(node))
            {
                failed(exception, node);
            }
        }
    }

    /// <summary>Those of tags that nobody is busy with, and no node knows of. Asked in this order, for a mount that is ready meanwhile is known to its node by then.</summary>
    private async Task<IEnumerable<GntMount>> RemnantsAsync(List<(GntInstance Guest, string Id)> lost, Action<GanetiException, string> failed, CancellationToken cancellationToken)
    {
        var busy = await _connection.History.GetUnderWayAsync(cancellationToken).ConfigureAwait(false);
        var (mounts, isWhole) = await ReadAsync(await OnlineAsync(cancellationToken).ConfigureAwait(false), failed, cancellationToken).ConfigureAwait(false);
        return isWhole
            ? lost.Where(tag => !busy.Any(lease => lease.Id == tag.Id) && !mounts.Exists(mount => mount.Id == tag.Id)).Select(tag => new GntMount
            {
                Id = tag.Id,
                InstanceName = tag.Guest.Name,
                InstanceNode = tag.Guest.PrimaryNode,
                HoldsInstance = true,
                State = GntMountState.Remnant,
                StateText = nameof(GntMountState.Remnant),
                IsStale = true,
            })
            : [];
    }

    private async Task<(List<GntMount> Mounts, bool IsWhole)> ReadAsync(IReadOnlyCollection<string> nodes, Action<GanetiException, string> failed, CancellationToken cancellationToken)
    {
        var isWhole = true;
        var answers = await Task.WhenAll(nodes.Select(async node =>
        {
            try
            {
                return await ReadAsync(node, cancellationToken).ConfigureAwait(false);
            }
            catch (GanetiException exception)
            {
                isWhole = false;
                failed(exception, node);
                return [];
            }
        })).ConfigureAwait(false);
        return ([.. answers.SelectMany(answer => answer)], isWhole);
    }

    private async Task<IReadOnlyCollection<string>> OnlineAsync(CancellationToken cancellationToken) =>
        [.. (await _connection.Nodes.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntNode.Name), nameof(GntNode.Offline)).ConfigureAwait(false)).Where(node => node.Offline == false).Select(node => node.Name!)];

    /// <summary>Guests that a mount keeps from starting, or did.</summary>
    private async Task<IReadOnlyList<GntInstance>> TaggedAsync(CancellationToken cancellationToken) =>
        [.. (await _connection.Instances.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntInstance.Name), nameof(GntInstance.PrimaryNode), nameof(GntInstance.Tags)).ConfigureAwait(false)).Where(guest => MountTag.Of(guest).Any())];

    /// <summary>Reads what <c>list</c> printed.</summary>
    internal static IReadOnlyList<GntMount> Parse(string node, string output)
    {
        var parts = output.Split(Separator);
        var clock = Values(parts[0]).GetValueOrDefault("clock") is { } text && long.TryParse(text, CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default(DateTimeOffset?);
        return [.. parts.Skip(1).Select(part => part.Split('\n', 2)).Where(part => part.Length == 2).Select(part => Mount(node, part[0], Values(part[1]), clock))];
    }

    private static GntMount Mount(string node, string id, Dictionary<string, string> values, DateTimeOffset? clock)
    {
        var about = LuxiJson.ParseObject(values.GetValueOrDefault("about") ?? "{}") ?? [];
        var access = values.GetValueOrDefault("access");
        var state = values.GetValueOrDefault("state") ?? (values.ContainsKey("left") ? nameof(GntMountState.Making) : nameof(GntMountState.Remnant));
        if (state == nameof(GntMountState.Mounted) && !values.ContainsKey("mounted"))
        {
            state = nameof(GntMountState.Unmounted);
        }

        var mount = new GntMount
        {
            Id = id,
            Node = node,
            InstanceName = Text(nameof(GntMount.InstanceName)),
            DiskIndex = (int?)LuxiSetters.ToLong(about.GetValueOrDefault(nameof(GntMount.DiskIndex))),
            DiskUuid = Text(nameof(GntMount.DiskUuid)),
            Operator = Text(nameof(GntMount.Operator)),
            Partition = (int?)DrbdText.Number(values.GetValueOrDefault("partition")),
            Volume = values.GetValueOrDefault("volume") is { Length: > 0 } volume ? volume : null,
            Device = values.GetValueOrDefault("device"),
            Source = values.GetValueOrDefault("source"),
            FileSystem = values.GetValueOrDefault("type"),
            Label = values.GetValueOrDefault("label") is { Length: > 0 } label ? label : null,
            MountPoint = values.GetValueOrDefault("point"),
            Options = values.GetValueOrDefault("options"),
            IsReadOnly = access is null ? null : access is "read" or "recover",
            SnapshotVolume = values.GetValueOrDefault("snapshot"),
            SnapshotUsed = double.TryParse(values.GetValueOrDefault("used"), CultureInfo.InvariantCulture, out var used) ? used : null,
            Since = DrbdText.Number(values.GetValueOrDefault("since")) is { } since ? DateTimeOffset.FromUnixTimeSeconds(since) : null,
            Until = After("left"),
            UndoneAt = After("watchdog"),
            Problem = values.GetValueOrDefault("said") is { Length: > 0 } said ? said : null,
            State = LuxiSetters.ToEnum<GntMountState>(state),
            StateText = state,
        };
        mount.IsSnapshot = mount.SnapshotVolume is not null || about.GetValueOrDefault(nameof(GntMount.IsSnapshot)) is true;
        mount.IsStale = mount.State != GntMountState.Mounted || mount.Until <= clock;
        return mount;

        string? Text(string name) => about.GetValueOrDefault(name) is string text ? RemoteText.Printable(text) : null;

        DateTimeOffset? After(string name) => double.TryParse(values.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var left) ? clock?.AddSeconds(left) : null;
    }

    private static Dictionary<string, string> Values(string text) => text.Split('\n').Select(line => line.Split('\t', 2)).Where(pair => pair.Length == 2)
        .GroupBy(pair => pair[0], StringComparer.Ordinal).ToDictionary(group => group.Key, group => RemoteText.Printable(group.Last()[1]), StringComparer.Ordinal);
}

/// <summary>The tag of a guest that a mount keeps from starting: it says what is to be as it was afterwards, wherever the client and the node's own notes are by then.</summary>
internal sealed record MountTag(string Id, bool WasOnline, bool WereDisksDown)
{
    private const string Prefix = "ganeti-mount:";

    internal string Text => $"{Prefix}{Id}:{(WasOnline ? "o" : string.Empty)}{(WereDisksDown ? "d" : string.Empty)}-";

    internal static IEnumerable<MountTag> Of(GntInstance guest) => (guest.Tags ?? []).Where(tag => tag.StartsWith(Prefix, StringComparison.Ordinal)).Select(tag => tag.Split(':')).Where(words => words.Length == 3)
        .Select(words => new MountTag(words[1], words[2].Contains('o', StringComparison.Ordinal), words[2].Contains('d', StringComparison.Ordinal)));
}
