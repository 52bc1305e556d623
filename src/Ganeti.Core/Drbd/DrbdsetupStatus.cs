using System.Globalization;
using Ganeti.Luxi;

namespace Ganeti;

/// <summary>What <c>drbdsetup status</c> says, as text or (with DRBD 9) as JSON.</summary>
/// <remarks>
/// The text is resources, each with its volumes and then its peers with theirs. It is wrapped at 80 columns at any <c>key:value</c>, so words
/// are read, not lines: a word without a colon begins a resource (in the first column) or a peer, <c>volume:</c> a volume. Without
/// <c>--verbose</c> the only volume has no number and no minor, and what is as it should be is left out. A StandAlone one has no peer.
/// An 8.4 module refuses <c>--json</c> with its usage text on standard output.
/// </remarks>
internal static class DrbdsetupStatus
{
    /// <summary>Reads the text; usage text and error messages have no resource in them and give nothing.</summary>
    internal static IReadOnlyList<DrbdDevice> Parse(string text)
    {
        var resources = new List<DrbdResourceValues>();
        foreach (var line in DrbdText.Lines(text).Where(line => line.Length > 0))
        {
            var words = DrbdText.Words(line);
            if (!char.IsWhiteSpace(line[0]))
            {
                // "resource77: No such resource" and usage text are no resources.
                if (words.Length < 2 || words[0].EndsWith(':') || !words[1..].All(word => DrbdText.TryPair(word, out _, out _)))
                {
                    continue;
                }

                resources.Add(new DrbdResourceValues(words[0]));
                words = words[1..];
            }

            if (resources.Count > 0)
            {
                Read(resources[^1], words);
            }
        }

        return [.. resources.SelectMany(resource => resource.Devices())];
    }

    /// <summary>Reads JSON; false when it is none, for example 8.4's usage text or JSON that was cut off.</summary>
    internal static bool TryParseJson(string json, out IReadOnlyList<DrbdDevice> devices)
    {
        devices = [];
        if (!LuxiJson.TryParse(json, out var value) || value is not object?[] items)
        {
            return false;
        }

        devices = [.. items.OfType<GntParameters>().SelectMany(resource => OfJson(resource).Devices())];
        return true;
    }

    private static void Read(DrbdResourceValues resource, string[] words)
    {
        foreach (var word in words)
        {
            if (!DrbdText.TryPair(word, out var key, out var value))
            {
                resource.BeginPeer(word);
            }
            else if (key == "volume" || (resource.VolumeValues is null && key is "disk" or "replication" or "peer-disk"))
            {
                resource.BeginVolume(key == "volume" ? value : "0");
                resource.VolumeValues![key] = value;
            }
            else
            {
                (resource.VolumeValues ?? resource.PeerValues ?? resource.Values)[key] = value;
            }
        }
    }

    private static DrbdResourceValues OfJson(GntParameters json)
    {
        var resource = new DrbdResourceValues(json.GetValueOrDefault("name") as string);
        Copy(json, resource.Values, except: ["name", "devices", "connections"]);
        AddVolumes(resource, json.GetValueOrDefault("devices"));
        foreach (var connection in Items(json.GetValueOrDefault("connections")))
        {
            resource.BeginPeer(connection.GetValueOrDefault("name") as string);
            Copy(connection, resource.PeerValues!, except: ["name", "peer_devices"]);
            AddVolumes(resource, connection.GetValueOrDefault("peer_devices"));
        }

        return resource;
    }

    private static void AddVolumes(DrbdResourceValues resource, object? volumes)
    {
        foreach (var volume in Items(volumes))
        {
            resource.BeginVolume(LuxiSetters.ToText(volume.GetValueOrDefault("volume")) ?? "0");
            Copy(volume, resource.VolumeValues!, except: []);
        }
    }

    private static IEnumerable<GntParameters> Items(object? list) => (list as object?[] ?? []).OfType<GntParameters>();

    // JSON has longer names for some, and booleans where the text says yes and no.
    private static void Copy(GntParameters from, GntParameters to, string[] except)
    {
        foreach (var (name, value) in from.Where(member => !except.Contains(member.Key, StringComparer.Ordinal)))
        {
            var key = name switch
            {
                "disk-state" => "disk",
                "connection-state" => "connection",
                "peer-role" => "role",
                "replication-state" => "replication",
                "peer-disk-state" => "peer-disk",
                _ => name,
            };
            to[key] = value switch
            {
                string text => text,
                bool flag => flag ? "yes" : "no",
                double number => number.ToString("R", CultureInfo.InvariantCulture),
                _ => LuxiSetters.ToText(value),
            };
        }
    }
}
