using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Ganeti.Commands;

/// <content>Of a disk image.</content>
public sealed partial class ImportGntInstanceCommand
{
    private readonly InstanceCreationChecks _checks = new();
    private readonly List<ImageImport> _imported = [];

    /// <summary>A disk image: a file of this machine, or of a node as <c>node:/path</c>. It becomes the guest's only disk.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Image")]
    [ValidateNotNullOrEmpty]
    public string? Image { get; set; }

    /// <summary>What the image is; without it that is told by its header. A raw disk that begins like an image of another format has to be named raw.</summary>
    [Parameter(ParameterSetName = "Image")]
    [Choice(typeof(GntImageFormat))]
    public GntImageFormat? ImageFormat { get; set; }

    /// <summary>The volume group that the volume is made in; without it the cluster's.</summary>
    [Parameter(ParameterSetName = "Image")]
    [ValidateNotNullOrEmpty]
    public string? VolumeGroup { get; set; }

    /// <summary>The folder of the node in which an image that is not raw lies while it is converted.</summary>
    [Parameter(ParameterSetName = "Image")]
    [ValidatePattern("^/")]
    public string Scratch { get; set; } = "/var/tmp";

    /// <summary>The OS definition that the guest is of, which Ganeti wants to know. Its scripts are not run.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Image")]
    [ArgumentCompleter(typeof(OSCompleter))]
    [ValidateNotNullOrEmpty]
    public string? OS { get; set; }

    /// <summary>Give it no network card.</summary>
    [Parameter(ParameterSetName = "Image")]
    public SwitchParameter NoNic { get; set; }

    /// <summary>Only look at image and node, and write the steps.</summary>
    [Parameter(ParameterSetName = "Image")]
    public SwitchParameter Plan { get; set; }

    private void BeginImage()
    {
        if (Image is null)
        {
            return;
        }

        RefuseTogether(DryRun, "-DryRun", "-Image", "the guest can't be checked before there is a volume; see the steps with -Plan");
        RefuseTogether(NoNic && Nic is not null, "-NoNic", "-Nic", "the one says that there is none");
        RefuseTogether(SecondaryNode is not null && Allocator is not null, "-SecondaryNode", "-Allocator", "one of them chooses the node");
        RefuseTogether(DiskTemplate == GntDiskTemplate.plain && (SecondaryNode is not null || Allocator is not null), "-DiskTemplate plain", "-SecondaryNode or -Allocator", "it is for disks that are mirrored");
        if (DiskTemplate is not (null or GntDiskTemplate.plain or GntDiskTemplate.drbd))
        {
            Refuse($"An image can't become a disk of the template {DiskTemplate}: a volume is made of it, which Ganeti adopts.", "Name plain or drbd, and convert it afterwards with Convert-GntDisk");
        }
    }

    private void ImportImage(GntConnection connection)
    {
        RequireSameCluster(connection, Image!, SecondaryNode);
        var cluster = Await(token => _checks.ClusterAsync(connection, token));
        var node = Resolve([Node!], Tables.Nodes) is [var found] ? found.Name! : null;
        if (node is null)
        {
            return;
        }

        var image = Await(token => OpenAsync(connection, token));
        var header = ImageFormat == GntImageFormat.raw ? ImageHeader.Raw(image.Head, image.Length) : ImageHeader.Read(image.Head, image.Tail, image.Length);
        if (ImageFormat is { } format && format != header.Format)
        {
            header = new ImageHeader(format, null);
        }

        var order = new ImageOrder
        {
            InstanceName = Name!,
            Node = node,
            VolumeGroup = VolumeGroup ?? cluster.VolumeGroupName ?? throw new GanetiException(GanetiError.LvmVolumeGroupNotFound, $"{connection.Name} has no volume group.") { Target = Image, RecommendedAction = "Name one of the node with -VolumeGroup (Get-LvmVolumeGroup)." },
            Scratch = Scratch,
        };
        var template = DiskTemplate ?? GntDiskTemplate.drbd;
        var create = CreationOf(order, cluster);
        if (template == GntDiskTemplate.drbd && SecondaryNode is null && Allocator is null && string.IsNullOrEmpty(cluster.DefaultIAllocator))
        {
            throw new GanetiException(GanetiError.ParameterInvalid, $"No secondary node is named for {Name}, and the cluster has no default allocator to choose one.") { Target = Image, RecommendedAction = "Name one with -SecondaryNode, or an allocator with -Allocator; or -DiskTemplate plain." };
        }

        if (SecondaryNode is not null)
        {
            if (Resolve([SecondaryNode], Tables.Nodes) is not [var secondary])
            {
                return;
            }

            if (secondary.Name == node)
            {
                throw new GanetiException(GanetiError.ParameterInvalid, $"{node} can't be both the primary and the secondary node of {Name}.") { Target = Image, RecommendedAction = "Name another node with -SecondaryNode." };
            }
        }

        if (template == GntDiskTemplate.drbd && cluster.EnabledDiskTemplates is { } enabled && !enabled.Contains(nameof(GntDiskTemplate.drbd)))
        {
            throw new GanetiException(GanetiError.ParameterInvalid, $"{connection.Name} has no disks on DRBD enabled.") { Target = Image, RecommendedAction = "Import it with -DiskTemplate plain." };
        }

        RequireOS(connection, OS!, forceVariant: false, Image!);
        Await(token => _checks.CheckAsync(connection, create, token));
        var chain = ChainOf(create, template);
        var import = new ImageImport(connection, MyInvocation.MyCommand.Name, image, header, order, RepairView);
        Await(import.CheckAsync);
        if (header.Format == GntImageFormat.raw && header.Kind is not (GntPayloadKind.Mbr or GntPayloadKind.Gpt))
        {
            WriteWarning($"{image.Name} is taken as a raw disk, and does not begin like one that boots: {header.KindText}.");
        }

        var steps = import.Steps.Concat(chain.Opcodes.Select(opcode => (Description: DescriptionOf(opcode), opcode.CommandLine))).ToArray();
        if (Plan)
        {
            WriteObject(steps.Select((step, index) => new GntPlanStep { Step = index + 1, Description = step.Description, CommandLine = step.CommandLine }), enumerateCollection: true);
            return;
        }

        if (IsApproved(string.Join("; ", steps.Select(step => step.CommandLine))))
        {
            AwaitTelling(
                async token =>
                {
                    await import.RunAsync(token).ConfigureAwait(false);
                    return true;
                },
                $"What was written for {Name} is removed without you; what should be left goes away on the node by itself within minutes.");
            _imported.Add(import);
            SubmitApproved(connection, new GntInstance { Name = Name }, chain);
        }
    }

