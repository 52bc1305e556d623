using System.Globalization;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Removes exports with all their data: those of a guest from all nodes. Asks, and says which data goes; only <c>-Force</c> answers beforehand. Stands
/// for <c>gnt-backup remove</c>.
/// </summary>
[Cmdlet(VerbsCommon.Remove, "GntExport", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(GntJob))]
public sealed class RemoveGntExportCommand : GntSubmitCommand
{
    private readonly HashSet<(GntConnection, string)> _submitted = [];

    /// <summary>Names (short or full) of exported guests or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(ExportCompleter))]
    [NameText]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Exports, from the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Export")]
    [ValidateNotNullOrEmpty]
    public GntExport[] Export { get; set; } = [];

    /// <summary>Do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override void Process()
    {
        Each(Export, export => Remove(ConnectionFor(export), export));
        if (Name.Length > 0)
        {
            var connection = ConnectionFor();
            var (rows, errors) = ExportSelection.Resolve([.. Name.Select(name => new NamePattern(name))], Await(connection.Exports.ListAsync).Exports);
            foreach (var error in errors)
            {
                WriteError(error);
            }

            Each(rows, export => Remove(connection, export));
        }
    }

    private void Remove(GntConnection connection, GntExport given)
    {
        if (_submitted.Contains((connection, given.Name ?? string.Empty)))
        {
            return;
        }

        // By its name Ganeti removes it wherever it is: what goes is looked at now.
        var all = Await(token => ExportSelection.ReadAsync(connection, new GntExport { Name = given.Name }, token)).Where(export => export.Name == given.Name || given.ClusterUuid is null).ToArray();
        if (!all.Any(export => given.ClusterUuid is null || export.Node == given.Node))
        {
            throw new GanetiException(GanetiError.ExportNotFound, $"There is no export '{given}' any more.") { Target = given, RecommendedAction = "See what there is with Get-GntExport." };
        }

        if (given.Created is { } read && Array.Find(all, export => export.Node == given.Node && export.Created is { } made && made != read) is { } anew)
        {
            throw new GanetiException(GanetiError.ExportNotFound, $"The export '{given}' of {Views.ViewFormat.Time(read)} is not there any more: it was made anew, {Views.ViewFormat.Time(anew.Created!.Value)}.") { Target = given, RecommendedAction = "Look again with Get-GntExport, and remove that one if you mean it." };
        }

        var name = all[0].Name!;
        RequireNoOther(connection, name);
        if (_submitted.Add((connection, name)))
        {
            Submit(connection, given, new JobChain(new BackupRemove { InstanceName = name }), Risk.Data, Loss(name, all));
        }
    }

    // The master takes a name that is the beginning of a guest's for that guest.
    private void RequireNoOther(GntConnection connection, string name)
    {
        var (rows, _) = Await(token => connection.Instances.Table.ReadNamedAsync([new NamePattern(NamePattern.Escape(name))], GanetiError.InstanceNotFound, configurationOnly: true, [], token));
        if (rows is [var other] && other.Name != name)
        {
            throw new GanetiException(GanetiError.NameAmbiguous, $"Ganeti would take the export '{name}' for that of the guest {other}.")
            {
                Target = name,
                RecommendedAction = "Remove its folder on the node by hand.",
            };
        }
    }

    private static string Loss(string name, GntExport[] exports) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(exports.Length == 1 ? "The export" : $"{exports.Length} exports")} of {name} {(exports.Length == 1 ? "is" : "are")} removed: {string.Join("; ", exports.Select(Described))}.");

    private static string Described(GntExport export) => export.Created is { } created
        ? $"{Views.ViewFormat.Size(export.Size)} of {Views.ViewFormat.Time(created)} on {export.Node}"
        : $"{Views.ViewFormat.Size(export.Size)} on {export.Node}, not finished";
}
