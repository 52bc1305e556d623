using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that change network cards.</summary>
public abstract class GntNicChangeCommand : GntPartChangeCommand<GntNic>
{
    /// <summary>Places of the cards among the guest's, from 0.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Instance")]
    [ValidateRange(0, int.MaxValue)]
    public int[] Index { get; set; } = [];

    /// <summary>Network cards, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Nic")]
    [ValidateNotNullOrEmpty]
    public GntNic[] Nic { get; set; } = [];

    private protected sealed override GntNic[] Parts => Nic;

    private protected sealed override int[]? Places => Index;

    private protected sealed override IReadOnlyList<GntNic> PartsOf(GntInstance instance) => instance.Nics ?? [];
}