    private Task<ImageFile> OpenAsync(GntConnection connection, CancellationToken cancellationToken)
    {
        // A drive of Windows has one letter.
        if (RemotePath().Match(Image!) is not { Success: true } remote)
        {
            return ImageFile.OpenAsync(connection, null, GetUnresolvedProviderPathFromPSPath(Image!), cancellationToken);
        }

        return OnNodeAsync(remote.Groups["node"].Value, remote.Groups["path"].Value);

        async Task<ImageFile> OnNodeAsync(string name, string path)
        {
            var (rows, errors) = await connection.Nodes.Table.ReadNamedAsync([new NamePattern(NamePattern.Escape(name))], GanetiError.NodeNotFound, configurationOnly: true, [], cancellationToken).ConfigureAwait(false);
            return rows is [var node] ? await ImageFile.OpenAsync(connection, node.Name!, path, cancellationToken).ConfigureAwait(false) : throw errors[0];
        }
    }

    private InstanceCreate CreationOf(ImageOrder order, GntCluster cluster) => new()
    {
        InstanceName = Name!,
        Mode = "create",
        DiskTemplate = nameof(GntDiskTemplate.plain),
        Disks = [new GntDiskSpecification { Adopt = order.Volume, VolumeGroup = order.VolumeGroup }.ToParameters()],
        Nics = NoNic ? [] : Nic is not null ? Array.ConvertAll(Nic, nic => nic.ToParameters()) : [[]],
        OsType = OS,
        NoInstall = true,
        Osparams = OSParameter,
        OsparamsPrivate = PrivateOSParameter,
        OsparamsSecret = SecretOSParameter,
        // The command line needs its name for its parameters.
        Hypervisor = Hypervisor ?? (HypervisorParameter is null ? null : cluster.DefaultHypervisor),
        Hvparams = HypervisorParameter,
        Beparams = InstanceParameters.Backend(Memory, null, VCpu, null, null, null, BackendParameter),
        Pnode = order.Node,
        Tags = Tag,
        Start = false,
        NameCheck = NoNameCheck ? false : null,
        IpCheck = NoIPCheck || NoNameCheck ? false : null,
        ConflictsCheck = NoConflictCheck ? false : null,
        IgnoreIpolicy = OnlyIf(IgnorePolicy),
    };

    private JobChain ChainOf(InstanceCreate create, GntDiskTemplate template)
    {
        var chain = new JobChain(create);
        if (template == GntDiskTemplate.drbd)
        {
            chain.Then(new InstanceSetParams
            {
                InstanceName = Name!,
                DiskTemplate = nameof(GntDiskTemplate.drbd),
                RemoteNode = SecondaryNode?.Name,
                Iallocator = Allocator,
                WaitForSync = Quick ? false : null,
                IgnoreIpolicy = OnlyIf(IgnorePolicy),
            });
        }

        return Start ? chain.Then(new InstanceStartup { InstanceName = Name! }) : chain;
    }

    private string DescriptionOf(Luxi.LuxiOpcode opcode) => opcode switch
    {
        InstanceCreate => $"Make {Name} of the volume; nothing is installed",
        InstanceSetParams => "Mirror its disk",
        _ => $"Start {Name}",
    };

    private protected override void End()
    {
        try
        {
            base.End();
        }
        finally
        {
            foreach (var import in _imported)
            {
                Await(import.AdoptedAsync);
            }
        }
    }

    [GeneratedRegex("^(?<node>[A-Za-z0-9][A-Za-z0-9._-]+):(?<path>/.*)$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex RemotePath();
}
