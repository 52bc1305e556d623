using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Walks the whole procedure for a disk of a node that fails or has failed: moves its guests away while it still works, takes it offline, has the mirrors on it let go, removes its mappings, takes it away, has the
/// volume group give up what is lost, gives it new disks, and rebuilds what has another side (<c>gnt-instance replace-disks</c>). It looks before each step and goes by what it sees, so
/// that one that was broken off is run again.
/// </summary>
[Cmdlet(VerbsDiagnostic.Repair, "GntDisk", DefaultParameterSetName = "Node", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntRepairStep), typeof(GntPlanStep))]
public sealed class RepairGntDiskCommand : GntProcedureCommand
{
    /// <summary>The node that the disk is in, or was.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? Node { get; set; }

    /// <summary>The disk there, by the kernel's name, by path, or by serial number. Left away: what the node has lost already.</summary>
    [Parameter(Position = 1, ParameterSetName = "Node")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Disks, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "BlockDevice")]
    [ValidateNotNullOrEmpty]
    public BlockDevice[]? BlockDevice { get; set; }

    /// <summary>New disks that the volume group is given, by serial number, by the kernel's name or by path. Left away: what is lost is rebuilt on the disks that the group keeps.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] NewDisk { get; set; } = [];

    /// <summary>Guests that run on the node stay there, and work over the network without a disk of their own until it is rebuilt, also where the disk still works and they could be migrated away.</summary>
    [Parameter]
    public SwitchParameter RunDiskless { get; set; }

    /// <summary>How many guests are rebuilt at once.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 1;

    /// <summary>Also where something dies with the disk that has no other side; and do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override string Farewell => "Repair-GntDisk goes on from where it is.";

    private protected override void Process()
    {
        if (ParameterSetName == "BlockDevice")
        {
            Each(BlockDevice!, device => Repair(ConnectionFor(device), device.Node!, device.Name, device.Serial));
            return;
        }

        Each(Resolve([Node!], Tables.Nodes), node => Repair(ConnectionFor(node), node.Name!, Name, null));
    }

    private void Repair(GntConnection connection, string node, string? name, string? serial)
    {
        var order = Await(token => DiskRepair.BindAsync(connection, new DiskRepairOrder { Node = node, Name = name, Serial = serial, NewDisks = NewDisk, RunsDiskless = RunDiskless, Force = Force }, token));
        var repair = new DiskRepair(connection, order, ThrottleLimit, ViewFor(connection));
        if (Plan || IsWhatIf)
        {
            var scene = Await(repair.LookAsync);
            var plan = DiskRepairPlan.Of(scene, order);
            IsPlanned(plan.Steps.Select((step, index) => new GntPlanStep { Step = index + 1, Description = step.Description, CommandLine = step.CommandLine }));
            foreach (var lost in DiskRepair.Hopeless(scene))
            {
                WriteWarning($"{lost} has no other side: it dies with the disk, which takes -Force. Move it away before, where it can still be read (Move-LvmVolume, Move-GntInstance).");
            }

            if (plan.Obstacle is { } obstacle)
            {
                WriteWarning($"{obstacle.Message} {obstacle.RecommendedAction}");
            }

            return;
        }

        Await(repair.RunAsync);
    }
}
