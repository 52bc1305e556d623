using System.Globalization;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>Gives a side that is no guest's its disk back, as Ganeti does it (lib/storage/drbd_cmdgen.py): activity log applied, flexible external meta data.</summary>
internal sealed record DrbdAttach : DrbdSideChange
{
    internal required string BackingDevice { get; init; }

    internal required string MetaDevice { get; init; }

    /// <summary>Bytes; null for all that the volume has.</summary>
    internal long? Size { get; init; }

    internal override string? Missing(DrbdDevice? side, DrbdDevice? other) =>
        side?.DiskState is null or DrbdDiskState.Diskless or DrbdDiskState.Failed or DrbdDiskState.Attaching ? $"the disk state is {side?.DiskStateText ?? "not there"}" : null;

    internal override IReadOnlyList<RemoteCommand> Commands(DrbdPair pair)
    {
        string[] size = Size is { } bytes ? [string.Create(CultureInfo.InvariantCulture, $"--size={bytes / 512}s")] : [];
        return
        [
            new RemoteCommand("drbdmeta", pair.Side.Device!, "v08", MetaDevice, "flex-external", "apply-al"),
            Drbdsetup(["attach", Number(pair.Side), BackingDevice, MetaDevice, "flexible", "--on-io-error=detach", .. size]),
        ];
    }

    protected override GanetiException? Refusal(DrbdPair pair) => pair.Side.DiskState == DrbdDiskState.Diskless || pair.Side.ConnectionState == DrbdConnectionState.Unconfigured
        ? null
        : Wrong(pair, $"is {pair.Side.DiskStateText}: a disk can be given to a Diskless one only.", "See it with Get-DrbdDevice.");

    internal override GanetiException? Explain(DrbdPair pair, string words) => words.Contains("(150)", StringComparison.Ordinal)
        ? new GanetiException(GanetiError.DrbdChangeRefused, $"{DrbdWords.Of(pair.Side)} is Primary without data, and DRBD takes only the very data that it lost; what is on {BackingDevice} is older or newer ({words}).")
        {
            Target = pair.Side,
            RecommendedAction = "Have it connected to the other side first, which has the data; then once more. The disk is brought up to date from there.",
        }
        : null;
}
