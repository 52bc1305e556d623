using System.Globalization;
using Ganeti.Luxi;

namespace Ganeti;

/// <summary>
/// Reads what <c>lvs</c>, <c>vgs</c> and <c>pvs</c> report: in JSON, or where they are too old for that in columns with <c>|</c> between.
/// </summary>
/// <remarks>lvmreport(7). All values are text in both; the columns asked for are the constants here. In JSON a row is an object with the columns' names; the
/// other form has two blanks before each row. A volume has a row for each of its segments.</remarks>
internal static class LvmReport
{
    internal const char Delimiter = '|';

    internal const string VolumeColumns = "lv_uuid,lv_name,vg_name,lv_attr,lv_size,lv_tags,lv_time,origin,pool_lv,metadata_lv,mirror_log,data_percent,metadata_percent,copy_percent,lv_kernel_major,lv_kernel_minor,segtype,stripes,seg_start,seg_size,devices";

    internal const string GroupColumns = "vg_uuid,vg_name,vg_attr,vg_size,vg_free,vg_extent_size,vg_extent_count,vg_free_count,pv_count,lv_count,snap_count,vg_missing_pv_count,vg_tags";

    internal const string PhysicalColumns = "pv_uuid,pv_name,vg_name,pv_attr,pv_size,pv_free,pv_used,dev_size,pv_tags";

    private static readonly string[] Below = ["pool_lv", "metadata_lv", "mirror_log"];

    /// <summary>The rows of a report in JSON; null when it is none.</summary>
    internal static IReadOnlyList<LvmRow>? Json(string text)
    {
        if (LuxiJson.ParseObject(text) is not { } whole || whole.GetValueOrDefault("report") is not object?[] reports)
        {
            return null;
        }

        return
        [
            .. from report in reports.OfType<GntParameters>()
               from kind in report.Values.OfType<object?[]>()
               from row in kind.OfType<GntParameters>()
               select new LvmRow(name => row.GetValueOrDefault(name) as string),
        ];
    }

    /// <summary>The rows of a report in columns.</summary>
    internal static IReadOnlyList<LvmRow> Delimited(string text, string columns)
    {
        var names = columns.Split(',');
        return
        [
            .. from line in DrbdText.Lines(text)
               let values = line.TrimStart().Split(Delimiter)
               where values.Length == names.Length
               select new LvmRow(name => Array.IndexOf(names, name) is >= 0 and var place ? values[place] : null),
        ];
    }

    /// <summary>The volumes, hidden ones included, each with all its segments.</summary>
    internal static IReadOnlyList<LvmVolume> Volumes(string? node, IReadOnlyList<LvmRow> rows)
    {
        var volumes = new List<LvmVolume>();
        var below = new Dictionary<(string?, string?), List<string>>();
        foreach (var ofOne in rows.GroupBy(row => (Group: row.Text("vg_name"), Name: row.Text("lv_name"), Uuid: row.Text("lv_uuid"))))
        {
            var segments = ofOne.Select(Segment).OrderBy(segment => segment.Start).ToArray();
            var volume = Volume(ofOne.First(), segments);
            volume.Node = node;
            volumes.Add(volume);
            below[(volume.VolumeGroup, volume.Name)] =
            [
                .. segments.SelectMany(segment => segment.Devices ?? []),
                .. Below.Select(ofOne.First().Text).OfType<string>().Select(Bare),
            ];
        }

        foreach (var volume in volumes)
        {
            volume.PhysicalVolumes = [.. Bottom(volume, below).Order(StringComparer.Ordinal)];
        }

        return volumes;
    }

    /// <summary>The volume groups.</summary>
    internal static IReadOnlyList<LvmVolumeGroup> Groups(string? node, IReadOnlyList<LvmRow> rows) =>
    [
        .. rows.Select(row => new LvmVolumeGroup
        {
            Node = node,
            Name = row.Text("vg_name"),
            Uuid = row.Text("vg_uuid"),
            Attributes = row.Text("vg_attr"),
            Size = row.Number("vg_size"),
            Free = row.Number("vg_free"),
            ExtentSize = row.Number("vg_extent_size"),
            ExtentCount = row.Number("vg_extent_count"),
            FreeExtentCount = row.Number("vg_free_count"),
            PhysicalVolumeCount = (int?)row.Number("pv_count"),
            MissingCount = (int?)row.Number("vg_missing_pv_count"),
            VolumeCount = (int?)row.Number("lv_count"),
            SnapshotCount = (int?)row.Number("snap_count"),
            Tags = row.Words("vg_tags"),
        }),
    ];

    /// <summary>The physical volumes.</summary>
    internal static IReadOnlyList<LvmPhysicalVolume> PhysicalVolumes(string? node, IReadOnlyList<LvmRow> rows) =>
    [
        .. rows.Select(row => new LvmPhysicalVolume
        {
            Node = node,
            Name = row.Text("pv_name"),
            Uuid = row.Text("pv_uuid"),
            VolumeGroup = row.Text("vg_name"),
            Attributes = row.Text("pv_attr"),
            Size = row.Number("pv_size"),
            Free = row.Number("pv_free"),
            Used = row.Number("pv_used"),
            DeviceSize = row.Number("dev_size"),
            IsAllocatable = row.Letter("pv_attr", 0) is { } allocatable ? allocatable == 'a' : null,
            IsMissing = row.Letter("pv_attr", 2) is { } missing ? missing == 'm' : null,
            Tags = row.Words("pv_tags"),
        }),
    ];

