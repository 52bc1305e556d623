using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that get what nodes store on: collects whose is meant, and asks each node once for all of it.</summary>
public abstract class GetStorageCommand : GntClusterCommand
{
    private readonly Dictionary<GntConnection, StorageSelection> _selections = [];
    private readonly HashSet<GntObject> _written = [];

    /// <summary>Nodes to look on; without it, all nodes that can have guests and are not offline.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Of the nodes, those with these names or patterns.</summary>
    [Parameter(Position = 1, ParameterSetName = "Node")]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Guests, for what their disks lie on, on all their nodes.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Disks of guests, for what they lie on, on all their nodes.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Disk")]
    [ValidateNotNullOrEmpty]
    public GntDisk[]? Disk { get; set; }

    /// <summary>Sides of mirrors, for what they lie on.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "DrbdDevice")]
    [ValidateNotNullOrEmpty]
    public DrbdDevice[]? DrbdDevice { get; set; }

    /// <summary>Logical volumes, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmVolume")]
    [ValidateNotNullOrEmpty]
    public LvmVolume[]? LvmVolume { get; set; }

    /// <summary>Volume groups, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmVolumeGroup")]
    [ValidateNotNullOrEmpty]
    public LvmVolumeGroup[]? LvmVolumeGroup { get; set; }

    /// <summary>Physical volumes, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmPhysicalVolume")]
    [ValidateNotNullOrEmpty]
    public LvmPhysicalVolume[]? LvmPhysicalVolume { get; set; }

    /// <summary>Block devices, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "BlockDevice")]
    [ValidateNotNullOrEmpty]
    public BlockDevice[]? BlockDevice { get; set; }

    /// <summary>How many nodes are asked at once.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    /// <summary>Whether volumes are told whose they are.</summary>
    private protected virtual bool WithOwners => false;

    /// <summary>Whether SMART and the kernel's log are read too.</summary>
    private protected virtual bool WithHealth => false;

    /// <summary>The type name of a view of its own, or null.</summary>
    private protected virtual string? View => null;

    /// <summary>The error for a name that none of the nodes has.</summary>
    private protected abstract GanetiError NotFound { get; }

    /// <summary>What a name is of: <c>logical volume</c>.</summary>
    private protected abstract string Noun { get; }

    /// <summary>What of a node is wanted, but for names.</summary>
    private protected abstract IEnumerable<GntObject> Wanted(NodeStorage storage, StorageSelection selection);

    /// <summary>Whether one has a name as the operator wrote it.</summary>
    private protected abstract bool HasName(GntObject item, NamePattern name);

    /// <summary>Called on the pipeline's thread for each node that answered.</summary>
    private protected virtual void Write(GntConnection connection, NodeStorage storage, IEnumerable<GntObject> items) => WriteObject(items.Where(_written.Add).Select(Shown), enumerateCollection: true);

    /// <summary>Called when all nodes of a cluster have answered.</summary>
    private protected virtual void Ended(GntConnection connection)
    {
    }

    private protected void WriteOnce(GntObject item)
    {
        if (_written.Add(item))
        {
            WriteObject(Shown(item));
        }
    }

    private object Shown(GntObject item)
    {
        if (View is null)
        {
            return item;
        }

        var shown = PSObject.AsPSObject(item);
        shown.TypeNames.Insert(0, View);
        return shown;
    }

    private protected override void Process()
    {
        IEnumerable<GntObject>? sources = ParameterSetName switch
        {
            "Instance" => Resolve(Instance!, Tables.Instances),
            "Disk" => Disk,
            "DrbdDevice" => DrbdDevice,
            "LvmVolume" => LvmVolume,
            "LvmVolumeGroup" => LvmVolumeGroup,
            "LvmPhysicalVolume" => LvmPhysicalVolume,
            "BlockDevice" => BlockDevice,
            _ => Node is null ? null : Resolve(Node, Tables.Nodes),
        };
        if (sources is null)
        {
            SelectionOf(null).All = true;
        }
        else
        {
            ForEach(sources, source => SelectionOf(source).Add(source));
        }
    }

    private protected override void End()
    {
        foreach (var (connection, selection) in _selections)
        {
            try
            {
                Read(connection, selection);
            }
            catch (GanetiException exception) when (_selections.Count > 1)
            {
                // One cluster that fails does not hide the others.
                WriteError(exception, connection.Name);
            }
        }
    }

    private void Read(GntConnection connection, StorageSelection selection)
    {
        var names = (Name ?? []).Select(name => new NamePattern(name)).ToArray();
        var missing = names.Where(name => !name.IsWildcard).ToHashSet();
        var reading = new StorageReading(connection, selection, ThrottleLimit)
        {
            WithOwners = WithOwners,
            WithHealth = WithHealth,
            Found = storage => Post(() =>
            {
                var items = Wanted(storage, selection).Where(item => names.Length == 0 || Array.FindAll(names, name => HasName(item, name)) is { Length: > 0 } matching && Without(matching)).ToArray();
                Write(connection, storage, items);
            }),
            Failed = (exception, target) => Post(() => WriteError(exception, target)),
        };
        Await(reading.RunAsync);
        Ended(connection);

        // It may be on the node that did not answer.
        foreach (var name in reading.IsIncomplete ? [] : missing)
        {
            WriteError(new GanetiException(NotFound, $"There is no {Noun} {name.Text} on {(selection.All ? $"any node of {connection.Name}" : string.Join(", ", selection.Nodes.Order(StringComparer.Ordinal)))}.")
            {
                Target = name.Text,
                RecommendedAction = $"See what there is with {MyInvocation.MyCommand.Name}{(selection.Nodes.FirstOrDefault() is { } node ? $" {node}" : string.Empty)}.",
            });
        }

        bool Without(NamePattern[] matching)
        {
            missing.ExceptWith(matching);
            return true;
        }
    }

    private StorageSelection SelectionOf(GntObject? source)
    {
        var connection = ConnectionFor(source);
        if (!_selections.TryGetValue(connection, out var selection))
        {
            _selections.Add(connection, selection = new StorageSelection());
        }

        return selection;
    }
}
