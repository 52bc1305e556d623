using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that change logical volumes that are there.</summary>
public abstract class LvmVolumeChangeCommand : StorageChangeCommand
{
    /// <summary>The node that the volumes are on.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? Node { get; set; }

    /// <summary>The volumes there, as <c>group/name</c> or by path; these very names.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Node")]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Volumes, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmVolume")]
    [ValidateNotNullOrEmpty]
    public LvmVolume[]? LvmVolume { get; set; }

    /// <summary>Do not ask, also for a volume that a guest has.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    /// <summary>The change of a volume.</summary>
    private protected abstract LvmVolumeChange ChangeOf(string node, string group, string name);

    private protected override void Process()
    {
        if (ParameterSetName == "LvmVolume")
        {
            ForEach(LvmVolume!, volume => Order(volume, volume.Node, volume, _ => [ChangeOf(volume.Node!, volume.VolumeGroup!, volume.Name!) with { Uuid = volume.Uuid }]));
            return;
        }

        ForEach(Resolve([Node!], Tables.Nodes), node => ForEach(Name!, name =>
        {
            var (group, volume) = Split(name);
            Order(node, node.Name, name, _ => [ChangeOf(node.Name!, group, volume)]);
        }));
    }

    private static (string Group, string Name) Split(string name) => (name.StartsWith("/dev/", StringComparison.Ordinal) ? name["/dev/".Length..] : name).Split('/') is [{ Length: > 0 } group, { Length: > 0 } volume]
        ? (group, volume)
        : throw new GanetiException(GanetiError.ParameterInvalid, $"'{name}' does not say which volume of which group.") { Target = name, RecommendedAction = "Write group/name, or /dev/group/name." };
}
