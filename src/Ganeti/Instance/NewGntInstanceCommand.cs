using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Creates guests. All are submitted as they come, from the command line or rows of a CSV file, and waited for together. Stands for
/// <c>gnt-instance add</c> and, with <c>-Together</c>, <c>gnt-instance batch-create</c>.
/// </summary>
[Cmdlet(VerbsCommon.New, "GntInstance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntInstance), typeof(GntJob))]
public sealed class NewGntInstanceCommand : GntInstanceJobCommand
{
    private readonly InstanceCreationChecks _checks = new();
    private readonly List<InstanceCreate> _together = [];

    /// <summary>The names of the guests.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [NameText(RefuseObjects = true)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>The OS definition that is installed, with its variant: <c>debootstrap+default</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(OSCompleter))]
    public string? OS { get; set; }

    /// <summary>The size of its only disk, bytes (<c>10GB</c>, <c>10G</c>).</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Size]
    public long? Size { get; set; }

    /// <summary>Its disks, as sizes or hashtables: <c>@{ Size = 10GB; Name = 'root' }, 20GB</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Specification(typeof(GntDiskSpecification))]
    public GntDiskSpecification[]? Disk { get; set; }

    /// <summary>How its disks are stored. Without it <c>diskless</c> when there are none, else the cluster's first of drbd, plain, sharedfile and file.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Choice(typeof(GntDiskTemplate))]
    public GntDiskTemplate? DiskTemplate { get; set; }

    /// <summary>Memory, bytes (<c>512MB</c>, <c>1G</c>).</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Size]
    public long? Memory { get; set; }

    /// <summary>Memory that it can be shrunk to by ballooning, bytes; without it as much as <c>-Memory</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Size]
    public long? MinimumMemory { get; set; }

    /// <summary>Virtual processors.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Count]
    public int? VCpu { get; set; }

    /// <summary>The node to run on. Without it the allocator chooses.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public string? Node { get; set; }

    /// <summary>The node for the other side of mirrored disks.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public string? SecondaryNode { get; set; }

    /// <summary>The node group in which the allocator chooses.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(GroupCompleter))]
    public string? Group { get; set; }

    /// <summary>The allocator; without it the cluster's own.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Allocator { get; set; }

    /// <summary>Its network cards, as hashtables: <c>@{ Network = 'net1'; IPAddress = 'pool' }</c>. Without it one, as the cluster makes them.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Specification(typeof(GntNicSpecification))]
    public GntNicSpecification[]? Nic { get; set; }

    /// <summary>Give it no network card.</summary>
    [Parameter]
    public SwitchParameter NoNic { get; set; }

    /// <summary>Its tags.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Words]
    public string[]? Tag { get; set; }

    /// <summary>The hypervisor; without it the cluster's first.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(HypervisorCompleter))]
    public string? Hypervisor { get; set; }

    /// <summary>Hypervisor parameters, as a hashtable.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Parameters]
    public GntParameters? HypervisorParameter { get; set; }

    /// <summary>Further backend parameters, as a hashtable.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Parameters]
    public GntParameters? BackendParameter { get; set; }

    /// <summary>OS parameters, as a hashtable.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Parameters]
    public GntParameters? OSParameter { get; set; }

    /// <summary>OS parameters that are shown to nobody, as a hashtable; values may be secure strings.</summary>
    [Parameter]
    [Parameters]
    public GntParameters? PrivateOSParameter { get; set; }

    /// <summary>OS parameters that not even Ganeti keeps, as a hashtable; values may be secure strings.</summary>
    [Parameter]
    [Parameters]
    public GntParameters? SecretOSParameter { get; set; }

    /// <summary>
    /// The image of a CD that its first start is from, to install it by hand: a path on the node, or an URL. The OS definition's installation is not
    /// run then; from its second start on it boots from its disk.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? CdRom { get; set; }

    /// <summary>Do not wait until mirrored disks are in sync.</summary>
    [Parameter]
    public SwitchParameter Quick { get; set; }

    /// <summary>Do not run the OS definition's installation.</summary>
    [Parameter]
    public SwitchParameter NoInstall { get; set; }

    /// <summary>Do not start it.</summary>
    [Parameter]
    public SwitchParameter NoStart { get; set; }

    /// <summary>Take the name as it is, without asking the resolver; then no address is checked either.</summary>
    [Parameter]
    public SwitchParameter NoNameCheck { get; set; }

    /// <summary>Do not check whether the name's address is in use.</summary>
    [Parameter]
    public SwitchParameter NoIPCheck { get; set; }

    /// <summary>Do not check whether addresses are in one of Ganeti's networks or taken there.</summary>
    [Parameter]
    public SwitchParameter NoConflictCheck { get; set; }

    /// <summary>Create it though the node's group has a policy that it does not fit.</summary>
    [Parameter]
    public SwitchParameter IgnorePolicy { get; set; }

    /// <summary>Take a variant that the OS definition does not list.</summary>
    [Parameter]
    public SwitchParameter ForceVariant { get; set; }

    /// <summary>For disks in files: the driver, <c>loop</c> or <c>blktap2</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? FileDriver { get; set; }

    /// <summary>For disks in files: a folder below the cluster's.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? FileStorageDirectory { get; set; }

    /// <summary>Reserve it only: nothing is made on the nodes.</summary>
    [Parameter]
    public SwitchParameter Forthcoming { get; set; }

    /// <summary>Make a guest that was reserved before.</summary>
    [Parameter]
    public SwitchParameter Commit { get; set; }

    /// <summary>Whether it gets the network card for communication with the cluster.</summary>
    [Parameter]
    public bool? Communication { get; set; }

    /// <summary>Lock free nodes only, so that several creations by the allocator run at the same time.</summary>
    [Parameter]
    public SwitchParameter OpportunisticLocking { get; set; }

    /// <summary>How long the virtual machine that installs may take to start; a number is seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? HelperStartupTimeout { get; set; }

    /// <summary>How long the virtual machine that installs may take to stop; a number is seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? HelperShutdownTimeout { get; set; }

    /// <summary>Have the allocator place all of them at once, so that they fit together or not at all.</summary>
    [Parameter]
    public SwitchParameter Together { get; set; }

    /// <summary>Write the guests once they are there.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Begin()
    {
        RefuseTogether(NoWait && PassThru, "-NoWait", "-PassThru", "the guest is not there yet when the job is written");
        RefuseTogether(Commit && (Node is not null || SecondaryNode is not null), "-Commit", "-Node", "a reserved guest has its nodes");
        RefuseTogether(NoNic && Nic is { Length: > 0 }, "-NoNic", "-Nic", "the one says that there is none");
        RefuseTogether(NoStart && CdRom is not null, "-NoStart", "-CdRom", "the CD is for the first start");
        RefuseTogether(Together && CdRom is not null, "-Together", "-CdRom", "a guest that the allocator places is started by its own job");
        RefuseTogether(Forthcoming && Commit, "-Forthcoming", "-Commit", "the one reserves, the other makes what is reserved");
    }

    private protected override void Process()
    {
        var connection = ConnectionFor();
        Each(Name, name =>
        {
            var create = OpcodeFor(connection, name);
            if (Together)
            {
                _together.Add(create);
            }
            else
            {
                Submit(connection, name, Given(CdRom) is { } image && !NoStart ? new JobChain(create).Then(FirstStart(name, image)) : new JobChain(create));
            }
        });
    }

    private protected override void End()
    {
        if (_together.Count > 0)
        {
            Submit(ConnectionFor(), _together.Select(create => create.InstanceName).ToArray(), new JobChain(new InstanceMultiAlloc
            {
                // Nodes were left to the allocator, so it has to be one.
                Iallocator = Given(Allocator) ?? ClusterOf(ConnectionFor()).DefaultIAllocator,
                OpportunisticLocking = OnlyIf(OpportunisticLocking),
                Instances = [.. _together],
            }));
        }

        base.End();
    }

    private protected override void WriteChanged(GntConnection connection, IReadOnlyList<object> subjects)
    {
        if (!PassThru)
        {
            return;
        }

        // The resolver may have completed the names.
        var names = subjects.SelectMany(subject => subject as string[] ?? [(string)subject]).Select(name => new NamePattern(NamePattern.Escape(name))).ToArray();
        WriteObject(Await(token => connection.Instances.Table.ReadNamedAsync(names, GanetiError.InstanceNotFound, configurationOnly: false, [], token)).Rows, enumerateCollection: true);
    }

    private InstanceCreate OpcodeFor(GntConnection connection, string name)
    {
        if (Given(OS) is null && !Commit && OSParameter?.ContainsKey("os-image") != true)
        {
            throw Bad(name, "no OS definition is named, which Ganeti wants to know even where nothing is installed", "Name one with -OS (Get-GntOs), or an image with -OSParameter @{ 'os-image' = … }");
        }

        if (Given(SecondaryNode) is not null && Given(Node) is null)
        {
            throw Bad(name, "a secondary node is named without a primary one", "Name both, or none and let the allocator choose");
        }

        var disks = DisksOf(name);
        var cluster = ClusterOf(connection);
        var hypervisor = Given(Hypervisor);
        var hvparams = HypervisorParameter is { Count: > 0 } ? HypervisorParameter : null;
        var create = new InstanceCreate
        {
            InstanceName = name,
            Mode = "create",
            DiskTemplate = TemplateOf(cluster, disks),
            Disks = disks,
            Nics = NoNic ? [] : Nic is { Length: > 0 } ? Array.ConvertAll(Nic, nic => nic.ToParameters()) : [[]],
            OsType = Given(OS),
            ForceVariant = OnlyIf(ForceVariant),
            NoInstall = NoInstall || Given(CdRom) is not null ? true : null,
            Osparams = OSParameter,
            OsparamsPrivate = PrivateOSParameter,
            OsparamsSecret = SecretOSParameter,
            // The command line needs its name for its parameters.
            Hypervisor = hypervisor ?? (hvparams is null ? null : cluster.DefaultHypervisor),
            Hvparams = hvparams,
            Beparams = InstanceParameters.Backend(Memory, MinimumMemory, VCpu, null, null, null, BackendParameter),
            Pnode = Given(Node),
            Snode = Given(SecondaryNode),
            GroupName = Given(Group),
            Iallocator = Given(Allocator) ?? (Given(Node) is null && !Together ? cluster.DefaultIAllocator : null),
            OpportunisticLocking = OnlyIf(OpportunisticLocking && !Together),
            FileDriver = Given(FileDriver),
            FileStorageDir = Given(FileStorageDirectory),
            WaitForSync = Quick ? false : null,
            Start = NoStart || Forthcoming || Given(CdRom) is not null ? false : null,
            NameCheck = NoNameCheck ? false : null,
            IpCheck = NoNameCheck || NoIPCheck ? false : null,
            ConflictsCheck = NoConflictCheck ? false : null,
            IgnoreIpolicy = OnlyIf(IgnorePolicy),
            Forthcoming = OnlyIf(Forthcoming),
            Commit = OnlyIf(Commit),
            Tags = Tag is { Length: > 0 } ? Tag : null,
            InstanceCommunication = Communication,
            HelperStartupTimeout = Seconds(HelperStartupTimeout),
            HelperShutdownTimeout = Seconds(HelperShutdownTimeout),
        };
        // Placed together, each is without an allocator of its own.
        var allocator = Together ? Given(Allocator) ?? cluster.DefaultIAllocator : create.Iallocator;
        Await(token => _checks.CheckAsync(connection, create with { Iallocator = allocator }, token));
        if (create.NoInstall != true && create.OsType is { } os && !Commit)
        {
            RequireOS(connection, os, ForceVariant, name);
        }

        return create;
    }

    private GntCluster ClusterOf(GntConnection connection) => Await(token => _checks.ClusterAsync(connection, token));

    private GntParameters[] DisksOf(string name)
    {
        if (Size is not null && Disk is { Length: > 0 })
        {
            throw Bad(name, "-Size is the size of an only disk, and -Disk says what all disks are like", "Give one of them");
        }

        var disks = Size is { } size ? [new GntDiskSpecification(size)] : Disk ?? [];
        return Array.ConvertAll(disks, disk =>
        {
            if (disk.Adopt is null && disk.Size is null)
            {
                throw Bad(name, "a disk has neither a size nor a volume to adopt", "Say which");
            }

            if (disk.Size is { } bytes && (bytes <= 0 || bytes % Luxi.LuxiSetters.Mebibyte != 0))
            {
                throw Bad(name, $"a disk of {bytes} bytes is no multiple of 1 MiB, in which Ganeti counts", "Write 10GB, 512MB");
            }

            return disk.ToParameters();
        });
    }

    private string? TemplateOf(GntCluster cluster, GntParameters[] disks)
    {
        if (DiskTemplate is { } template)
        {
            return template.ToString();
        }

        if (disks.Length == 0)
        {
            return nameof(GntDiskTemplate.diskless);
        }

        var enabled = cluster.EnabledDiskTemplates ?? [];
        string[] preferred = Array.Exists(disks, disk => disk.ContainsKey("adopt"))
            ? [nameof(GntDiskTemplate.plain)]
            : [nameof(GntDiskTemplate.drbd), nameof(GntDiskTemplate.plain), nameof(GntDiskTemplate.sharedfile), nameof(GntDiskTemplate.file)];
        return Array.Find(preferred, enabled.Contains) ?? enabled.FirstOrDefault(name => name != nameof(GntDiskTemplate.diskless));
    }

    private static InstanceStartup FirstStart(string name, string image) => new()
    {
        InstanceName = name,
        Hvparams = new GntParameters { ["cdrom_image_path"] = image, ["boot_order"] = "cdrom" },
    };

    // An empty cell of a CSV file says nothing.
    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static GanetiException Bad(string name, string why, string next) => new(GanetiError.ParameterInvalid, $"{name} can't be created: {why}.")
    {
        Target = name,
        RecommendedAction = $"{next}; see Get-Help New-GntInstance -Full.",
    };
}
