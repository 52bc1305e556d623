using System.Globalization;

namespace Ganeti;

/// <summary>What <c>drbdsetup events2</c> says, with or without <c>--timestamps</c>, <c>--statistics</c> and <c>--now</c>.</summary>
/// <remarks>
/// One line an event: <c>[time] exists|create|change|destroy OBJECT key:value…</c>, OBJECT being resource, connection, device or peer-device (DRBD 9: path too), and
/// <c>call|response helper …</c>. <c>exists -</c> ends the state at the start; what follows changes it. A change has only the keys that did.
/// A StandAlone one has a connection without <c>conn-name</c>.
/// </remarks>
internal sealed class DrbdsetupEvents2
{
    // By name as DRBD has them: resource123 comes before resource4.
    private readonly Dictionary<string, DrbdResourceValues> _resources = new(StringComparer.Ordinal);
    private readonly List<DrbdHelperCall> _helperCalls = [];
    private readonly List<string> _notUnderstood = [];

    private DrbdsetupEvents2()
    {
    }

    /// <summary>Whether the state at the start is all there; false when the output was cut off.</summary>
    internal bool IsComplete { get; private set; }

    /// <summary>The devices after the last event.</summary>
    internal IReadOnlyList<DrbdDevice> Devices => [.. _resources.Values.SelectMany(resource => resource.Devices())];

    /// <summary>The programs that DRBD called, <c>initial-split-brain</c> and <c>split-brain</c> among them.</summary>
    internal IReadOnlyList<DrbdHelperCall> HelperCalls => _helperCalls;

    /// <summary>Lines that are no event.</summary>
    internal IReadOnlyList<string> NotUnderstood => _notUnderstood;

    internal static DrbdsetupEvents2 Parse(string text)
    {
        var events = new DrbdsetupEvents2();
        foreach (var line in DrbdText.Lines(text).Where(line => !string.IsNullOrWhiteSpace(line)))
        {
            if (!events.Read(DrbdText.Words(line)))
            {
                events._notUnderstood.Add(line);
            }
        }

        return events;
    }

    private bool Read(string[] words)
    {
        var time = Time(words[0]);
        words = time is null ? words : words[1..];
        if (words is ["exists", "-", ..])
        {
            IsComplete = true;
            return true;
        }

        if (words.Length < 3 || words[0] is not ("exists" or "create" or "change" or "destroy" or "call" or "response"))
        {
            return false;
        }

        GntParameters values = [];
        foreach (var word in words.Skip(2))
        {
            if (DrbdText.TryPair(word, out var key, out var value))
            {
                values[key] = value;
            }
        }

        return values.Remove("name", out var name) && Apply(words[0], words[1], (string)name!, values, time);
    }

    private bool Apply(string what, string kind, string name, GntParameters values, DateTimeOffset? time)
    {
        if (kind == "helper")
        {
            _helperCalls.Add(new DrbdHelperCall(time, what, name, Text(values, "helper"), (int?)DrbdText.Number(Text(values, "status"))));
            return true;
        }

        if (what == "destroy" && kind == "resource")
        {
            _resources.Remove(name);
            return true;
        }

        if (!_resources.TryGetValue(name, out var resource))
        {
            _resources[name] = resource = new DrbdResourceValues(name);
        }

        return what == "destroy" ? Remove(resource, kind, values) : Change(resource, kind, values);
    }

    private static bool Remove(DrbdResourceValues resource, string kind, GntParameters values)
    {
        switch (kind)
        {
            case "connection":
                resource.RemovePeer(Text(values, "peer-node-id") ?? string.Empty);
                return true;
            case "device":
                resource.RemoveVolume(Text(values, "volume") ?? "0");
                return true;
            default:
                return kind is "peer-device" or "path";
        }
    }

    private static bool Change(DrbdResourceValues resource, string kind, GntParameters values)
    {
        resource.BeginResource();
        values.Remove("conn-name", out var peer);
        values.Remove("peer-node-id", out var id);
        if (kind is "connection" or "peer-device")
        {
            resource.BeginPeer(peer as string, id as string ?? string.Empty);
        }

        if (kind is "device" or "peer-device")
        {
            resource.BeginVolume(Text(values, "volume") ?? "0");
        }

        foreach (var (key, value) in kind is "resource" or "connection" or "device" or "peer-device" ? values : [])
        {
            (resource.VolumeValues ?? resource.PeerValues ?? resource.Values)[key] = value;
        }

        return kind is "resource" or "connection" or "device" or "peer-device" or "path";
    }

    private static string? Text(GntParameters values, string key) => values.GetValueOrDefault(key) as string;

    private static DateTimeOffset? Time(string word) =>
        char.IsAsciiDigit(word[0]) && DateTimeOffset.TryParse(word, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}

/// <summary>A program that DRBD called, or its answer.</summary>
/// <param name="Time">When, where the output has times.</param>
/// <param name="What"><c>call</c> or <c>response</c>.</param>
/// <param name="ResourceName">The resource.</param>
/// <param name="Helper">What it was called for, for example <c>split-brain</c>.</param>
/// <param name="Status">Its exit status, with a response.</param>
internal sealed record DrbdHelperCall(DateTimeOffset? Time, string What, string ResourceName, string? Helper, int? Status);
