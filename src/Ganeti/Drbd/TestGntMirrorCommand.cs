using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Tests the mirrored disks of a cluster, of nodes or of guests: both sides of each, as <c>Get-DrbdDevice -Problem</c> does. Writes an object a mirror, or with <c>-Quiet</c>
/// whether all are well.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "GntMirror", DefaultParameterSetName = "Node")]
[OutputType(typeof(GntMirror), typeof(bool))]
public sealed class TestGntMirrorCommand : GntClusterCommand
{
    private readonly Dictionary<GntConnection, DrbdSelection> _selections = [];
    private bool _areAllWell = true;

    /// <summary>Nodes whose mirrors to test; without it, those of all nodes that can have guests and are not offline.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Guests whose disks to test.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Write only <c>$true</c> when nothing is wrong with any of them, or <c>$false</c>; also when a node could not be asked, which is an error besides.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>With <c>-Quiet</c>: a resync that gets on is not good enough either; every mirror must be able to lose a side now.</summary>
    [Parameter]
    public SwitchParameter InSync { get; set; }

    /// <summary>How far apart the two samples are; a number is seconds. What has not moved between them is stalled.</summary>
    [Parameter]
    [Duration]
    public TimeSpan SampleTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many nodes are asked at once.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    private protected override void Begin()
    {
        if (SampleTime > DrbdExamination.LongestSampleTime)
        {
            Refuse("The two samples can't be more than an hour apart.", "Give -SampleTime some seconds");
        }

        if (InSync && !Quiet)
        {
            Refuse("-InSync says what -Quiet answers; the objects have both IsHealthy and IsInSync.", "Add -Quiet");
        }
    }

    private protected override void Process()
    {
        if (ParameterSetName == "Instance")
        {
            ForEach(Resolve(Instance!, Tables.Instances), instance => SelectionOf(instance).Instances.Add(instance.Name!));
        }
        else if (Node is null)
        {
            SelectionOf(null).All = true;
        }
        else
        {
            ForEach(Resolve(Node, Tables.Nodes), node => SelectionOf(node).Nodes.Add(node.Name!));
        }
    }

    private protected override void End()
    {
        foreach (var (connection, selection) in _selections)
        {
            var examination = new DrbdExamination(connection, selection, ThrottleLimit, SampleTime) { Failed = (exception, target) => Post(() => Fail(exception, target)) };
            try
            {
                foreach (var mirror in Await(examination.RunAsync))
                {
                    _areAllWell &= InSync ? mirror.IsInSync : mirror.IsHealthy;
                    if (!Quiet)
                    {
                        WriteObject(mirror);
                    }
                }
            }
            catch (GanetiException exception) when (_selections.Count > 1)
            {
                // One cluster that fails does not hide the others.
                Fail(exception, connection.Name);
            }
        }

        if (Quiet)
        {
            WriteObject(_areAllWell);
        }
    }

    private void Fail(GanetiException exception, object? target)
    {
        _areAllWell = false;
        WriteError(exception, target);
    }

    private DrbdSelection SelectionOf(GntObject? source)
    {
        var connection = ConnectionFor(source);
        if (!_selections.TryGetValue(connection, out var selection))
        {
            _selections.Add(connection, selection = new DrbdSelection());
        }

        return selection;
    }
}
