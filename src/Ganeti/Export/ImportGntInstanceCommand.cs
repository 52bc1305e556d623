using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Makes guests of exports: has the scripts of the OS definition read the dumps back. Under another name a guest gets new MAC addresses. Stands for
/// <c>gnt-backup import</c>. With <c>-Image</c>, makes a guest of a disk image from here or from a node.
/// </summary>
[Cmdlet(VerbsData.Import, "GntInstance", DefaultParameterSetName = "Export", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntInstance), typeof(GntJob), typeof(GntPlanStep))]
public sealed partial class ImportGntInstanceCommand : GntInstanceJobCommand
{
    /// <summary>The exports, by name (short or full) or as objects.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Export")]
    [ArgumentCompleter(typeof(ExportCompleter))]
    [Reference(typeof(GntExport))]
    [ValidateNotNullOrEmpty]
    public GntExport[] Export { get; set; } = [];

    /// <summary>The folder of an export that Ganeti does not list, on the node of <c>-SourceNode</c>.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string? SourcePath { get; set; }

    /// <summary>The node that has that folder.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? SourceNode { get; set; }

    /// <summary>The guest's name; without it that of the export.</summary>
    [Parameter(Position = 1, ParameterSetName = "Export")]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path")]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Image")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Under another name, keep the MAC addresses of the export all the same. Ganeti refuses that while another guest has them.</summary>
    [Parameter(ParameterSetName = "Export")]
    public SwitchParameter KeepMac { get; set; }

    /// <summary>Its primary node. Without it the allocator chooses; of an image it has to be named.</summary>
    [Parameter(ParameterSetName = "Export")]
    [Parameter(ParameterSetName = "Path")]
    [Parameter(Mandatory = true, ParameterSetName = "Image")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? Node { get; set; }

    /// <summary>Its secondary node, for disk template drbd.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? SecondaryNode { get; set; }

    /// <summary>The allocator that chooses the nodes, of an image the secondary one, for example <c>hail</c>; without it the cluster's own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Allocator { get; set; }

    /// <summary>The node group that the allocator chooses in.</summary>
    [Parameter(ParameterSetName = "Export")]
    [Parameter(ParameterSetName = "Path")]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [Reference(typeof(GntGroup))]
    [ValidateNotNull]
    public GntGroup? Group { get; set; }

    /// <summary>How its disks are stored; without it Ganeti takes the cluster's first template, whatever the exported guest had. Of an image drbd or plain, without it drbd.</summary>
    [Parameter]
    [Choice(typeof(GntDiskTemplate))]
    public GntDiskTemplate? DiskTemplate { get; set; }

    /// <summary>Its disks, as sizes or hashtables: <c>@{ Size = 10GB; Name = 'root' }, 20GB</c>; without it as they were.</summary>
    [Parameter(ParameterSetName = "Export")]
    [Parameter(ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    [Specification(typeof(GntDiskSpecification))]
    public GntDiskSpecification[]? Disk { get; set; }

    /// <summary>Its network cards, as hashtables: <c>@{ Network = 'net1'; IPAddress = 'pool' }</c>; without it as they were.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [Specification(typeof(GntNicSpecification))]
    public GntNicSpecification[]? Nic { get; set; }

    /// <summary>Its hypervisor; without it as it was.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(HypervisorCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Hypervisor { get; set; }

    /// <summary>Hypervisor parameters, as a hashtable, over those of the export.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? HypervisorParameter { get; set; }

    /// <summary>Memory, bytes (<c>1GB</c>); without it as it was.</summary>
    [Parameter]
    [Size]
    public long? Memory { get; set; }

    /// <summary>Virtual processors; without it as they were.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? VCpu { get; set; }

    /// <summary>Further backend parameters, as a hashtable, over those of the export.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? BackendParameter { get; set; }

    /// <summary>OS parameters, as a hashtable, over those of the export.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? OSParameter { get; set; }

    /// <summary>OS parameters that are shown to nobody, as a hashtable; values may be secure strings.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? PrivateOSParameter { get; set; }

    /// <summary>OS parameters that not even Ganeti keeps, as a hashtable; values may be secure strings.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? SecretOSParameter { get; set; }

    /// <summary>Its tags; without it as they were.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Tag { get; set; }

    /// <summary>The driver of file-based disks.</summary>
    [Parameter(ParameterSetName = "Export")]
    [Parameter(ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string? FileDriver { get; set; }

    /// <summary>The folder of file-based disks, under the cluster's own.</summary>
    [Parameter(ParameterSetName = "Export")]
    [Parameter(ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string? FileStorageDirectory { get; set; }

    /// <summary>How the dumps are compressed on their way between the nodes, for example <c>gzip</c>.</summary>
    [Parameter(ParameterSetName = "Export")]
    [Parameter(ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string? Compress { get; set; }

    /// <summary>Do not wait until mirrored disks are in sync.</summary>
    [Parameter]
    public SwitchParameter Quick { get; set; }

    /// <summary>Take the name though it can't be resolved.</summary>
    [Parameter]
    public SwitchParameter NoNameCheck { get; set; }

    /// <summary>Do not check whether its address answers already.</summary>
    [Parameter]
    public SwitchParameter NoIPCheck { get; set; }

    /// <summary>Do not check whether its addresses belong to a network of the cluster.</summary>
    [Parameter]
    public SwitchParameter NoConflictCheck { get; set; }

    /// <summary>Make it though the node's group has a policy that it does not fit.</summary>
    [Parameter]
    public SwitchParameter IgnorePolicy { get; set; }

    /// <summary>Have the allocator choose among the nodes that are not locked just now.</summary>
    [Parameter(ParameterSetName = "Export")]
    [Parameter(ParameterSetName = "Path")]
    public SwitchParameter OpportunisticLocking { get; set; }

    /// <summary>Take parameters that are like the cluster's defaults as defaults, not as the guest's own.</summary>
    [Parameter(ParameterSetName = "Export")]
    [Parameter(ParameterSetName = "Path")]
    public SwitchParameter IdentifyDefaults { get; set; }

    /// <summary>How long the helper guest may take to start; a number is seconds.</summary>
    [Parameter(ParameterSetName = "Export")]
    [Parameter(ParameterSetName = "Path")]
    [Duration]
    public TimeSpan? HelperStartupTimeout { get; set; }

    /// <summary>How long the helper guest may take to stop; a number is seconds.</summary>
    [Parameter(ParameterSetName = "Export")]
    [Parameter(ParameterSetName = "Path")]
    [Duration]
    public TimeSpan? HelperShutdownTimeout { get; set; }

    /// <summary>Start the guest once it is there; Ganeti's import does not.</summary>
    [Parameter]
    public SwitchParameter Start { get; set; }

    /// <summary>Write the guests.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Begin()
    {
        RefuseTogether(NoWait && PassThru, "-NoWait", "-PassThru", "there is no guest yet when the job is written");
        RefuseTogether(Image is null && Node is not null && (Allocator is not null || Group is not null), "-Node", "-Allocator or -Group", "one of them chooses the nodes");
        RefuseTogether(SecondaryNode is not null && Node is null, "-SecondaryNode", "an allocator", "name the primary node too");
        RefuseTogether(HypervisorParameter is not null && Hypervisor is null && SourcePath is not null, "-HypervisorParameter", "-SourcePath", "name the hypervisor too (-Hypervisor)");
        RefuseTogether(Name is not null && Export.Length > 1, "-Name", "several exports", "each guest has a name of its own");
        BeginImage();
    }

    private protected override void Process()
    {
        if (Image is not null)
        {
            ImportImage(ConnectionFor(Node));
            return;
        }

        if (SourcePath is not null)
        {
            Submit(ConnectionFor(SourceNode), new GntInstance { Name = Name }, source: null);
            return;
        }

        Each(Export, reference =>
        {
            var connection = ConnectionFor(reference);
            var exports = Await(token => ExportSelection.ReadAsync(connection, reference, token));
            var export = exports is [var only] ? only : throw new GanetiException(GanetiError.NameAmbiguous, $"There are exports of {reference} on {string.Join(" and ", exports.Select(found => found.Node))}.")
            {
                Target = reference,
                RecommendedAction = "Choose one: Get-GntExport -Node <node> | Import-GntInstance.",
            };
            if (export.IsComplete != true)
            {
                throw new GanetiException(GanetiError.ExportIncomplete, $"The export {export} is not whole.") { Target = export, RecommendedAction = "See its Disks; export the guest again." };
            }

            Submit(connection, new GntInstance { Name = Name ?? export.Name }, export);
        });
    }

    private protected override void WriteChanged(GntConnection connection, IReadOnlyList<object> subjects)
    {
        if (PassThru)
        {
            // The master may have completed a short name.
            var names = subjects.Cast<GntInstance>().Select(made => new NamePattern(NamePattern.Escape(made.Name!))).ToArray();
            WriteObject(Await(token => connection.Instances.Table.ReadNamedAsync(names, GanetiError.InstanceNotFound, configurationOnly: false, [], token)).Rows, enumerateCollection: true);
        }
    }

    private void Submit(GntConnection connection, GntInstance made, GntExport? source)
    {
        foreach (var other in new GntObject?[] { Node, SecondaryNode, Group })
        {
            RequireSameCluster(connection, made, other);
        }

        RequireNew(connection, made);
        var chain = new JobChain(OpcodeFor(made.Name!, source));
        Submit(connection, made, Start && !DryRun ? chain.Then(new InstanceStartup { InstanceName = made.Name! }) : chain);
    }

    private void RequireNew(GntConnection connection, GntInstance made)
    {
        if (Await(token => connection.Instances.Table.ReadExactAsync(new HashSet<string> { made.Name! }, configurationOnly: true, [], token)) is [var other])
        {
            throw new GanetiException(GanetiError.EntityExists, $"There is a guest {other} already.")
            {
                Target = other,
                RecommendedAction = "Import the export under another name (-Name), or remove that guest first.",
            };
        }
    }

    private InstanceCreate OpcodeFor(string name, GntExport? source) => new()
    {
        InstanceName = name,
        Mode = "import",
        SrcNode = source?.Node ?? SourceNode?.Name,
        SrcPath = source?.Name ?? SourcePath,
        Pnode = Node?.Name,
        Snode = SecondaryNode?.Name,
        Iallocator = Allocator,
        GroupName = Group?.Name,
        DiskTemplate = DiskTemplate?.ToString(),
        Disks = Disk is null ? [] : Array.ConvertAll(Disk, disk => disk.ToParameters()),
        Nics = Nic is not null ? Array.ConvertAll(Nic, nic => nic.ToParameters())
            : source is not null && source.Name != name && !KeepMac ? ImportNics.Of(source)
            : [],
        Hypervisor = Hypervisor ?? (HypervisorParameter is null ? null : source?.Hypervisor),
        Hvparams = HypervisorParameter,
        Beparams = InstanceParameters.Backend(Memory, null, VCpu, null, null, null, BackendParameter),
        Osparams = OSParameter,
        OsparamsPrivate = PrivateOSParameter,
        OsparamsSecret = SecretOSParameter,
        Tags = Tag,
        FileDriver = FileDriver,
        FileStorageDir = FileStorageDirectory,
        Compress = Compress,
        Start = false,
        WaitForSync = Quick ? false : null,
        NameCheck = NoNameCheck ? false : null,
        IpCheck = NoIPCheck || NoNameCheck ? false : null,
        ConflictsCheck = NoConflictCheck ? false : null,
        IgnoreIpolicy = OnlyIf(IgnorePolicy),
        OpportunisticLocking = OnlyIf(OpportunisticLocking),
        IdentifyDefaults = OnlyIf(IdentifyDefaults),
        HelperStartupTimeout = Seconds(HelperStartupTimeout),
        HelperShutdownTimeout = Seconds(HelperShutdownTimeout),
    };
}
