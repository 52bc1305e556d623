using System.Diagnostics;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Fetches exports to this machine, over SSH: a folder for each, with its dumps, its <c>config.ini</c> and their checksums. What was broken off is
/// continued by the same call again; nothing that is not whole looks as if it were.
/// </summary>
[Cmdlet(VerbsData.Save, "GntExport", DefaultParameterSetName = "Export", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DirectoryInfo))]
public sealed class SaveGntExportCommand : GntClusterCommand
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(0.25);

    /// <summary>The exports, by name (short or full) or as objects.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Export")]
    [ArgumentCompleter(typeof(ExportCompleter))]
    [Reference(typeof(GntExport))]
    [ValidateNotNullOrEmpty]
    public GntExport[] Export { get; set; } = [];

    /// <summary>The folder in which each export gets a folder of its name; without it the current one.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = ".";

    /// <summary>Give up another export of the same guest that is in its folder.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Write the folders.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process() => ForEach(Export, reference =>
    {
        var connection = ConnectionFor(reference);
        ForEach(Await(token => ExportSelection.ReadAsync(connection, reference, token)), export => Save(connection, export));
    });

    private void Save(GntConnection connection, GntExport export)
    {
        var folder = System.IO.Path.Combine(GetUnresolvedProviderPathFromPSPath(Path), System.IO.Path.GetFileName(export.Name!));
        var progress = new Transfer(this, export, folder);
        var fetch = new ExportFetch(connection, export, folder) { OnProgress = progress.Moved, OnBroken = progress.Broken };
        var action = $"rsync {export.Node}:{export.Path}/ {folder}/";
        if (!ShouldProcess(action, $"Fetch {Views.ViewFormat.Size(export.Size)}: '{action}'?", MyInvocation.MyCommand.Name))
        {
            return;
        }

        progress.Total = fetch.Total;
        try
        {
            if (!Await(token => fetch.RunAsync(Force, token)))
            {
                WriteVerbose($"{export} is in {folder} already, whole.");
            }
        }
        finally
        {
            progress.End();
        }

        if (PassThru)
        {
            WriteObject(new DirectoryInfo(folder));
        }
    }

    /// <summary>The progress bar of one export.</summary>
    private sealed class Transfer(SaveGntExportCommand command, GntExport export, string folder)
    {
        private const int Activity = 50_000;

        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private long _received;
        private TimeSpan _shown;

        internal long Total { get; set; }

        internal void Moved(string file, long done, long received)
        {
            _received += received;
            if (_clock.Elapsed - _shown < ProgressEvery && done < Total)
            {
                return;
            }

            _shown = _clock.Elapsed;
            var rate = _received / Math.Max(_clock.Elapsed.TotalSeconds, 0.001);
            command.Post(() => command.WriteProgress(new ProgressRecord(Activity, $"{export} to {folder}", $"{file}: {Views.ViewFormat.Size(done)} of {Views.ViewFormat.Size(Total)}, {Views.ViewFormat.Size((long)rate)}/s")
            {
                PercentComplete = Total > 0 ? (int)(100 * done / Total) : 100,
                SecondsRemaining = rate > 0 ? (int)Math.Min((Total - done) / rate, int.MaxValue) : -1,
            }));
        }

        internal void Broken(GanetiException why) => command.Post(() => command.WriteWarning($"The transfer was broken off ({why.Message.TrimEnd('.')}); it goes on where it was as soon as it can."));

        internal void End()
        {
            if (!command.StopToken.IsCancellationRequested)
            {
                command.WriteProgress(new ProgressRecord(Activity, $"{export} to {folder}", "done") { RecordType = ProgressRecordType.Completed });
            }
        }
    }
}
