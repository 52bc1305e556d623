using System.Globalization;
using System.Text.RegularExpressions;

namespace Ganeti;

/// <summary>Whether a volume is one that nobody has any more, and why.</summary>
/// <param name="Against">What speaks against it; none for an orphan.</param>
/// <param name="Evidence">What speaks for it.</param>
internal sealed record LvmVerdict(IReadOnlyList<string> Against, IReadOnlyList<string> Evidence)
{
    internal bool IsOrphan => Against.Count == 0;
}

/// <summary>What Ganeti knows that keeps a volume from being an orphan.</summary>
internal sealed record LvmKnowledge
{
    /// <summary>The volumes of all disks in the configuration, attached or not.</summary>
    internal required IReadOnlyCollection<LvmOwner> Owners { get; init; }

    /// <summary>The guests that there are.</summary>
    internal required IReadOnlySet<string> Guests { get; init; }

    /// <summary>What Ganeti is told to leave alone (<c>reserved_lvs</c>): regular expressions for group and name.</summary>
    internal required IReadOnlyList<string> Reserved { get; init; }

    /// <summary>The volume group that Ganeti makes disks in.</summary>
    internal string? VolumeGroup { get; init; }

    /// <summary>Nodes that a job is on, with what to say of it.</summary>
    internal required IReadOnlyDictionary<string, string> Busy { get; init; }
}

/// <summary>Decides which volumes are orphans.</summary>
internal sealed partial class LvmOrphans(TimeSpan olderThan)
{
    private readonly List<(NodeStorage Storage, LvmVolume Volume)> _candidates = [];

    internal void Add(NodeStorage storage, IEnumerable<LvmVolume> volumes) => _candidates.AddRange(volumes.Select(volume => (storage, volume)));

    internal IEnumerable<(LvmVolume Volume, LvmVerdict Verdict)> Judge(LvmKnowledge knowledge)
    {
        var owners = knowledge.Owners.Select(owner => (owner.Node, owner.VolumeGroup, owner.Volume)).ToHashSet();
        return _candidates.Select(candidate =>
        {
            var verdict = Of(candidate.Volume, candidate.Storage.Volumes, candidate.Storage.Clock, olderThan, knowledge, owners);
            return (candidate.Volume, candidate.Storage.DiskAround(candidate.Volume) is { } disk ? verdict with { Against = [$"its group lies within {disk.Path}, a guest's disk perhaps", .. verdict.Against] } : verdict);
        });
    }

