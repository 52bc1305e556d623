namespace Ganeti.Tests.Block;

[Trait("Kind", "unit")]
public sealed class SmartReportTests
{
    // By smartmontools' own names (smartctl.cpp, ataprint.cpp, nvmeprint.cpp); no disk with SMART was at hand to record.
    [Fact]
    public void A_disk_with_platters_tells_its_sectors()
    {
        var health = SmartReport.Read("""
            {"json_format_version":[1,0],"smart_status":{"passed":false},"temperature":{"current":41},"power_on_time":{"hours":30000},"ata_smart_attributes":{"table":[
              {"id":5,"name":"Reallocated_Sector_Ct","raw":{"value":12,"string":"12"}},{"id":197,"name":"Current_Pending_Sector","raw":{"value":8,"string":"8"}},{"id":198,"raw":{"value":3}},{"id":"odd"}]}}
            """)!;

        Assert.Equal((false, 41, TimeSpan.FromHours(30000), 12L, 8L, 3L), (health.IsPassed, health.Temperature, health.PowerOnTime, health.ReallocatedSectors, health.PendingSectors, health.UncorrectableSectors));
        Assert.Equal(
            [BlockDeviceProblemKind.Failing, BlockDeviceProblemKind.BadSectors],
            BlockDiagnosis.Of(new BlockDevice { Node = "h1", Name = "sda", Health = health }, null).Select(problem => problem.Kind!.Value));
    }

    [Fact]
    public void An_NVMe_disk_tells_its_errors_and_its_wear()
    {
        var health = SmartReport.Read("""{"smart_status":{"passed":true,"nvme":{"value":0}},"nvme_smart_health_information_log":{"percentage_used":103,"media_errors":0},"temperature":{"current":30}}""")!;

        Assert.Equal((true, 103.0, 0L, null), (health.IsPassed, health.WearPercent, health.UncorrectableSectors, health.PendingSectors));
        Assert.Empty(BlockDiagnosis.Of(new BlockDevice { Node = "h1", Name = "nvme0n1", Health = health }, null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("smartctl: not found")]
    [InlineData("""{"smartctl":{"exit_status":2,"messages":[{"string":"Device is in STANDBY mode"}]}}""")]
    public void One_that_says_nothing_has_no_health(string text) => Assert.Null(SmartReport.Read(text));
}
