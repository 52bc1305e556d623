using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Makes guests' disks ready on their nodes, or with <c>-Recreate</c> makes empty ones in the place of lost ones. Stands for
/// <c>gnt-instance activate-disks</c> and <c>gnt-instance recreate-disks</c>.
/// </summary>
[Cmdlet(VerbsLifecycle.Enable, "GntDisk", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntDisk), typeof(GntJob))]
public sealed class EnableGntDiskCommand : GntDiskChangeCommand
{
    private readonly Dictionary<(string Instance, int Index), string> _devices = [];

    /// <summary>With <c>-Recreate</c>: places of the disks among the guest's, from 0; without it all. Disks are made ready all together.</summary>
    [Parameter(Position = 1, ParameterSetName = "Instance")]
    [ValidateRange(0, int.MaxValue)]
    public int[]? Index { get; set; }

    /// <summary>Go by the size that the devices have, not by the one in the configuration.</summary>
    [Parameter]
    public SwitchParameter IgnoreSize { get; set; }

    /// <summary>Wait until mirrored disks are in sync.</summary>
    [Parameter]
    public SwitchParameter WaitForSync { get; set; }

    /// <summary>
    /// Make the disks anew, empty: for a stopped guest whose disks are lost. What is left of their data is lost too; asks, unless <c>-Force</c> is given.
    /// </summary>
    [Parameter]
    public SwitchParameter Recreate { get; set; }

    /// <summary>With <c>-Recreate</c>: the nodes for the new disks, primary first; all disks are made anew then.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    [ValidateCount(1, 2)]
    public GntNode[]? Node { get; set; }

    /// <summary>With <c>-Recreate</c>: the allocator that chooses the nodes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Allocator { get; set; }

    /// <summary>With <c>-Recreate</c>: another size than before, bytes.</summary>
    [Parameter]
    [Size]
    public long? Size { get; set; }

    /// <summary>With <c>-Recreate</c>: spindles that the disks count as.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Spindles { get; set; }

    /// <summary>Do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Write the disks as they are after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override bool IsPassThru => PassThru;

    private protected override bool IsForced => Force;

    private protected override int[]? Places => Index;

    private protected override void Begin()
    {
        base.Begin();
        RefuseTogether(Recreate && (IgnoreSize || WaitForSync), "-Recreate", "-IgnoreSize or -WaitForSync", "new disks have the size and state that they are made with");
        RefuseTogether(Node is not null && Allocator is not null, "-Node", "-Allocator", "one of them chooses the nodes");
        RefuseTogether(!Recreate && (Node ?? (object?)Allocator ?? Size ?? (object?)Spindles ?? Index) is not null, "-Index, -Node, -Allocator, -Size or -Spindles", "an activation", "they are for disks that are made anew (-Recreate)");
    }

    private protected override Change ChangeOf(GntInstance instance, IReadOnlyList<GntDisk> parts)
    {
        if (!Recreate)
        {
            return new Change(new InstanceActivateDisks
            {
                InstanceName = instance.Name!,
                IgnoreSize = OnlyIf(IgnoreSize),
                WaitForSync = OnlyIf(WaitForSync),
            });
        }

        // Ganeti notes the size before it makes the disk: where an old one is still in the way, it would be taken for smaller than it is from then on.
        if (parts.FirstOrDefault(disk => disk.Size > Size) is { } larger)
        {
            throw new GanetiException(GanetiError.ParameterInvalid, $"{larger} was larger ({Views.ViewFormat.Size(larger.Size)}); disks can't be made smaller in their place.")
            {
                Target = larger,
                RecommendedAction = "Remove it (Remove-GntDisk) and add a smaller one (Add-GntDisk).",
            };
        }

        var changes = new GntParameters();
        if (Size is { } size)
        {
            changes["size"] = InstanceParameters.Mebibytes(size);
        }

        if (Spindles is { } spindles)
        {
            changes["spindles"] = spindles;
        }

        var isAll = parts.Count == (instance.Disks?.Length ?? 0) && changes.Count == 0;
        var recreate = new InstanceRecreateDisks
        {
            InstanceName = instance.Name!,
            Disks = isAll ? null : [.. parts.Select(disk => new object[] { disk.Index ?? 0, changes })],
            Nodes = Node is null ? null : Array.ConvertAll(Node, node => node.Name ?? string.Empty),
            Iallocator = Allocator,
        };
        return new Change(recreate, Risk.Data, $"{string.Join(", ", parts)}: made anew and empty; what is left of the data is lost.");
    }

    // An activation answers [[node, "disk/0", device], …].
    private protected override void Succeeded(object subject, GntJob job)
    {
        foreach (var row in job.Operations?.FirstOrDefault(operation => operation.OpId == "OP_INSTANCE_ACTIVATE_DISKS")?.Result as object?[] ?? [])
        {
            if (row is object?[] { Length: >= 3 } device && device[1] is string name && device[2] is string path
                && int.TryParse(name.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture, out var index))
            {
                _devices[(((GntInstance)subject).Name!, index)] = path;
            }
        }
    }

    private protected override object Completed(GntDisk part)
    {
        part.Device = _devices.GetValueOrDefault((part.InstanceName ?? string.Empty, part.Index ?? -1));
        var written = PSObject.AsPSObject(part);
        if (part.Device is not null)
        {
            // The table that shows what one activates disks for.
            written.TypeNames.Insert(0, "Ganeti.GntDisk#Device");
        }

        return written;
    }
}
