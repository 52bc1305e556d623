namespace Ganeti.Tests.Block;

[Trait("Kind", "unit")]
public sealed class KernelIOErrorsTests
{
    // The lines of several kernels as their sources print them.
    [Theory]
    [InlineData("2026-11-24T09:15:09,123456+00:00 I/O error, dev sdb, sector 2048 op 0x0:(READ) flags 0x800 phys_seg 1 prio class 2", "sdb", "READ", 2048L, 9)]
    [InlineData("2026-11-24T09:15:09,123456+00:00 blk_update_request: critical medium error, dev nvme0n1, sector 7 op 0x1:(WRITE) flags 0x0", "nvme0n1", "WRITE", 7L, 9)]
    [InlineData("2026-11-24T09:15:09.123456+0000 g1 kernel: Buffer I/O error on dev dm-3, logical block 12, lost async page write", "dm-3", null, 12L, 9)]
    [InlineData("[  123.456] end_request: I/O error, dev sda, sector 99", "sda", null, 99L, null)]
    [InlineData("[  123.456] Buffer I/O error on device sda1, logical block 5", "sda1", null, 5L, null)]
    public void An_error_has_its_device_time_operation_and_place(string line, string device, string? operation, long? sector, int? second)
    {
        var errors = KernelIOErrors.Parse($"2026-11-24T09:15:08,1+00:00 something else\n{line}\n");

        var error = Assert.Single(errors[device]);
        Assert.Equal((operation, sector, second), (error.Operation, error.Sector, error.Time?.Second));
        Assert.Single(errors);
        Assert.DoesNotContain("2026", error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_of_mirrors_are_not_those_of_disks() => Assert.Empty(KernelIOErrors.Parse("[ 1.0] block drbd4: local WRITE IO error sector 0+128 on dm-4\n[ 2.0] block drbd2: we had at least one MD IO ERROR during bitmap IO"));
}
