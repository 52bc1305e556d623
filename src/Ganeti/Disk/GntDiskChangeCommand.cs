using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that change disks.</summary>
public abstract class GntDiskChangeCommand : GntPartChangeCommand<GntDisk>
{
    /// <summary>Disks, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Disk")]
    [ValidateNotNullOrEmpty]
    public GntDisk[] Disk { get; set; } = [];

    private protected sealed override GntDisk[] Parts => Disk;

    private protected sealed override IReadOnlyList<GntDisk> PartsOf(GntInstance instance) => instance.Disks ?? [];
}
