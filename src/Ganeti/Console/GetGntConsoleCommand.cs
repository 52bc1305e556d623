using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Gets where guests' consoles are: the command line, host, port, kind. Opens nothing. Stands for <c>gnt-instance console --show-cmd</c>.
/// </summary>
[Cmdlet(VerbsCommon.Get, "GntConsole", DefaultParameterSetName = "Name")]
[OutputType(typeof(GntConsole))]
public sealed class GetGntConsoleCommand : GetGntCommand<GntConsole>
{
    /// <summary>Names (short or full) of guests or patterns; without it all guests.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [NameText]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Guests whose consoles to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Consoles to read anew.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Console")]
    [ValidateNotNullOrEmpty]
    public GntConsole[]? Console { get; set; }

    private protected override bool IsConfigurationOnly => false;

    private protected override (GntTable<GntConsole> Table, GanetiError NotFound) Source(GntConnection connection) => Tables.Consoles(connection);

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "Instance":
                SelectNamed(Instance!, static instance => [instance.Name]);
                break;
            case "Console":
                SelectNamed(Console!, static console => [console.InstanceName]);
                break;
            default:
                SelectByName(Name);
                break;
        }
    }
}
