namespace Ganeti;

/// <summary>A connection of DRBD that this module has cut and that is not left to itself again yet: it is held down, or its reset was broken off.</summary>
public sealed class DrbdConnectionReset : GntObject
{
    /// <summary>The node that holds it down.</summary>
    public string? Node { get; set; }

    /// <summary>Marks it: in the rule's name or comment, in the name of the node's timer, in the journal.</summary>
    public string? Id { get; set; }

    /// <summary>How it was cut.</summary>
    public DrbdResetMethod? Method { get; set; }

    /// <summary>The minor number on that node.</summary>
    public int? Minor { get; set; }

    /// <summary>The TCP port of the mirror.</summary>
    public int? Port { get; set; }

    /// <summary>That node's address.</summary>
    public string? LocalAddress { get; set; }

    /// <summary>The other side's address.</summary>
    public string? PeerAddress { get; set; }

    /// <summary>The guest whose disk it is, or null.</summary>
    public string? InstanceName { get; set; }

    /// <summary>Who cut it: user and machine of the client.</summary>
    public string? Operator { get; set; }

    /// <summary>Whether both sides were Primary: connected again so, they are split.</summary>
    public bool? IsDualPrimary { get; set; }

    /// <summary>When the node's watchdog undoes it by itself; null for rules that have lost their watchdog.</summary>
    public DateTimeOffset? Deadline { get; set; }

    /// <summary>What the node said when it could not be undone, or null.</summary>
    public string? UndoError { get; set; }

    /// <summary>Derived: whether nothing will undo it by itself.</summary>
    public bool IsStray => Deadline is null;

    internal override string? Key => Id is null ? null : $"{Node}/{Id}";
}

/// <summary>How a connection of DRBD is cut, from the least invasive on.</summary>
public enum DrbdResetMethod
{
    /// <summary>A word that this version does not know.</summary>
    Unrecognized = 0,

    /// <summary>The first of the others that the node can do and that does what is asked for.</summary>
    Auto = 1,

    /// <summary>
    /// The connection's two TCP sockets are destroyed (<c>ss --kill</c>). DRBD connects again by itself and nothing is left to undo; it can't hold a link down.
    /// Needs a kernel with CONFIG_INET_DIAG_DESTROY.
    /// </summary>
    Socket = 2,

    /// <summary>Rules in a table of their own answer every packet of exactly this connection with a TCP reset (<c>nft</c>).</summary>
    Nftables = 3,

    /// <summary>The same with <c>iptables</c>, as the page did it, where a node uses that.</summary>
    Iptables = 4,

    /// <summary>
    /// <c>drbdsetup disconnect --force</c>, then <c>connect</c> with the whole configuration, which was saved on the node before: StandAlone forgets it.
    /// Needs DRBD 8.4.
    /// </summary>
    Disconnect = 5,
}
