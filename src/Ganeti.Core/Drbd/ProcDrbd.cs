using System.Globalization;
using System.Text.RegularExpressions;

namespace Ganeti;

/// <summary>What /proc/drbd says: the module's version and each minor's state.</summary>
/// <remarks>
/// The format is <c>drbd_seq_show</c> in drbd_proc.c of DRBD 8.0 to 8.4. A minor is a line <c> 0: cs:… ro:…/… ds:…/… C r-----</c> (8.0 says
/// <c>st:</c> for <c>ro:</c> and has fewer flags, an 8.3 may end them with a NUL; the protocol is blank without a network configuration), a line
/// of counters, and for a resync or verify a bar and a line <c>finish:</c>, which kernels before 3.16 put behind the bar without a space when the
/// unit is <c>M</c>. Caches and positions follow with <c>proc_details</c>. An empty line is a gap in the numbers. DRBD 9 has only the version here.
/// Counters are KiB, of 32 bits before they are halved: ns, nr, dw and dr begin anew after 2 TiB. Nothing in it is fatal: what is not understood is kept.
/// </remarks>
internal sealed partial class ProcDrbd
{
    private readonly List<string> _build = [];
    private readonly List<string> _notUnderstood = [];
    private readonly List<DrbdDevice> _devices = [];

    private ProcDrbd()
    {
    }

    /// <summary>The module's version, <c>8.4.11</c>; null where the line is missing.</summary>
    internal string? Version { get; private set; }

    /// <summary>The version of its interface to <c>drbdsetup</c>.</summary>
    internal int? Api { get; private set; }

    /// <summary>The versions of the network protocol that it speaks.</summary>
    internal (int From, int To)? Protocols { get; private set; }

    /// <summary>How it was built: the other lines of the head.</summary>
    internal IReadOnlyList<string> Build => _build;

    /// <summary>The minors, in the order of their numbers.</summary>
    internal IReadOnlyList<DrbdDevice> Devices => _devices;

    /// <summary>Lines below a minor that are not understood.</summary>
    internal IReadOnlyList<string> NotUnderstood => _notUnderstood;

    internal static ProcDrbd Parse(string text)
    {
        var proc = new ProcDrbd();
        foreach (var line in DrbdText.Lines(text.Replace("\0", string.Empty, StringComparison.Ordinal)).Where(line => !string.IsNullOrWhiteSpace(line)))
        {
            proc.Read(line);
        }

        return proc;
    }

