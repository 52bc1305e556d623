using System.Globalization;

namespace Ganeti;

/// <summary>How the transfer of a guest's memory to another node goes, as QEMU says.</summary>
public sealed class GntMemoryTransfer
{
    private const double KiB = 1024;
    private const double Megabit = 1_000_000 / 8.0;

    /// <summary>QEMU's word: <c>active</c>, <c>completed</c>, <c>failed</c>, <c>cancelled</c> …</summary>
    public string? Status { get; set; }

    /// <summary>Sent so far, bytes; more than <see cref="Total"/> when memory had to be sent again.</summary>
    public long? Transferred { get; set; }

    /// <summary>Left to send at the moment, bytes.</summary>
    public long? Remaining { get; set; }

    /// <summary>The guest's memory, bytes.</summary>
    public long? Total { get; set; }

    /// <summary>What the guest writes to its memory, bytes a second.</summary>
    public long? DirtyRate { get; set; }

    /// <summary>What gets through, bytes a second.</summary>
    public long? Bandwidth { get; set; }

    /// <summary>How long the guest would stand still if it moved now.</summary>
    public TimeSpan? ExpectedDowntime { get; set; }

    /// <summary>How many times all its memory has been gone through.</summary>
    public long? Rounds { get; set; }

    /// <summary>Derived: whether it goes on.</summary>
    public bool IsActive => Status is "setup" or "active" or "pre-switchover" or "device" or "postcopy-active" or "cancelling" or "wait-unplug";

    /// <summary>
    /// Derived: whether it does not come to its end: its memory has been gone through several times, and in the last round the guest still wrote more than half of
    /// what got through. More than all of it is never counted when the guest writes the same memory again and again, so the half is what QEMU itself takes
    /// for the sign (its <c>throttle-trigger-threshold</c>).
    /// </summary>
    public bool IsDiverging => IsActive && Rounds > 3 && DirtyRate > Bandwidth / 2;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Status}: {Transferred} of {Total} bytes sent, {Remaining} left; the guest writes {DirtyRate} bytes/s, {Bandwidth} bytes/s get through; moved now it would stand still for {ExpectedDowntime?.TotalSeconds:0.#} s");

    /// <summary>From the lines of <c>info migrate</c>; null when there was no migration.</summary>
    /// <remarks><c>transferred ram: 45 kbytes</c>, <c>throughput: 3.21 mbps</c>, <c>dirty pages rate: 12 pages</c> (a second, of <c>page size: 4 kbytes</c>), <c>expected downtime: 300 ms</c>.</remarks>
    internal static GntMemoryTransfer? From(IReadOnlyDictionary<string, string> values)
    {
        if (!values.TryGetValue("Migration status", out var status))
        {
            return null;
        }

        double? Number(string name) => values.TryGetValue(name, out var text) && double.TryParse(text.Split(' ')[0], CultureInfo.InvariantCulture, out var number) ? number : null;
        long? Scaled(string name, double? unit) => Number(name) * unit is { } value and >= 0 and < long.MaxValue ? (long)Math.Round(value) : null;
        var page = Number("page size") * KiB ?? 4096;
        return new GntMemoryTransfer
        {
            Status = status.Split(' ')[0],
            Transferred = Scaled("transferred ram", KiB),
            Remaining = Scaled("remaining ram", KiB),
            Total = Scaled("total ram", KiB),
            DirtyRate = Scaled("dirty pages rate", page),
            Bandwidth = Scaled("throughput", Megabit),
            ExpectedDowntime = Number("expected downtime") is { } wait and >= 0 and < 1e9 ? TimeSpan.FromMilliseconds(wait) : null,
            Rounds = Scaled("dirty sync count", 1),
        };
    }
}
