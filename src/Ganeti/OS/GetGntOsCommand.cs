using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Gets operating system definitions: on which nodes they are valid and why not on others, variants, parameters. Stands for
/// <c>gnt-os list</c>, <c>info</c> and <c>diagnose</c>.
/// </summary>
[Cmdlet(VerbsCommon.Get, "GntOs", DefaultParameterSetName = "Name")]
[OutputType(typeof(GntOs))]
public sealed class GetGntOsCommand : GntClusterCommand
{
    private readonly Dictionary<GntConnection, List<NamePattern>?> _wanted = [];

    /// <summary>Names or patterns; a variant (<c>debootstrap+default</c>) may be part of a name. Without it all definitions.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(OSCompleter))]
    [NameText]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Definitions to read anew.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "OS")]
    [ValidateNotNullOrEmpty]
    public GntOs[]? OS { get; set; }

    /// <summary>Guests whose definitions to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Only those that a new guest can be made of: valid on every node, neither hidden nor blacklisted (<c>gnt-os list</c>).</summary>
    [Parameter]
    public SwitchParameter Available { get; set; }

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "OS":
                ForEach(OS!, os => Want(ConnectionFor(os), os.Name));
                break;
            case "Instance":
                ForEach(Resolve(Instance!, Tables.Instances), instance => Want(ConnectionFor(instance), instance.OS));
                break;
            default:
                if (Name is null)
                {
                    _wanted[ConnectionFor()] = null;
                    break;
                }

                foreach (var name in Name)
                {
                    Want(ConnectionFor(), new NamePattern(GntOs.NameOnly(name)));
                }

                break;
        }
    }

    private protected override void End()
    {
        foreach (var (connection, names) in _wanted)
        {
            var all = Await(connection.OperatingSystems.GetAsync);
            var (rows, errors) = names is null ? (all, []) : NameResolution.Resolve(names, all, GanetiError.OsNotFound);
            foreach (var error in errors)
            {
                WriteError(error);
            }

            WriteObject(rows.Where(os => !Available || os.IsAvailable), enumerateCollection: true);
        }
    }

    // A guest may have none.
    private void Want(GntConnection connection, string? name)
    {
        if (name is { Length: > 0 })
        {
            Want(connection, new NamePattern(NamePattern.Escape(GntOs.NameOnly(name))));
        }
    }

    private void Want(GntConnection connection, NamePattern name)
    {
        if (!_wanted.TryGetValue(connection, out var names))
        {
            _wanted.Add(connection, names = []);
        }

        names?.Add(name);
    }
}