    private void Read(string line)
    {
        if (MinorLine().Match(line) is { Success: true } minor && int.TryParse(minor.Groups["minor"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            _devices.Add(new DrbdDevice { Minor = number, ModuleVersion = Version });
            ReadState(_devices[^1], DrbdText.Words(minor.Groups["state"].Value));
        }
        else if (_devices.Count == 0)
        {
            ReadHead(line);
        }
        else if (!ReadDetail(_devices[^1], line))
        {
            _notUnderstood.Add(line);
        }
    }

    private void ReadHead(string line)
    {
        if (VersionLine().Match(line) is not { Success: true } version)
        {
            _build.Add(line.Trim());
            return;
        }

        Version = version.Groups["version"].Value;
        Api = (int?)DrbdText.Number(version.Groups["api"].Value);
        var from = (int?)DrbdText.Number(version.Groups["from"].Value);
        Protocols = from is { } first ? (first, (int?)DrbdText.Number(version.Groups["to"].Value) ?? first) : null;
    }

    private static void ReadState(DrbdDevice device, string[] words)
    {
        foreach (var word in words)
        {
            if (!DrbdText.TryPair(word, out var key, out var value))
            {
                ReadFlags(device, word);
                continue;
            }

            var (local, peer) = value.Split('/', 2) is [var first, var second] ? (first, second) : (value, null);
            switch (key)
            {
                case "cs":
                    device.SetConnection(value);
                    SetReplication(device, value);
                    break;
                case "ro" or "st":
                    device.SetRoles(local, peer);
                    break;
                case "ds":
                    device.SetDisks(local, peer);
                    break;
                default:
                    device.Keep(key, value);
                    break;
            }
        }
    }

    // /proc/drbd shows the replication in place of "Connected".
    private static void SetReplication(DrbdDevice device, string connection)
    {
        switch (device.ConnectionState)
        {
            case DrbdConnectionState.Connected:
                device.SetReplication(nameof(DrbdReplicationState.Established));
                break;
            case >= DrbdConnectionState.StartingSyncS and <= DrbdConnectionState.Behind:
                device.SetReplication(connection);
                break;
            case DrbdConnectionState.Unrecognized or DrbdConnectionState.Unconfigured:
                break;
            default:
                device.SetReplication(nameof(DrbdReplicationState.Off));
                break;
        }
    }

    // I/O, resync suspended after another one, by the peer, by the user; from 8.3 on congestion, from 8.4 on the activity log.
    private static void ReadFlags(DrbdDevice device, string word)
    {
        if (word is [>= 'A' and <= 'Z'])
        {
            device.Protocol = word;
            return;
        }

        device.Flags = word;
        string[] pausing = [.. new[] { ('u', "user"), ('p', "peer"), ('a', "dependency") }.Where(flag => word.Skip(1).Take(3).Contains(flag.Item1)).Select(flag => flag.Item2)];
        device.IOSuspended = word[0] == 's';
        device.ResyncSuspended = pausing.Length == 0 ? "no" : string.Join(',', pausing);
        device.Congested = word.Length > 4 ? word[4] != '-' : null;
        device.ActivityLogSuspended = word.Length > 5 ? word[5] == 's' : null;
    }

    private static bool ReadDetail(DrbdDevice device, string line)
    {
        if (CacheLine().Match(line) is { Success: true } cache)
        {
            ReadCache(device, cache);
            return true;
        }

        if (ProgressBar().Match(line) is { Success: true } bar)
        {
            ReadProgress(device, bar);
            return bar.Length == line.TrimEnd().Length || ReadDetail(device, line[bar.Length..]);
        }

        if (FinishLine().Match(line) is { Success: true } finish)
        {
            ReadFinish(device, finish);
            return true;
        }

        if (NamedNumber().Match(line) is { Success: true } named)
        {
            device.Keep(named.Groups["name"].Value, named.Groups["value"].Value);
            return true;
        }

        return ReadCounters(device, DrbdText.Words(line));
    }

    private static void ReadCache(DrbdDevice device, Match cache)
    {
        long? Value(string name) => DrbdText.Number(cache.Groups[name].Value);
        var statistics = new DrbdCacheStatistics
        {
            Used = Value("used"),
            Size = Value("size"),
            Hits = Value("hits"),
            Misses = Value("misses"),
            Starving = Value("starving"),
            Locked = Value("locked"),
            Changed = Value("changed"),
        };
        if (cache.Groups["name"].Value == "resync")
        {
            device.ResyncCache = statistics;
        }
        else
        {
            device.ActivityLog = statistics;
        }
    }

    private static void ReadProgress(DrbdDevice device, Match bar)
    {
        var unit = bar.Groups["unit"].Value == "M" ? 1024 * DrbdText.Kibibyte : DrbdText.Kibibyte;
        device.ResyncLeft = DrbdText.Scaled(DrbdText.Number(bar.Groups["left"].Value), unit);
        device.ResyncTotal = DrbdText.Scaled(DrbdText.Number(bar.Groups["total"].Value), unit);
        device.ResyncPercent = DrbdText.Percent(device.ResyncLeft, device.ResyncTotal)
            ?? double.Parse(bar.Groups["percent"].Value, CultureInfo.InvariantCulture);
    }

    private static void ReadFinish(DrbdDevice device, Match finish)
    {
        long? Speed(string name) => finish.Groups[name].Success ? DrbdText.Scaled(DrbdText.Number(finish.Groups[name].Value), DrbdText.Kibibyte) : null;
        device.ResyncTimeLeft = Time(finish);
        device.ResyncSpeed = Speed("speed");
        device.ResyncAverageSpeed = Speed("average");
        device.ResyncWantedSpeed = Speed("want");
        device.ResyncRemark = finish.Groups["remark"] is { Success: true } remark ? remark.Value : null;
    }

    private static TimeSpan? Time(Match finish)
    {
        double Part(string name) => double.Parse(finish.Groups[name].Value, CultureInfo.InvariantCulture);
        var seconds = (((Part("hours") * 60) + Part("minutes")) * 60) + Part("seconds");
        return seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    private static bool ReadCounters(DrbdDevice device, string[] words)
    {
        var understood = true;
        foreach (var word in words)
        {
            if (!DrbdText.TryPair(word, out var key, out var value))
            {
                understood = false;
            }
            else if (!SetCounter(device, key, value))
            {
                device.Keep(key, value);
            }
        }

        return understood;
    }

    // False for a key that is not known, and for a known one with a value that is no number.
    private static bool SetCounter(DrbdDevice device, string key, string value)
    {
        if (key == "wo")
        {
            device.WriteOrdering = value switch { "n" => "none", "d" => "drain", "f" => "flush", "b" => "barrier", _ => value };
            return true;
        }

        var number = DrbdText.Number(value);
        var bytes = DrbdText.Scaled(number, DrbdText.Kibibyte);
        switch (key)
        {
            case "ns": device.NetworkSent = bytes; return bytes is not null;
            case "nr": device.NetworkReceived = bytes; return bytes is not null;
            case "dw": device.DiskWritten = bytes; return bytes is not null;
            case "dr": device.DiskRead = bytes; return bytes is not null;
            case "oos": device.OutOfSync = bytes; return bytes is not null;
            case "al": device.ActivityLogWrites = number; return number is not null;
            case "bm": device.BitmapWrites = number; return number is not null;
            case "lo": device.LocalPending = number; return number is not null;
            case "pe": device.PeerPending = number; return number is not null;
            case "ua": device.Unacknowledged = number; return number is not null;
            case "ap": device.ApplicationPending = number; return number is not null;
            case "ep": device.Epochs = number; return number is not null;
            default: return false;
        }
    }

    [GeneratedRegex(@"^version:\s*(?<version>[^\s(]+)(\s*\(api:(?<api>[0-9]{1,9})/proto:(?<from>[0-9]{1,9})(-(?<to>[0-9]{1,9}))?\))?", RegexOptions.CultureInvariant)]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"^\s*(?<minor>[0-9]+):\s*(?<state>cs:.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex MinorLine();

    [GeneratedRegex(@"^\s*(?<name>resync|act_log): used:(?<used>[0-9]+)/(?<size>[0-9]+) hits:(?<hits>[0-9]+) misses:(?<misses>[0-9]+) starving:(?<starving>[0-9]+) (locked|dirty):(?<locked>[0-9]+) changed:(?<changed>[0-9]+)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex CacheLine();

    [GeneratedRegex(@"^\s*\[=*>?\.*\]\s*(sync'ed|verified):\s*(?<percent>[0-9]{1,9}(\.[0-9]+)?)%\s*\((?<left>[0-9]+)/(?<total>[0-9]+)\)\s*(?<unit>[KM])", RegexOptions.CultureInvariant)]
    private static partial Regex ProgressBar();

    // With proc_details there are three speeds: of late, since the last mark, and on average.
    [GeneratedRegex(@"^\s*finish:\s*(?<hours>[0-9]+):(?<minutes>[0-9]+):(?<seconds>[0-9]+)\s+speed:\s*(?<speed>[0-9,]+)(\s*\(([0-9,]+\s*--\s*)?(?<average>[0-9,]+)\))?(\s*want:\s*(?<want>[0-9,]+))?\s*K/sec(\s*\((?<remark>[^)]*)\))?\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex FinishLine();

    // With proc_details: "  3% sector pos: 1234/5678", "blocked on activity log: 0".
    [GeneratedRegex(@"^\s*([0-9]+%\s+)?(?<name>[a-z]+( [a-z]+)+):\s*(?<value>[0-9][0-9/]*)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex NamedNumber();
}
