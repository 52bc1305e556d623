using System.Globalization;
using Ganeti.Luxi;

namespace Ganeti;

/// <summary>The file <c>config.ini</c> that Ganeti writes beside the dumps.</summary>
/// <remarks>
/// Written by Python's ConfigParser from <c>FinalizeExport</c> in <c>lib/backend.py</c>: sections in brackets, <c>name = value</c>, lines that
/// begin with white space continue a value; <c>None</c> stands for nothing.
/// </remarks>
internal sealed class ExportDescription
{
    private readonly Dictionary<string, GntParameters> _sections = new(StringComparer.Ordinal);

    private ExportDescription()
    {
    }

    internal static ExportDescription Parse(IEnumerable<string> lines)
    {
        var description = new ExportDescription();
        GntParameters? section = null;
        string? last = null;
        foreach (var line in lines)
        {
            if (line.StartsWith('[') && line.TrimEnd().EndsWith(']'))
            {
                description._sections[line.Trim()[1..^1]] = section = [];
                last = null;
            }
            else if (last is not null && line.Length > 0 && char.IsWhiteSpace(line[0]))
            {
                section![last] = $"{section[last]}\n{line.Trim()}";
            }
            else if (section is not null && line.Split('=', 2) is [var name, var value] && !line.StartsWith('#'))
            {
                section[last = name.Trim()] = value.Trim();
            }
        }

        return description;
    }

    internal void Fill(GntExport export)
    {
        export.Created = LuxiSetters.ToTime(LuxiSetters.ToLong(Text("export", "timestamp")));
        export.SourceNode = Text("export", "source");
        export.OS = Text("export", "os");
        export.Hypervisor = Text("instance", "hypervisor");
        export.DiskTemplateText = Text("instance", "disk_template");
        export.DiskTemplate = export.DiskTemplateText is { } template ? LuxiSetters.ToEnum<GntDiskTemplate>(template) : null;
        export.Memory = Number("maxmem") * LuxiSetters.Mebibyte;
        export.MinimumMemory = Number("minmem") * LuxiSetters.Mebibyte;
        export.VCpu = (int?)Number("vcpus");
        export.Tags = Text("instance", "tags")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        export.Disks = Each("disk", "dump", (index, value) => new GntExportDisk
        {
            Index = index,
            Name = value("name"),
            Size = LuxiSetters.ToLong(value("size")) * LuxiSetters.Mebibyte,
            FileName = value("dump"),
        });
        export.Nics = Each("nic", "mac", (index, value) => new GntExportNic
        {
            Index = index,
            Name = value("name"),
            Mac = value("mac"),
            IPAddress = value("ip"),
            ModeText = value("mode"),
            Mode = value("mode") is { } mode ? LuxiSetters.ToEnum<GntNicMode>(mode) : null,
            Link = value("link"),
            Vlan = value("vlan"),
            NetworkUuid = value("network"),
        });
        export.HypervisorParameters = _sections.GetValueOrDefault("hypervisor");
        export.BackendParameters = _sections.GetValueOrDefault("backend");
        export.OSParameters = _sections.GetValueOrDefault("os");
    }

    private T[] Each<T>(string what, string always, Func<int, Func<string, string?>, T> make)
    {
        var items = new List<T>();
        var instance = _sections.GetValueOrDefault("instance") ?? [];
        var places = instance.Keys
            .Where(name => name.StartsWith(what, StringComparison.Ordinal) && name.EndsWith($"_{always}", StringComparison.Ordinal))
            .Select(name => int.TryParse(name.AsSpan(what.Length, name.Length - what.Length - always.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1)
            .Where(index => index >= 0).Order();
        foreach (var index in places)
        {
            items.Add(make(index, member => Text("instance", string.Create(CultureInfo.InvariantCulture, $"{what}{index}_{member}"))));
        }

        return [.. items];
    }

    private long? Number(string name) => LuxiSetters.ToLong(Text("instance", name));

    private string? Text(string section, string name) =>
        _sections.GetValueOrDefault(section)?.GetValueOrDefault(name) is string { Length: > 0 } text && text != "None" ? text : null;
}
