namespace Ganeti.Commands;

/// <summary>Completes the names of exports.</summary>
internal sealed class ExportCompleter() : NameCompleter<GntExport>(
    static connection => connection.Exports.Table,
    nameof(GntExport.Name),
    nameof(GntExport.Node))
{
    protected override string? NameOf(GntExport row) => row.Name;

    protected override string ToolTip(GntExport row) => $"{row.Name} on {row.Node}";
}
