using Ganeti.Luxi;

namespace Ganeti;

/// <summary>What guests may look like (<c>ipolicy</c>): bounds, the standard guest that capacity is counted in, ratios.</summary>
public sealed class GntInstancePolicy
{
    /// <summary>The allowed ranges; a guest must fit one of them.</summary>
    public GntInstanceBounds[]? Bounds { get; set; }

    /// <summary>The standard guest.</summary>
    public GntInstanceSpecification? Standard { get; set; }

    /// <summary>The disk templates that may be used.</summary>
    public string[]? DiskTemplates { get; set; }

    /// <summary>Virtual processors a physical one may carry.</summary>
    public double? VCpuRatio { get; set; }

    /// <summary>Guests a spindle may carry.</summary>
    public double? SpindleRatio { get; set; }

    /// <summary>Memory that may be given out for memory that is there; null where the version has no such ratio.</summary>
    public double? MemoryRatio { get; set; }

    internal static GntInstancePolicy FromMembers(GntParameters members)
    {
        members.TryGetValue("minmax", out var minmax);
        return new GntInstancePolicy
        {
            Bounds = LuxiSetters.ToArray(minmax, item => new GntInstanceBounds
            {
                Minimum = GntInstanceSpecification.FromMembers((item as GntParameters)?.GetValueOrDefault("min")),
                Maximum = GntInstanceSpecification.FromMembers((item as GntParameters)?.GetValueOrDefault("max")),
            }),
            Standard = GntInstanceSpecification.FromMembers(members.GetValueOrDefault("std")),
            DiskTemplates = LuxiSetters.ToArray(members.GetValueOrDefault("disk-templates"), item => LuxiSetters.ToText(item) ?? string.Empty),
            VCpuRatio = LuxiSetters.ToDouble(members.GetValueOrDefault("vcpu-ratio")),
            SpindleRatio = LuxiSetters.ToDouble(members.GetValueOrDefault("spindle-ratio")),
            MemoryRatio = LuxiSetters.ToDouble(members.GetValueOrDefault("memory-ratio")),
        };
    }
}

/// <summary>A range of guests, from the smallest to the largest.</summary>
public sealed class GntInstanceBounds
{
    /// <summary>The smallest.</summary>
    public GntInstanceSpecification? Minimum { get; set; }

    /// <summary>The largest.</summary>
    public GntInstanceSpecification? Maximum { get; set; }
}

/// <summary>The size of a guest.</summary>
public sealed class GntInstanceSpecification
{
    /// <summary>Memory, bytes.</summary>
    public long? Memory { get; set; }

    /// <summary>Virtual processors.</summary>
    public int? VCpu { get; set; }

    /// <summary>Size of each disk, bytes.</summary>
    public long? DiskSize { get; set; }

    /// <summary>Number of disks.</summary>
    public int? DiskCount { get; set; }

    /// <summary>Number of network cards.</summary>
    public int? NicCount { get; set; }

    /// <summary>Spindles it counts as.</summary>
    public int? SpindleUse { get; set; }

    internal static GntInstanceSpecification? FromMembers(object? value)
    {
        if (value is not GntParameters members)
        {
            return null;
        }

        long? Number(string name) => LuxiSetters.ToLong(members.GetValueOrDefault(name));
        return new GntInstanceSpecification
        {
            Memory = Number("memory-size") * LuxiSetters.Mebibyte,
            VCpu = (int?)Number("cpu-count"),
            DiskSize = Number("disk-size") * LuxiSetters.Mebibyte,
            DiskCount = (int?)Number("disk-count"),
            NicCount = (int?)Number("nic-count"),
            SpindleUse = (int?)Number("spindle-use"),
        };
    }
}
