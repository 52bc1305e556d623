using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Gets exports of guests with what their nodes know of them: time, sizes, disks, and what kind of dump each is. Stands for <c>gnt-backup list</c>.
/// </summary>
[Cmdlet(VerbsCommon.Get, "GntExport", DefaultParameterSetName = "Name")]
[OutputType(typeof(GntExport))]
public sealed class GetGntExportCommand : GntClusterCommand
{
    private readonly Dictionary<GntConnection, Wanted> _wanted = [];

    /// <summary>Names (short or full) of exported guests or patterns; without it all exports.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Name")]
    [Parameter(Position = 0, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(ExportCompleter))]
    [NameText]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Exports to read anew.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Export")]
    [ValidateNotNullOrEmpty]
    public GntExport[]? Export { get; set; }

    /// <summary>Guests whose exports to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Nodes whose exports to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>How many nodes are asked at once.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "Export":
                ForEach(Export!, export => WantedOf(export).Exact.Add((export.Name, export.Node)));
                break;
            case "Instance":
                ForEach(Resolve(Instance!, Tables.Instances), instance => WantedOf(instance).Exact.Add((instance.Name, null)));
                break;
            case "Node":
                ForEach(Resolve(Node!, Tables.Nodes), node => WantedOf(node).Nodes.Add(node.Name!));
                break;
            default:
                if (Name is null)
                {
                    WantedOf(null).All = true;
                }
                else
                {
                    WantedOf(null).Names.AddRange(Name.Select(name => new NamePattern(name)));
                }

                break;
        }
    }

    private protected override void End()
    {
        using var throttle = new SemaphoreSlim(ThrottleLimit);
        foreach (var (connection, wanted) in _wanted)
        {
            var (listed, silent) = Await(connection.Exports.ListAsync);
            var asked = silent.Where(node => wanted.Nodes.Count == 0 || wanted.Nodes.Contains(node));
            var chosen = Choose(wanted, listed);
            Await(token => Task.WhenAll(
                asked.Select(node => TellSilentAsync(connection, node, throttle, token))
                    .Concat(chosen.GroupBy(export => export.Node!).Select(onNode => ReadAsync(connection, onNode.Key, [.. onNode], throttle, token)))));
        }
    }

    // One that never had an export has no folder for them, and Ganeti tells that as it tells a daemon that is dead.
    private async Task TellSilentAsync(GntConnection connection, string node, SemaphoreSlim throttle, CancellationToken cancellationToken)
    {
        var inner = default(Exception);
        await throttle.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!await connection.Exports.HasFolderAsync(node, cancellationToken).ConfigureAwait(false))
            {
                Post(() => WriteVerbose($"{node} has no folder for exports: none was ever made there."));
                return;
            }
        }
        catch (GanetiException exception)
        {
            inner = exception;
        }
        finally
        {
            throttle.Release();
        }

        Post(() => WriteError(new GanetiException(GanetiError.NodeDaemonSilent, $"{node} does not say what exports it has: its node daemon does not answer.", inner) { Target = node, RecommendedAction = "Check ganeti-noded there." }));
    }

    private IReadOnlyList<GntExport> Choose(Wanted wanted, IReadOnlyList<GntExport> listed)
    {
        var patterns = wanted.Nodes.Count > 0 ? Name?.Select(name => new NamePattern(name)).ToArray() ?? [] : wanted.Names.ToArray();
        var (named, errors) = ExportSelection.Resolve(patterns, [.. listed.Where(export => wanted.Nodes.Count == 0 || wanted.Nodes.Contains(export.Node!))]);
        foreach (var error in errors)
        {
            WriteError(error);
        }

        var isNamed = named.ToHashSet();
        return [.. listed.Where(export => wanted.All
            || isNamed.Contains(export)
            || (patterns.Length == 0 && wanted.Nodes.Contains(export.Node!))
            || wanted.Exact.Contains((export.Name, export.Node))
            || wanted.Exact.Contains((export.Name, null)))];
    }

    // A node that fails is one error, and the others go on.
    private async Task ReadAsync(GntConnection connection, string node, GntExport[] exports, SemaphoreSlim throttle, CancellationToken cancellationToken)
    {
        await throttle.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await connection.Exports.ReadAsync(node, exports, cancellationToken).ConfigureAwait(false);
            Post(() => WriteObject(exports.Where(export => export.Path is not null), enumerateCollection: true));
        }
        catch (GanetiException exception)
        {
            Post(() => WriteError(exception, node));
        }
        finally
        {
            throttle.Release();
        }
    }

    private Wanted WantedOf(GntObject? source)
    {
        var connection = ConnectionFor(source);
        if (!_wanted.TryGetValue(connection, out var wanted))
        {
            _wanted.Add(connection, wanted = new Wanted());
        }

        return wanted;
    }

    private sealed class Wanted
    {
        internal bool All { get; set; }

        internal List<NamePattern> Names { get; } = [];

        internal HashSet<string> Nodes { get; } = new(StringComparer.Ordinal);

        internal HashSet<(string? Name, string? Node)> Exact { get; } = [];
    }
}
