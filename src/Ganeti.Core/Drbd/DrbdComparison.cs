namespace Ganeti;

/// <summary>What the two sides' data is to each other.</summary>
internal enum DrbdLineage
{
    /// <summary>Both never had data.</summary>
    BothNew,

    /// <summary>The same generation.</summary>
    Same,

    /// <summary>This side went on from what the other one has.</summary>
    ThisIsNewer,

    /// <summary>The other side went on from what this one has.</summary>
    OtherIsNewer,

    /// <summary>Both went on by themselves from the same data.</summary>
    SplitBrain,

    /// <summary>They have nothing in common.</summary>
    Unrelated,
}

/// <summary>How DRBD itself would judge two sides when they meet.</summary>
/// <param name="Result">Its own number: 1 and 2 make this side the source of a resync, -1 and -2 its target, 2 of everything; 100 and -100 are a split brain, -1000 unrelated data.</param>
/// <param name="Rule">The number of the rule by which it came to that, as in the kernel's log.</param>
/// <remarks>The rules of <c>drbd_uuid_compare</c> (drbd_receiver.c of 8.4) with protocol 96 or later; the log has them as <c>uuid_compare()=100 by rule 90</c>.</remarks>
internal readonly record struct DrbdComparison(int Result, int Rule)
{
    private const ulong JustCreated = 4;
    private const ulong BitmapOffset = 0x0001_0000_0000_0000;

    internal DrbdLineage Lineage => (Result, Rule) switch
    {
        (0, 10) => DrbdLineage.BothNew,
        (0, _) => DrbdLineage.Same,
        (1 or 2, _) => DrbdLineage.ThisIsNewer,
        (-1 or -2, _) => DrbdLineage.OtherIsNewer,
        (100 or -100, _) => DrbdLineage.SplitBrain,
        _ => DrbdLineage.Unrelated,
    };

    /// <summary>Whether everything has to be copied, not only what is marked.</summary>
    internal bool IsFull => Math.Abs(Result) == 2;

    /// <summary>Compares two sides, from the view of the first.</summary>
    internal static DrbdComparison Of(DrbdGeneration self, DrbdGeneration peer, DrbdRole? selfRole = null, DrbdRole? peerRole = null)
    {
        var mine = self.Values();
        var theirs = peer.Values();
        if (mine[0] == JustCreated && theirs[0] == JustCreated)
        {
            return new(0, 10);
        }

        if (mine[0] is JustCreated or 0 && theirs[0] != JustCreated)
        {
            return new(-2, 20);
        }

        if (theirs[0] is JustCreated or 0)
        {
            return new(2, 30);
        }

        return mine[0] == theirs[0]
            ? OfEqual(mine, theirs, (self.IsCrashedPrimary == true, peer.IsCrashedPrimary == true), (selfRole == DrbdRole.Primary, peerRole == DrbdRole.Primary))
            : OfDifferent(mine, theirs);
    }

    // One of them may have missed the end of a resync; or both stopped at once, and then it counts who was Primary.
    private static DrbdComparison OfEqual(ulong[] mine, ulong[] theirs, (bool Mine, bool Theirs) crashed, (bool Mine, bool Theirs) primary) => (mine[1], theirs[1]) switch
    {
        (not 0, 0) => new(1, mine[1] == theirs[2] && mine[2] == theirs[3] ? 34 : 36),
        (0, not 0) => new(-1, mine[2] == theirs[1] && mine[3] == theirs[2] ? 35 : 37),
        _ when crashed is (false, false) => new(0, 40),
        _ when primary is (true, true) => new(-100, 41),
        _ when primary is not (false, false) => new(primary.Mine ? 1 : -1, 41),
        _ => new(crashed.Mine ? 1 : -1, 40),
    };

    private static DrbdComparison OfDifferent(ulong[] mine, ulong[] theirs)
    {
        if (mine[0] == theirs[1])
        {
            return new(-1, 50);
        }

        // The start of a resync that did not get through.
        if (mine[0] == theirs[2] && theirs[2] + BitmapOffset == theirs[1])
        {
            return new(-1, 51);
        }

        if (theirs.AsSpan(2).Contains(mine[0]))
        {
            return new(-2, 60);
        }

        if (mine[1] == theirs[0])
        {
            return new(1, 70);
        }

        if (mine[2] == theirs[0] && mine[2] + BitmapOffset == mine[1])
        {
            return new(1, 71);
        }

        if (mine.AsSpan(2).Contains(theirs[0]))
        {
            return new(2, 80);
        }

        return mine[1] == theirs[1] && mine[1] != 0 ? new(100, 90)
            : mine[2..].Intersect(theirs[2..]).Any() ? new(-100, 100)
            : new(-1000, 100);
    }
}