    /// <summary>Asks what Ganeti knows.</summary>
    internal static async Task<LvmKnowledge> AskAsync(GntConnection connection, CancellationToken cancellationToken)
    {
        var jobs = connection.Jobs.Table.ReadOnlyAsync(
            new JobSelection { States = [.. JobSelection.Pending, GntJobStatus.running] }.Filter,
            cancellationToken,
            nameof(GntJob.Id),
            nameof(GntJob.Summary),
            nameof(GntJob.RawOperations));
        var locks = connection.Locks.GetAsync([new NamePattern("node*/*")], cancellationToken);
        var guests = connection.Instances.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntInstance.Name), nameof(GntInstance.PrimaryNode), nameof(GntInstance.SecondaryNodes));
        var nodes = connection.Nodes.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntNode.Name));
        var cluster = connection.GetClusterAsync(cancellationToken);
        var owners = await connection.Lvm.OwnersAsync([], cancellationToken).ConfigureAwait(false);
        return new LvmKnowledge
        {
            Owners = owners,
            Guests = (await guests.ConfigureAwait(false)).Select(guest => guest.Name!).ToHashSet(StringComparer.Ordinal),
            VolumeGroup = (await cluster.ConfigureAwait(false)).VolumeGroupName,
            Reserved = (await cluster.ConfigureAwait(false)).ReservedVolumes ?? [],
            Busy = BusyNodes(await jobs.ConfigureAwait(false), await locks.ConfigureAwait(false), await guests.ConfigureAwait(false), (await nodes.ConfigureAwait(false)).Select(node => node.Name!)),
        };
    }

    /// <summary>The nodes that a job is on: that it names, whose guest it names, or whose lock it holds.</summary>
    internal static Dictionary<string, string> BusyNodes(IEnumerable<GntJob> jobs, IEnumerable<GntLock> locks, IReadOnlyCollection<GntInstance> guests, IEnumerable<string> nodes)
    {
        var busy = new Dictionary<string, string>(StringComparer.Ordinal);
        var byJob = new Dictionary<long, string>();
        // gnt-instance info asks by a job that touches nothing.
        foreach (var job in jobs.Where(job => !Array.TrueForAll(job.Operations ?? [], static operation => operation.OpId == "OP_INSTANCE_QUERY_DATA")))
        {
            var words = string.Create(CultureInfo.InvariantCulture, $"job {job.Id} ({string.Join(", ", job.Summary ?? [])})");
            byJob[job.Id ?? 0] = words;
            var named = guests.Where(guest => job.InstanceNames.Contains(guest.Name)).SelectMany(guest => (guest.SecondaryNodes ?? []).Append(guest.PrimaryNode)).Concat(job.NodeNames).OfType<string>();
            foreach (var node in nodes.Where(node => named.Any(name => name == node || node.StartsWith($"{name}.", StringComparison.Ordinal))))
            {
                busy.TryAdd(node, words);
            }
        }

        foreach (var held in locks)
        {
            if ((held.OwnerJobId ?? []).Where(byJob.ContainsKey).Select(id => byJob[id]).FirstOrDefault() is { } words)
            {
                // The lock of all nodes has no name.
                foreach (var node in held.ObjectName is { } one ? nodes.Where(node => node == one) : nodes)
                {
                    busy.TryAdd(node, words);
                }
            }
        }

        return busy;
    }

    /// <summary>Decides on one volume.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="beside">All volumes of its node.</param>
    /// <param name="clock">The node's clock.</param>
    /// <param name="olderThan">How old it has to be.</param>
    /// <param name="knowledge">What Ganeti knows.</param>
    /// <param name="owners">The volumes that Ganeti has, at hand for many questions.</param>
    internal static LvmVerdict Of(LvmVolume volume, IEnumerable<LvmVolume> beside, DateTimeOffset? clock, TimeSpan olderThan, LvmKnowledge knowledge, IReadOnlySet<(string Node, string Group, string Volume)> owners)
    {
        var against = new List<string>();
        var owner = knowledge.Owners.FirstOrDefault(owner => owners.Contains((volume.Node!, volume.VolumeGroup!, volume.Name!)) && (owner.Node, owner.VolumeGroup, owner.Volume) == (volume.Node, volume.VolumeGroup, volume.Name));
        if (owner is not null)
        {
            against.Add(owner.InstanceName is { } guest ? $"it is of {guest}" : $"it is of disk {owner.DiskUuid}, which is attached to no guest");
        }

        if (volume.IsHidden == true)
        {
            against.Add("it is a part of another volume");
        }

        var pool = beside.FirstOrDefault(other => other.VolumeGroup == volume.VolumeGroup && other.Pool == volume.Name);
        if (pool is not null)
        {
            against.Add($"{pool.Name} takes its blocks from it");
        }

        var snapshot = beside.FirstOrDefault(other => other.VolumeGroup == volume.VolumeGroup && other.Origin == volume.Name && !other.IsThin);
        if (snapshot is not null)
        {
            against.Add($"{snapshot.Name} is a snapshot of it");
        }

        if (knowledge.Reserved.FirstOrDefault(reserved => IsReserved(reserved, volume.FullName)) is { } pattern)
        {
            against.Add($"it is reserved ({pattern})");
        }

        if (volume.IsOpen != false)
        {
            against.Add(volume.IsOpen == true ? "somebody has it open" : "LVM does not tell whether somebody has it open");
        }

        if (volume.DrbdMinor is { } minor)
        {
            against.Add(string.Create(CultureInfo.InvariantCulture, $"drbd{minor} stands on it"));
        }

        if (clock is not { } now || volume.Created is not { } created)
        {
            against.Add("its age is not known");
        }
        else if (now - created < olderThan)
        {
            against.Add(string.Create(CultureInfo.InvariantCulture, $"it is {Math.Max(0, (now - created).TotalMinutes):0} minutes old only"));
        }

        if (knowledge.Busy.GetValueOrDefault(volume.Node!) is { } job)
        {
            against.Add($"{job} is on its node");
        }

        return new LvmVerdict(against, Evidence(volume, knowledge));
    }

    // One that is no expression here may be one in Python: it keeps the volume.
    private static bool IsReserved(string pattern, string name)
    {
        try
        {
            return pattern == name || Regex.IsMatch(name, $"^(?:{pattern})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (Exception exception) when (exception is ArgumentException or RegexMatchTimeoutException)
        {
            return true;
        }
    }

    private static List<string> Evidence(LvmVolume volume, LvmKnowledge knowledge)
    {
        var evidence = new List<string> { "no disk of Ganeti's configuration has it" };
        if (volume.Tags?.FirstOrDefault(tag => tag.StartsWith("originstname+", StringComparison.Ordinal)) is { } tag)
        {
            var guest = tag["originstname+".Length..];
            evidence.Add(knowledge.Guests.Contains(guest) ? $"it was made for {guest}, which has other volumes now" : $"it was made for {guest}, which is not there any more");
        }

        if (Replaced().Match(volume.Name ?? string.Empty) is { Success: true } replaced && long.TryParse(replaced.Groups["time"].Value, CultureInfo.InvariantCulture, out var seconds) && seconds < 100_000_000_000)
        {
            evidence.Add($"a replacement of disks left it behind at {DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime:u}");
        }
        else if (GanetisName().IsMatch(volume.Name ?? string.Empty))
        {
            evidence.Add("its name is one of Ganeti's");
        }

        if (volume.Origin is { } origin)
        {
            evidence.Add(volume.IsInvalid ? $"it is a snapshot of {origin} that overflowed" : $"it is a snapshot of {origin}");
        }

        return evidence;
    }

    [GeneratedRegex(@"_replaced-(?<time>\d+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Replaced();

    // A UUID and the disk's place (lib/masterd/instance.py, lib/cmdlib/instance_storage.py: GenerateUniqueNames).
    [GeneratedRegex(@"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.disk\d+", RegexOptions.CultureInvariant)]
    private static partial Regex GanetisName();
}
