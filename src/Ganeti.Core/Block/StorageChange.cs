using Ganeti.Remote;

namespace Ganeti;

/// <summary>A change of what a node stores on: what speaks against it, what it puts at stake, the commands, and how it is seen that it was made.</summary>
internal abstract record StorageChange
{
    /// <summary>The node.</summary>
    internal required string Node { get; init; }

    /// <summary>What is changed, for people: <c>kvmvg/disk0</c>.</summary>
    internal required string Subject { get; init; }

    /// <summary>Whether the operator has said that it is to be done all the same.</summary>
    internal bool Force { get; init; }

    /// <summary>The name in errors and leases.</summary>
    internal string Id => $"{Node}/{Subject}";

    /// <summary>The change of the very thing that has its name now: what has the name later may be another.</summary>
    internal virtual StorageChange Bound(NodeStorage storage) => this;

    /// <summary>What is not so yet that is to be so, in words; null when nothing is left to do.</summary>
    internal abstract string? Missing(NodeStorage storage);

    /// <summary>Whether it is well when it is so already; what makes or removes something is to find it so.</summary>
    internal virtual bool MayBeSoAlready => true;

    /// <summary>Why it must not be, or null.</summary>
    internal abstract GanetiException? Refusal(NodeStorage storage);

    /// <summary>The commands on the node, one after the other.</summary>
    internal abstract IReadOnlyList<RemoteCommand> Commands(NodeStorage storage);

    /// <summary>What is lost by it; null for nothing.</summary>
    internal virtual string? Stake(NodeStorage storage) => null;

    /// <summary>The guest whose disk it is, which no job may be working on; null for what is no guest's.</summary>
    internal virtual string? Guest(NodeStorage storage) => null;

    /// <summary>Further guests with something on it, which no job may be working on.</summary>
    internal virtual IReadOnlyList<string> OtherGuests(NodeStorage storage) => [];

    /// <summary>What was made or changed, as it is now; null when it is gone.</summary>
    internal virtual GntObject? Result(NodeStorage storage) => null;

    /// <summary>How far it is, 0 to 100, where it takes its time; null when it does not.</summary>
    internal virtual double? Progress(NodeStorage storage) => null;

    /// <summary>What to say when it was not seen to be made, where more is known than that.</summary>
    internal virtual GanetiException? Unseen() => null;

    /// <summary>How long it may take to be seen.</summary>
    internal virtual TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>The commands as a person would type them, one for each.</summary>
    internal virtual IReadOnlyList<string> Lines(NodeStorage storage) => [.. Commands(storage).Select(command => command.ToString())];

    /// <summary>All of them, with their node.</summary>
    internal string CommandLine(NodeStorage storage) => $"{Node}: {string.Join(" && ", Lines(storage))}";

    private protected GanetiException Wrong(string why, string next) => Refused(GanetiError.StorageStateWrong, why, next);

    private protected GanetiException Refused(GanetiError error, string why, string next) => new(error, $"{Id} {why}") { Target = Id, RecommendedAction = next };

    private protected static string Bytes(long size) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{size}b");
}
