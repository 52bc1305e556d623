using Ganeti.Luxi;

namespace Ganeti;

/// <summary>Reads <c>lsblk --json --bytes</c>: a tree in which a device appears under each device that it stands on.</summary>
/// <remarks>Numbers and switches are text before util-linux 2.33 (<c>"ro": "0"</c>), and proper ones since.</remarks>
internal static class LsblkReport
{
    internal const string Columns = "NAME,KNAME,MAJ:MIN,TYPE,SIZE,RO,ROTA,FSTYPE,LABEL,UUID,MOUNTPOINT,MODEL,SERIAL,VENDOR,REV,STATE,HCTL,TRAN,WWN";

    /// <summary>The devices, each once, a disk before what stands on it; null when it is no report.</summary>
    internal static IReadOnlyList<BlockDevice>? Read(string? node, string json)
    {
        if (LuxiJson.ParseObject(json)?.GetValueOrDefault("blockdevices") is not object?[] top)
        {
            return null;
        }

        var devices = new Dictionary<string, BlockDevice>(StringComparer.Ordinal);
        var parents = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var holders = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var row in top)
        {
            Add(row, null);
        }

        foreach (var (name, device) in devices)
        {
            device.Parents = [.. parents[name]];
            device.Holders = [.. holders[name]];
        }

        return [.. devices.Values];

        void Add(object? value, string? parent)
        {
            if (value is not GntParameters row || Text(row, "kname") is not { } name)
            {
                return;
            }

            if (!devices.ContainsKey(name))
            {
                devices.Add(name, Device(node, name, row));
                parents.Add(name, []);
                holders.Add(name, []);
            }

            if (parent is not null && !parents[name].Contains(parent))
            {
                parents[name].Add(parent);
                holders[parent].Add(name);
            }

            foreach (var child in row.GetValueOrDefault("children") as object?[] ?? [])
            {
                Add(child, name);
            }
        }
    }

    private static BlockDevice Device(string? node, string name, GntParameters row)
    {
        var type = Text(row, "type");
        var device = new BlockDevice
        {
            Node = node,
            Name = name,
            Path = name.StartsWith("dm-", StringComparison.Ordinal) && Text(row, "name") is { } mapping ? $"/dev/mapper/{mapping}" : $"/dev/{name.Replace('!', '/')}",
            DeviceNumber = Text(row, "maj:min"),
            Type = type is null ? null : LuxiSetters.ToEnum<BlockDeviceType>(type),
            TypeText = type,
            Size = LuxiSetters.ToLong(row.GetValueOrDefault("size")),
            Model = Text(row, "model"),
            Vendor = Text(row, "vendor"),
            Serial = Text(row, "serial"),
            Revision = Text(row, "rev"),
            WorldWideName = Text(row, "wwn"),
            Transport = Text(row, "tran"),
            Address = Text(row, "hctl"),
            IsRotational = Flag(row, "rota"),
            IsReadOnly = Flag(row, "ro"),
            FileSystem = Text(row, "fstype"),
            Label = Text(row, "label"),
            Uuid = Text(row, "uuid"),
            MountPoint = Text(row, "mountpoint"),
        };
        SetState(device, Text(row, "state"));
        return device;
    }

    internal static void SetState(BlockDevice device, string? state)
    {
        device.StateText = state;
        device.State = state is null ? null : LuxiSetters.ToEnum<BlockDeviceState>(state);
    }

    // Some values are padded with blanks.
    private static string? Text(GntParameters row, string name) => (row.GetValueOrDefault(name) as string)?.Trim() is { Length: > 0 } text ? text : null;

    private static bool? Flag(GntParameters row, string name) => row.GetValueOrDefault(name) switch { bool set => set, "1" => true, "0" => false, _ => null };
}
