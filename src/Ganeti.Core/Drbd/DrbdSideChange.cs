using System.Globalization;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>A change of one side of a mirror by DRBD's own tools: what speaks against it, what it puts at stake, the commands, and how it is seen that it was made.</summary>
internal abstract record DrbdSideChange
{
    /// <summary>What is not so yet that is to be so, in words; null when nothing is left to do.</summary>
    /// <param name="side">The side as it is; null when it is gone.</param>
    /// <param name="other">The other side; null when it is gone or its node did not answer.</param>
    internal abstract string? Missing(DrbdDevice? side, DrbdDevice? other);

    /// <summary>What is put at stake; null for nothing.</summary>
    internal virtual DrbdStake? Stake(DrbdPair pair) => null;

    /// <summary>The commands on the side's node, one after the other.</summary>
    internal abstract IReadOnlyList<RemoteCommand> Commands(DrbdPair pair);

    /// <summary>Why it must not be, or null.</summary>
    protected abstract GanetiException? Refusal(DrbdPair pair);

    /// <summary>What is to be made of DRBD's own refusal where more is known than its words.</summary>
    internal virtual GanetiException? Explain(DrbdPair pair, string words) => null;

    /// <summary>Refuses what must not be.</summary>
    /// <exception cref="GanetiException">It must not be: why, and what to do in its place.</exception>
    internal void Check(DrbdPair pair)
    {
        if (pair.Side.ModuleVersion?.StartsWith("8.", StringComparison.Ordinal) == false)
        {
            throw new GanetiException(GanetiError.DrbdVersionUnsupported, $"{pair.Side.Node} has DRBD {pair.Side.ModuleVersion}; changes are made on DRBD 8 only, which is what Ganeti works with.")
            {
                Target = pair.Side,
                RecommendedAction = "Use drbdadm and drbdsetup of that version on the node.",
            };
        }

        if (Refusal(pair) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>The commands as a person would type them, with their node.</summary>
    internal string CommandLine(DrbdPair pair) => $"{pair.Side.Node}: {string.Join(" && ", Commands(pair))}";

    private protected static GanetiException Wrong(DrbdPair pair, string why, string next) => new(GanetiError.DrbdStateWrong, $"{DrbdWords.Of(pair.Side)} {why}") { Target = pair.Side, RecommendedAction = next };

    private protected static RemoteCommand Drbdsetup(params string[] arguments) => new("drbdsetup", arguments);

    private protected static string Number(DrbdDevice side) => side.Minor!.Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a change puts at stake.</summary>
/// <param name="Text">A sentence, for the question.</param>
/// <param name="StopsGuest">Whether a guest may stop by it.</param>
internal sealed record DrbdStake(string Text, bool StopsGuest);

/// <summary>Words for people about sides of mirrors.</summary>
internal static class DrbdWords
{
    /// <summary>Which one: <c>g1.example.com/drbd1 (vm1.example.com, disk 0)</c>.</summary>
    internal static string Of(DrbdDevice side) => side.InstanceName is { } guest ? string.Create(CultureInfo.InvariantCulture, $"{side.Id} ({guest}, disk {side.DiskIndex})") : side.Id;

    /// <summary>Why no good copy on the other side of a mirror is known; null when there is one.</summary>
    internal static string? WhyNoOther(long? minor, DrbdDevice? side) => side is null ? $"drbd{minor} is down, and whether the other side is good is not known"
        : side is { IsConnected: true, PeerDiskState: DrbdDiskState.UpToDate } ? null : $"drbd{minor} is {StateOf(side)}";

    /// <summary>How it is: <c>StandAlone Secondary/Unknown UpToDate/DUnknown</c>.</summary>
    internal static string StateOf(DrbdDevice? side) => side is null ? "not there" : $"{side.ConnectionStateText} {side.RoleText}/{side.PeerRoleText} {side.DiskStateText}/{side.PeerDiskStateText}";

    /// <summary>How both sides are.</summary>
    internal static string StateOf(DrbdPair pair, DrbdDevice? side, DrbdDevice? other) =>
        $"{pair.Side.Id} is {StateOf(side)}" + (pair.Other is null && other is null ? string.Empty : $", {pair.Other?.Id ?? other!.Id} is {StateOf(other)}");

    /// <summary>The parameters that name the side: <c>-Node g1.example.com -Minor 1</c>.</summary>
    internal static string Parameters(DrbdDevice side) => string.Create(CultureInfo.InvariantCulture, $"-Node {side.Node} -Minor {side.Minor}");

    /// <summary>An end of a connection as drbdsetup takes it: <c>ipv4:192.0.2.1:11000</c>.</summary>
    internal static string Address(string? address, int? port) => address?.Contains(':', StringComparison.Ordinal) == true
        ? string.Create(CultureInfo.InvariantCulture, $"ipv6:[{address}]:{port}")
        : string.Create(CultureInfo.InvariantCulture, $"ipv4:{address}:{port}");
}