    private static LvmVolume Volume(LvmRow row, LvmSegment[] segments)
    {
        var name = row.Text("lv_name");
        var state = row.Letter("lv_attr", 4);
        return new LvmVolume
        {
            VolumeGroup = row.Text("vg_name"),
            Name = name is null ? null : Bare(name),
            Uuid = row.Text("lv_uuid"),
            Size = row.Number("lv_size"),
            SegmentType = segments[0].Type,
            SegmentTypeText = segments[0].TypeText,
            Attributes = row.Text("lv_attr"),
            State = state is { } letter ? State(letter) : null,
            StateText = state?.ToString(),
            IsOpen = row.Letter("lv_attr", 5) switch { 'o' => true, '-' => false, _ => null },
            IsPartial = row.Letter("lv_attr", 8) is { } health ? health == 'p' : null,
            IsHidden = name is null ? null : name.StartsWith('['),
            Origin = row.Text("origin") is { } origin ? Bare(origin) : null,
            Pool = row.Text("pool_lv") is { } pool ? Bare(pool) : null,
            DataPercent = row.Percent("data_percent"),
            MetadataPercent = row.Percent("metadata_percent"),
            CopyPercent = row.Percent("copy_percent"),
            Tags = row.Words("lv_tags"),
            Created = row.Time("lv_time"),
            DeviceNumber = row.Number("lv_kernel_major") is >= 0 and var major && row.Number("lv_kernel_minor") is >= 0 and var minor ? string.Create(CultureInfo.InvariantCulture, $"{major}:{minor}") : null,
            Segments = segments,
        };
    }

    private static LvmSegment Segment(LvmRow row)
    {
        var devices = row.Words("devices").Select(Device).ToArray();
        return new LvmSegment
        {
            Start = row.Number("seg_start"),
            Size = row.Number("seg_size"),
            Type = row.Text("segtype") is { } type ? LuxiSetters.ToEnum<LvmSegmentType>(type) : null,
            TypeText = row.Text("segtype"),
            Stripes = (int?)row.Number("stripes"),
            Devices = [.. devices.Select(device => device.Name)],
            FirstExtents = [.. devices.Select(device => device.Extent)],
        };
    }

    // "/dev/sda(306)", "[unknown](0)", "raid1_rimage_0(0)"
    private static (string Name, long Extent) Device(string text) =>
        text.LastIndexOf('(') is > 0 and var open && text.EndsWith(')') && DrbdText.Number(text[(open + 1)..^1]) is { } extent ? (text[..open], extent) : (text, 0);

    // Down through hidden volumes and pools to what is no volume of the group.
    private static HashSet<string> Bottom(LvmVolume volume, Dictionary<(string?, string?), List<string>> below)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal) { volume.Name ?? string.Empty };
        var open = new Stack<string>(below[(volume.VolumeGroup, volume.Name)]);
        while (open.TryPop(out var device))
        {
            if (device == LvmPhysicalVolume.Unknown || !below.TryGetValue((volume.VolumeGroup, Bare(device)), out var next))
            {
                found.Add(device);
            }
            else if (seen.Add(Bare(device)))
            {
                next.ForEach(open.Push);
            }
        }

        // Images that were not reported (without -a) are no physical volumes.
        found.RemoveWhere(device => !device.StartsWith('/') && device != LvmPhysicalVolume.Unknown);
        return found;
    }

    private static string Bare(string name) => name.StartsWith('[') && name.EndsWith(']') ? name[1..^1] : name;

    private static LvmVolumeState State(char letter) => letter switch
    {
        '-' => LvmVolumeState.inactive,
        'a' => LvmVolumeState.active,
        's' => LvmVolumeState.suspended,
        'I' => LvmVolumeState.invalid,
        'S' => LvmVolumeState.suspended_invalid,
        'm' => LvmVolumeState.merge_failed,
        'M' => LvmVolumeState.suspended_merge_failed,
        'd' => LvmVolumeState.device_without_tables,
        'i' => LvmVolumeState.device_with_inactive_table,
        'h' => LvmVolumeState.historical,
        'c' => LvmVolumeState.check_needed,
        'C' => LvmVolumeState.suspended_check_needed,
        'X' => LvmVolumeState.unknown,
        _ => LvmVolumeState.Unrecognized,
    };
}

/// <summary>A row of a report. What is empty or not there is null.</summary>
internal sealed class LvmRow(Func<string, string?> value)
{
    internal string? Text(string column) => value(column) is { Length: > 0 } text ? text : null;

    internal long? Number(string column) => long.TryParse(value(column), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    internal double? Percent(string column) => double.TryParse(value(column), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) ? percent : null;

    internal char? Letter(string column, int place) => value(column) is { } text && place < text.Length ? text[place] : null;

    internal string[] Words(string column) => Text(column)?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>A time as LVM prints it by default, <c>2026-11-23 18:31:13 +0000</c>.</summary>
    internal DateTimeOffset? Time(string column) =>
        DateTimeOffset.TryParseExact(value(column), "yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
        || DateTimeOffset.TryParseExact(value(column)?.Insert(Math.Max(0, value(column)!.Length - 2), ":"), "yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out time)
            ? time
            : null;
}
