using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Shows for both sides of split mirrors who was Primary last, since when each has data of its own, how much would be lost and where the guest runs; with
/// <c>-DiscardNode</c> gives the data of one node up and has it copied from the other, for all split disks of a guest.
/// </summary>
[Cmdlet(VerbsDiagnostic.Resolve, "DrbdSplitBrain", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(DrbdSplitBrainSide), typeof(DrbdDevice), typeof(GntPlanStep))]
public sealed class ResolveDrbdSplitBrainCommand : DrbdChangeCommand
{
    private string? _underWay;

    /// <summary>The node whose data is given up, of all split disks of the guest. Without it, both sides are only shown.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? DiscardNode { get; set; }

    /// <summary>Only write the steps.</summary>
    [Parameter]
    public SwitchParameter Plan { get; set; }

    /// <summary>Return once the sides are connected, and do not follow the resync.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Write both sides as they are afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>
    /// Do not ask, and discard the only UpToDate copy, or what DRBD would put right without discarding anything. A side on which the guest runs is never discarded.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override void Begin()
    {
        base.Begin();
        if (Plan && DiscardNode is null)
        {
            Refuse("There is nothing to plan as long as nobody has decided which side to give up.", "Look without -Plan, then name it with -DiscardNode");
        }
    }

    private protected override void Change(GntConnection connection, IReadOnlyList<DrbdPair> pairs)
    {
        foreach (var stranger in pairs.Where(pair => pair.Side.InstanceName is null))
        {
            WriteError(new GanetiException(GanetiError.DrbdChangeRefused, $"{stranger.Side.Id} is no guest's: Ganeti does not know how its sides are connected.") { Target = stranger.Side, RecommendedAction = "Disable-DrbdDevice removes a minor that nobody needs." });
        }

        var loser = DiscardNode is null ? null : Resolve([DiscardNode], Tables.Nodes).Select(node => node.Name!).FirstOrDefault();
        if (DiscardNode is not null && loser is null)
        {
            return;
        }

        ForEach(pairs.Select(pair => pair.Side.InstanceName).OfType<string>().Distinct(StringComparer.Ordinal), name => OfGuest(connection, name, loser));
    }

    private void OfGuest(GntConnection connection, string name, string? loser)
    {
        // All of its disks, whichever was named: one loser for all of them.
        var selection = new DrbdSelection { WithPeers = true };
        selection.Instances.Add(name);
        var pairs = DrbdPair.Mirrors(ReadPairs(connection, selection));
        var guest = Await(token => connection.Instances.Table.ReadExactAsync(new HashSet<string>(StringComparer.Ordinal) { name }, configurationOnly: true, [], token))[0];
        var split = Await(token => DrbdSplitBrain.LookAsync(connection, guest, pairs, token));
        if (split.Count == 0)
        {
            throw new GanetiException(GanetiError.DrbdStateWrong, $"No disk of {name} is split: {string.Join("; ", pairs.Select(DrbdWatch.Describe))}.") { Target = guest, RecommendedAction = "See Get-DrbdDevice -Problem." };
        }

        if (loser is null)
        {
            WriteObject(split.SelectMany(brain => brain.Sides), enumerateCollection: true);
            return;
        }

        foreach (var brain in split)
        {
            brain.Check(loser, Force);
        }

        var steps = split.SelectMany(brain => brain.Steps(loser)).ToArray();
        if (Plan)
        {
            WriteObject(steps.Select((step, index) => new GntPlanStep { Step = index + 1, Description = step.Text, CommandLine = step.Line }), enumerateCollection: true);
            return;
        }

        var line = string.Join("; ", steps.Select(step => step.Line));
        if (IsApproved(line, Risk.Data, string.Join(" ", split.Select(brain => brain.WarningFor(loser)))))
        {
            Await(token => DiscardAsync(connection, guest, split, loser, line, token));
        }
    }

    private async Task DiscardAsync(GntConnection connection, GntInstance guest, IReadOnlyList<DrbdSplitBrain> split, string loser, string line, CancellationToken cancellationToken)
    {
        var order = new RepairOrder
        {
            Cmdlet = MyInvocation.MyCommand.Name,
            Subject = string.Join(", ", split.Select(brain => brain.Pair.Name)),
            CommandLine = line,
            InstanceName = guest.Name,
            Nodes = [.. split.SelectMany(brain => brain.Pair.Sides).Select(side => side.Node!).Distinct(StringComparer.Ordinal)],
        };
        await using var session = await RepairSession.BeginAsync(connection, order, cancellationToken).ConfigureAwait(false);
        // What was shown may be long ago by the time that it is answered.
        var now = await DrbdSplitBrain.LookAsync(connection, guest, [.. split.Select(brain => brain.Pair)], cancellationToken).ConfigureAwait(false);
        foreach (var brain in now)
        {
            brain.Check(loser, Force);
        }

        _underWay = $"The split brain of {guest.Name} is half resolved: its sides may be apart still. Resolve-DrbdSplitBrain {guest.Name} -DiscardNode {loser} goes on from there; Get-DrbdDevice -Problem shows where it is.";
        var connected = new List<DrbdPair>();
        foreach (var brain in now)
        {
            connected.Add(await brain.DiscardAsync(session, loser, RepairView, cancellationToken).ConfigureAwait(false));
        }

        _underWay = null;
        await session.DoneAsync($"connected again: {string.Join("; ", connected.Select(DrbdWatch.Describe))}", cancellationToken).ConfigureAwait(false);
        foreach (var pair in connected)
        {
            var after = NoWait ? pair : await DrbdWatch.UntilInSyncAsync(connection, pair, RepairView, cancellationToken).ConfigureAwait(false);
            if (PassThru)
            {
                Post(() => WriteObject(after.Sides, enumerateCollection: true));
            }
        }
    }

    private protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (_underWay is { } text)
        {
            _underWay = null;
            SayToHost(text);
        }
    }
}
