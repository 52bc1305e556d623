using Ganeti.Luxi;

namespace Ganeti;

/// <summary>What was done on a node by this module, outside Ganeti's own jobs: a line of the node's journal.</summary>
/// <remarks><c>/var/lib/ganeti-powershell/history</c> on each node: the node's time, a tab, one object in JSON.</remarks>
public sealed class GntHistoryEntry : GntObject
{
    /// <summary>The node whose journal it is in.</summary>
    public string? Node { get; set; }

    /// <summary>When, by the node's clock.</summary>
    public DateTimeOffset? Time { get; set; }

    /// <summary>The same for all entries of one repair.</summary>
    public string? Id { get; set; }

    /// <summary>Who: user and machine of the client.</summary>
    public string? Operator { get; set; }

    /// <summary>The cmdlet.</summary>
    public string? Cmdlet { get; set; }

    /// <summary>The guest whose disks were touched, or null.</summary>
    public string? InstanceName { get; set; }

    /// <summary>What was touched: a device, a mapping, a volume.</summary>
    public string? Subject { get; set; }

    /// <summary>What happened.</summary>
    public GntHistoryEvent? Event { get; set; }

    /// <summary>What happened, as the journal has it.</summary>
    public string? EventText { get; set; }

    /// <summary>The command that was run, or what was seen.</summary>
    public string? Message { get; set; }

    /// <summary>Of a repair under way: until when its lease holds if its client dies now.</summary>
    public DateTimeOffset? LeaseEnds { get; set; }

    internal override string? Key => Time is null ? null : $"{Node}/{Time.Value.ToUnixTimeSeconds()}/{Id}/{EventText}/{Message}";

    /// <inheritdoc/>
    public override string ToString() => $"{Cmdlet} {Subject ?? InstanceName}: {EventText}";

    /// <summary>What the journal keeps of it; time and node are the journal's own.</summary>
    internal string ToJson() => LuxiJson.ToText(new GntParameters
    {
        [nameof(Id)] = Id,
        [nameof(Operator)] = Operator,
        [nameof(Cmdlet)] = Cmdlet,
        [nameof(InstanceName)] = InstanceName,
        [nameof(Subject)] = Subject,
        [nameof(Event)] = EventText ?? Event?.ToString(),
        [nameof(Message)] = Message,
    });

    /// <summary>Reads one; null when it is none.</summary>
    internal static GntHistoryEntry? Parse(string json)
    {
        if (LuxiJson.ParseObject(json) is not { } members)
        {
            return null;
        }

        string? Text(string name) => members.GetValueOrDefault(name) is string text ? RemoteText.Printable(text) : null;
        return new GntHistoryEntry
        {
            Id = Text(nameof(Id)),
            Operator = Text(nameof(Operator)),
            Cmdlet = Text(nameof(Cmdlet)),
            InstanceName = Text(nameof(InstanceName)),
            Subject = Text(nameof(Subject)),
            EventText = Text(nameof(Event)),
            Event = Text(nameof(Event)) is { } what ? LuxiSetters.ToEnum<GntHistoryEvent>(what) : null,
            Message = Text(nameof(Message)),
        };
    }
}

/// <summary>What an entry of a node's journal tells.</summary>
public enum GntHistoryEvent
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>A repair has begun.</summary>
    Begun = 1,

    /// <summary>A step of it is about to be made: the command.</summary>
    Step = 2,

    /// <summary>It is done and was verified.</summary>
    Done = 3,

    /// <summary>It failed, or was broken off: what was seen.</summary>
    Failed = 4,

    /// <summary>The node itself has undone a step at its deadline.</summary>
    Undone = 5,

    /// <summary>The node could not undo a step: somebody has to look.</summary>
    UndoFailed = 6,

    /// <summary>A repair that is under way now: it holds a lease.</summary>
    UnderWay = 7,
}
