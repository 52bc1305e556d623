using System.Globalization;
using Ganeti.Luxi;

namespace Ganeti;

/// <summary>A resource as <c>drbdsetup</c>'s status and events2 describe it: <c>key:value</c> pairs of itself, its volumes, its peers, and their volumes.</summary>
/// <remarks>
/// Keys and units are those of drbdsetup.c: <c>size</c>, <c>read</c>, <c>written</c>, <c>received</c>, <c>sent</c> and <c>out-of-sync</c> are KiB, the others counts.
/// </remarks>
internal sealed class DrbdResourceValues(string? name)
{
    private readonly SortedDictionary<string, GntParameters> _volumes = new(StringComparer.Ordinal);
    private readonly List<Peer> _peers = [];

    internal GntParameters Values { get; } = [];

    /// <summary>What pairs of the present peer go into, or null before the first peer.</summary>
    internal GntParameters? PeerValues { get; private set; }

    /// <summary>What pairs of the present volume go into, or null before the first volume of resource or peer.</summary>
    internal GntParameters? VolumeValues { get; private set; }

    private string? Name => name;

    internal void BeginPeer(string? peerName, string? id = null)
    {
        var peer = _peers.Find(peer => peer.Id == (id ?? peerName));
        if (peer is null)
        {
            _peers.Add(peer = new Peer(id ?? peerName));
        }

        peer.Name = peerName ?? peer.Name;
        PeerValues = peer.Values;
        VolumeValues = null;
    }

    internal void BeginVolume(string number)
    {
        var volumes = PeerValues is null ? _volumes : _peers.Find(peer => peer.Values == PeerValues)!.Volumes;
        if (!volumes.TryGetValue(number, out var values))
        {
            volumes[number] = values = [];
        }

        VolumeValues = values;
    }

    /// <summary>Back to the resource itself.</summary>
    internal void BeginResource()
    {
        PeerValues = null;
        VolumeValues = null;
    }

    internal void RemovePeer(string? id) => _peers.RemoveAll(peer => peer.Id == id);

    internal void RemoveVolume(string number) => _volumes.Remove(number);

    /// <summary>One for each volume and peer; a volume without a peer is one too.</summary>
    internal IEnumerable<DrbdDevice> Devices()
    {
        foreach (var (number, volume) in _volumes)
        {
            foreach (var peer in _peers.DefaultIfEmpty<Peer?>(null))
            {
                var device = new DrbdDevice { ResourceName = Name, Volume = (int?)DrbdText.Number(number) };
                ReadAll(device, Values, ReadResource);
                ReadAll(device, volume, ReadVolume);
                if (peer is null)
                {
                    // Nothing is said of a peer where there is none to talk to.
                    device.SetConnection(nameof(DrbdConnectionState.StandAlone));
                    device.SetReplication(nameof(DrbdReplicationState.Off));
                }
                else
                {
                    // Plain status says nothing of a connection that is up.
                    device.SetConnection(nameof(DrbdConnectionState.Connected));
                    ReadAll(device, peer.Values, ReadPeer);
                    device.SetReplication(device.ConnectionState == DrbdConnectionState.Connected ? nameof(DrbdReplicationState.Established) : nameof(DrbdReplicationState.Off));
                    ReadAll(device, peer.Volumes.GetValueOrDefault(number) ?? [], ReadPeerVolume);
                    device.ResyncLeft ??= device.IsInResync ? device.OutOfSync : null;
                }

                yield return device;
            }
        }
    }

    private static void ReadAll(DrbdDevice device, GntParameters values, Func<DrbdDevice, string, string, bool> read)
    {
        foreach (var (key, value) in values)
        {
            if (!read(device, key, value as string ?? string.Empty))
            {
                device.Keep(key, value);
            }
        }
    }

    private static bool ReadResource(DrbdDevice device, string key, string value)
    {
        switch (key)
        {
            case "role":
                device.SetRoles(value, null);
                return true;
            case "suspended":
                device.IOSuspended = value != "no";
                // It can say why.
                return value is "no" or "yes";
            case "write-ordering":
                device.WriteOrdering = value;
                return true;
            default:
                return false;
        }
    }

    private static bool ReadVolume(DrbdDevice device, string key, string value)
    {
        var number = DrbdText.Number(value);
        var bytes = DrbdText.Scaled(number, DrbdText.Kibibyte);
        switch (key)
        {
            case "volume": return true;
            case "disk": device.SetDisks(value, null); return true;
            case "minor": device.Minor = number is >= 0 and <= int.MaxValue ? (int)number : null; return device.Minor is not null;
            case "size": device.Size = bytes; return bytes is not null;
            case "read": device.DiskRead = bytes; return bytes is not null;
            case "written": device.DiskWritten = bytes; return bytes is not null;
            case "al-writes": device.ActivityLogWrites = number; return number is not null;
            case "bm-writes": device.BitmapWrites = number; return number is not null;
            case "upper-pending": device.ApplicationPending = number; return number is not null;
            case "lower-pending": device.LocalPending = number; return number is not null;
            case "al-suspended": device.ActivityLogSuspended = value != "no"; return true;
            default: return false;
        }
    }

    private static bool ReadPeer(DrbdDevice device, string key, string value)
    {
        switch (key)
        {
            case "connection": device.SetConnection(value); return true;
            case "role": device.SetRoles(null, value); return true;
            case "congested": device.Congested = value != "no"; return true;
            default: return false;
        }
    }

    private static bool ReadPeerVolume(DrbdDevice device, string key, string value)
    {
        var number = DrbdText.Number(value);
        var bytes = DrbdText.Scaled(number, DrbdText.Kibibyte);
        switch (key)
        {
            case "volume": return true;
            case "replication": device.SetReplication(value); return true;
            case "peer-disk": device.SetDisks(null, value); return true;
            case "resync-suspended": device.ResyncSuspended = value; return true;
            case "received": device.NetworkReceived = bytes; return bytes is not null;
            case "sent": device.NetworkSent = bytes; return bytes is not null;
            case "out-of-sync": device.OutOfSync = bytes; return bytes is not null;
            case "pending": device.PeerPending = number; return number is not null;
            case "unacked": device.Unacknowledged = number; return number is not null;
            case "done":
                device.ResyncPercent = double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent <= 100 ? percent : null;
                return device.ResyncPercent is not null;
            default: return false;
        }
    }

    private sealed class Peer(string? id)
    {
        internal string? Id => id;

        internal string? Name { get; set; }

        internal GntParameters Values { get; } = [];

        internal SortedDictionary<string, GntParameters> Volumes { get; } = new(StringComparer.Ordinal);
    }
}
