using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Boots a throw-away overlay of exports with QEMU, without network, and shows what their screens show; says what on their disks usually breaks on another machine. The
/// export itself is read only. It runs on the node that has it, or here with <c>-Path</c>.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "GntExport", DefaultParameterSetName = "Export")]
[OutputType(typeof(GntExportTest))]
public sealed class TestGntExportCommand : GntClusterCommand
{
    /// <summary>The exports, by name (short or full) or as objects.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Export")]
    [ArgumentCompleter(typeof(ExportCompleter))]
    [Reference(typeof(GntExport))]
    [ValidateNotNullOrEmpty]
    public GntExport[] Export { get; set; } = [];

    /// <summary>A folder that Save-GntExport has made, or a raw disk: tried on this machine, which needs QEMU.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>How long it is watched at most; a number is seconds. It ends earlier when the screen no longer changes.</summary>
    [Parameter]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The machine's memory, bytes (<c>1GB</c>).</summary>
    [Parameter]
    [Size]
    public long Memory { get; set; } = 512L << 20;

    /// <summary>How the disks are attached: virtio as Ganeti does, or ide as another machine may.</summary>
    [Parameter]
    [ValidateSet("virtio", "ide")]
    public string Interface { get; set; } = "virtio";

    /// <summary>A file for a picture of the screen at the end, as PPM.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ScreenPath { get; set; }

    private protected override void Process()
    {
        if (Path is not null)
        {
            var path = GetUnresolvedProviderPathFromPSPath(Path);
            string[] disks;
            try
            {
                disks = Directory.Exists(path) ? SavedDisks(path) : [path];
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new GanetiException(GanetiError.ExportIncomplete, $"{path} can't be read: {exception.Message}", exception) { Target = path, RecommendedAction = "See that the files are yours to read." };
            }

            Write(Await(token => ExportBoot.HereAsync(path, OrderFor(disks), token)));
            return;
        }

        ForEach(Export, reference =>
        {
            var connection = ConnectionFor(reference);
            ForEach(Await(token => ExportSelection.ReadAsync(connection, reference, token)), export =>
            {
                var order = OrderFor([.. Dumps(export).Select(disk => $"{export.Path}/{disk.FileName}")]);
                Write(Await(token => ExportBoot.OnNodeAsync(connection, export.Node!, export.Name!, order, token)));
            });
        });
    }

    private ExportBootOrder OrderFor(string[] disks) => new() { Disks = disks, Time = Timeout, Memory = Memory, Interface = Interface, WithScreen = ScreenPath is not null };

    // A guest boots from its first disk, whatever the others are.
    private static GntExportDisk[] Dumps(GntExport export) => export.IsComplete == true && export.Disks is [{ Kind: GntPayloadKind.Mbr or GntPayloadKind.Gpt }, ..]
        ? export.Disks
        : throw NoDisk(export, export.IsComplete == true ? $"the dump of its first disk is no disk that boots ({(export.Disks is [var first, ..] ? first.KindText : "there is none")})" : "it is not whole");

    private static GanetiException NoDisk(object export, string why) => new(GanetiError.ExportNotBooted, $"{export} can't be tried: {why}.")
    {
        Target = export,
        RecommendedAction = "What a dump is is up to the export script of the guest's OS definition; see its Disks.",
    };

    private static string[] SavedDisks(string folder)
    {
        var description = System.IO.Path.Combine(folder, ExportFetch.DescriptionName);
        var export = new GntExport { Name = folder };
        if (File.Exists(description))
        {
            ExportDescription.Parse(File.ReadAllLines(description)).Fill(export);
        }

        var files = (export.Disks ?? []).Select(disk => System.IO.Path.Combine(folder, disk.FileName ?? string.Empty)).ToArray();
        if (files.Length > 0 && File.Exists(files[0]))
        {
            using var file = File.OpenRead(files[0]);
            var head = new byte[4096];
            var (kind, text) = Payload.Detect(head.AsSpan(0, file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)));
            if (kind is not (GntPayloadKind.Mbr or GntPayloadKind.Gpt))
            {
                throw NoDisk(folder, $"the dump of its first disk is no disk that boots ({text})");
            }
        }

        return files.Length > 0 && Array.TrueForAll(files, File.Exists) ? files : throw new GanetiException(GanetiError.ExportIncomplete, $"{folder} has no whole export.")
        {
            Target = folder,
            RecommendedAction = "Save-GntExport makes one, and continues what was broken off.",
        };
    }

    private void Write((GntExportTest Test, byte[]? Screen) answer)
    {
        if (ScreenPath is not null && answer.Screen is not null)
        {
            var file = GetUnresolvedProviderPathFromPSPath(ScreenPath);
            try
            {
                File.WriteAllBytes(file, answer.Screen);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                WriteError(new GanetiException(GanetiError.FileNotWritten, $"The picture can't be written to {file}: {exception.Message}", exception) { Target = file, RecommendedAction = "Name another file with -ScreenPath." });
                file = null;
            }

            answer.Test.ScreenPath = file;
        }

        WriteObject(answer.Test);
    }
}
