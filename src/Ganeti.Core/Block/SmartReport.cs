using Ganeti.Luxi;

namespace Ganeti;

/// <summary>Reads <c>smartctl --json</c> (smartmontools 7 and later).</summary>
internal static class SmartReport
{
    // Of ATA, by number; their names differ from table to table.
    private const long Reallocated = 5;
    private const long Pending = 197;
    private const long Uncorrectable = 198;

    /// <summary>What the disk says; null when it says nothing, as one that has no SMART or sleeps.</summary>
    internal static BlockDeviceHealth? Read(string json)
    {
        if (LuxiJson.ParseObject(json) is not { } report || (report.GetValueOrDefault("smart_status") ?? report.GetValueOrDefault("ata_smart_attributes") ?? report.GetValueOrDefault("nvme_smart_health_information_log")) is null)
        {
            return null;
        }

        var nvme = report.GetValueOrDefault("nvme_smart_health_information_log") as GntParameters;
        var attributes = (Member(report, "ata_smart_attributes", "table") as object?[] ?? []).OfType<GntParameters>()
            .Where(row => row.GetValueOrDefault("id") is long).DistinctBy(row => row["id"]).ToDictionary(row => (long)row["id"]!, row => LuxiSetters.ToLong(Member(row, "raw", "value")));
        return new BlockDeviceHealth
        {
            IsPassed = Member(report, "smart_status", "passed") as bool?,
            Temperature = (int?)LuxiSetters.ToLong(Member(report, "temperature", "current")),
            PowerOnTime = LuxiSetters.ToLong(Member(report, "power_on_time", "hours")) is >= 0 and < 10_000_000 and var hours ? TimeSpan.FromHours(hours) : null,
            ReallocatedSectors = attributes.GetValueOrDefault(Reallocated) ?? LuxiSetters.ToLong(report.GetValueOrDefault("scsi_grown_defect_list")),
            PendingSectors = attributes.GetValueOrDefault(Pending),
            UncorrectableSectors = attributes.GetValueOrDefault(Uncorrectable) ?? LuxiSetters.ToLong(nvme?.GetValueOrDefault("media_errors")),
            WearPercent = LuxiSetters.ToDouble(nvme?.GetValueOrDefault("percentage_used")),
        };
    }

    private static object? Member(GntParameters of, string name, string inner) => (of.GetValueOrDefault(name) as GntParameters)?.GetValueOrDefault(inner);
}
