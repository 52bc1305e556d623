using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>How an export is tried.</summary>
internal sealed record ExportBootOrder
{
    /// <summary>Its disks, in order: full paths of raw disks.</summary>
    internal required string[] Disks { get; init; }

    internal required TimeSpan Time { get; init; }

    internal required long Memory { get; init; }

    /// <summary>How the disks are attached: <c>virtio</c> or <c>ide</c>.</summary>
    internal required string Interface { get; init; }

    internal required bool WithScreen { get; init; }
}

/// <summary>Boots a throw-away overlay of an export, on the node that has it or here, and reads its screen.</summary>
internal static partial class ExportBoot
{
    private const char Separator = '\u001d';
    private const int Columns = 80;
    private const int Rows = 25;

    // Code page 437, which the text mode of a PC has.
    private const string Low = " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼";
    private const string High = "⌂ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ";

    private static readonly NodeScript Script = new("Export", "boot");

    private static readonly (string Words, string Meaning)[] Obstacles =
    [
        ("No bootable device", "the firmware finds nothing to boot"),
        ("Boot failed", "the firmware can't boot the disk"),
        ("Missing operating system", "the boot sector finds no operating system"),
        ("grub rescue>", "GRUB does not find its files"),
        ("Kernel panic", "the kernel gave up"),
        ("Unable to mount root fs", "the kernel does not find its root file system"),
        ("Gave up waiting for root", "the initial RAM disk does not find the root file system"),
        ("(initramfs)", "the initial RAM disk does not find the root file system"),
        ("emergency mode", "the system came up in emergency mode"),
        ("INACCESSIBLE_BOOT_DEVICE", "Windows has no driver for the disk"),
    ];

    /// <summary>Tries it on a node.</summary>
    internal static async Task<(GntExportTest Test, byte[]? Screen)> OnNodeAsync(GntConnection connection, string node, string name, ExportBootOrder order, CancellationToken cancellationToken)
    {
        var host = await connection.OpenNodeAsync(node, cancellationToken).ConfigureAwait(false);
        var result = await GntConnection.RunAsync(host, Command(order), cancellationToken).ConfigureAwait(false);
        var (test, screen) = result.ExitStatus == 0 ? Read(result.OutputText) : throw Failure(name, node, result.ErrorText, result.ExitStatus);
        (test.Name, test.Node) = (name, node);
        return (test, screen);
    }

    /// <summary>Tries it here.</summary>
    internal static async Task<(GntExportTest Test, byte[]? Screen)> HereAsync(string name, ExportBootOrder order, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            throw Failure(name, "this machine", "a POSIX shell is needed", null);
        }

        var command = Command(order);
        using var process = new Process { StartInfo = new ProcessStartInfo(command.Argv[0]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false } };
        foreach (var argument in command.Argv.Skip(1))
        {
            process.StartInfo.ArgumentList.Add(argument);
        }

        // QEMU's friends are in there where a login does not look.
        process.StartInfo.Environment["PATH"] = $"{process.StartInfo.Environment["PATH"]}:/usr/sbin:/sbin";
        process.Start();
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            var text = await output.ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            var (test, screen) = process.ExitCode == 0 ? Read(text) : throw Failure(name, "this machine", await error.ConfigureAwait(false), process.ExitCode);
            test.Name = name;
            return (test, screen);
        }
        catch (OperationCanceledException)
        {
            // It takes its machine away itself.
            using var ending = Process.Start(new ProcessStartInfo("kill", [process.Id.ToString(CultureInfo.InvariantCulture)]) { UseShellExecute = false });
            throw;
        }
    }

    /// <summary>What the script printed.</summary>
    internal static (GntExportTest Test, byte[]? Screen) Read(string output)
    {
        var parts = output.Split(Separator).Skip(1).Select(part => part.Split('\n', 2)).Where(part => part.Length == 2).Select(part => (Head: part[0], Text: part[1])).ToArray();
        var screen = TextScreen(Part("text"), Part("monitor"));
        var serial = Lines(RemoteText.Printable(Part("serial").Replace("\r", string.Empty, StringComparison.Ordinal)));
        var test = new GntExportTest
        {
            Screen = screen,
            Serial = serial,
            Duration = TimeSpan.FromSeconds(double.TryParse(Part("seconds").Trim(), CultureInfo.InvariantCulture, out var seconds) ? seconds : 0),
            Obstacle = Part("alive").Trim() == "yes" ? Array.Find(Obstacles, obstacle => (screen ?? []).Concat(serial).Any(line => line.Contains(obstacle.Words, StringComparison.Ordinal))).Meaning : $"the machine has ended{(Part("said").Trim() is { Length: > 0 } said ? $": {RemoteText.Printable(said.ReplaceLineEndings("; "))}" : string.Empty)}",
            Findings = [.. parts.Where(part => part.Head.StartsWith("file ", StringComparison.Ordinal)).SelectMany(part => FindingsIn(part.Head, part.Text))],
        };
        // An emulated machine may take its time until then.
        test.Obstacle ??= screen is null or [] && serial.Length == 0 ? "it has shown no text yet: give it more time (-Timeout), or see its picture (-ScreenPath)" : null;
        test.IsBooting = test.Obstacle is null;
        return (test, Part("screen") is { Length: > 0 } picture ? Unpacked(picture) : null);

        string Part(string head) => Array.FindLast(parts, part => part.Head == head).Text ?? string.Empty;
    }

    private static RemoteCommand Command(ExportBootOrder order) => Script.With([
        ((long)order.Time.TotalSeconds).ToString(CultureInfo.InvariantCulture),
        Math.Max(1, order.Memory >> 20).ToString(CultureInfo.InvariantCulture),
        order.Interface,
        order.WithScreen ? "1" : "0",
        .. order.Disks]);

    private static GanetiException Failure(string name, string where, string error, int? status)
    {
        var why = RemoteText.Printable(error.Trim().ReplaceLineEndings("; "));
        return new GanetiException(GanetiError.ExportNotBooted, $"{name} can't be tried on {where}: {why} (exit status {status}).")
        {
            Target = name,
            RecommendedAction = status switch
            {
                5 => "Install qemu-system-x86, qemu-utils and socat there; or fetch it with Save-GntExport and try it elsewhere.",
                7 => "Give the machine less with -Memory; or fetch it with Save-GntExport and try it elsewhere.",
                _ => "See that the dumps are there: (Get-GntExport).Disks.",
            },
        };
    }

    // 80 by 25 characters, each with its colour, from where the CRT controller begins; not what is there while it shows graphics.
    private static string[]? TextScreen(string hex, string monitor)
    {
        var bytes = hex.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(word => byte.TryParse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value) ? value : (byte)0).ToArray();
        if (bytes.Length < 2 * Columns * Rows)
        {
            return null;
        }

        var registers = Register().Matches(monitor).Select(match => int.Parse(match.Groups["value"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray();
        var start = registers is [var high, var low, ..] ? 2 * ((high << 8) | low) : 0;
        if (start + (2 * Columns * Rows) > bytes.Length)
        {
            start = 0;
        }

        var lines = new List<string>();
        for (var row = 0; row < Rows; row++)
        {
            var line = new StringBuilder();
            for (var column = 0; column < Columns; column++)
            {
                line.Append(Character(bytes[start + (2 * ((row * Columns) + column))]));
            }

            lines.Add(line.ToString().TrimEnd());
        }

        while (lines is [.., ""])
        {
            lines.RemoveAt(lines.Count - 1);
        }

        return [.. lines];
    }

    private static char Character(byte code) => code < ' ' ? Low[code] : code < 0x7f ? (char)code : High[code - 0x7f];

    private static string[] Lines(string text) => [.. text.Split('\n').Select(line => line.TrimEnd()).SkipWhile(string.IsNullOrEmpty).Reverse().SkipWhile(string.IsNullOrEmpty).Take(100).Reverse()];

    private static IEnumerable<GntExportFinding> FindingsIn(string head, string text)
    {
        var words = head.Split(' ');
        if (words.Length != 4 || !int.TryParse(words[1], CultureInfo.InvariantCulture, out var disk) || !long.TryParse(words[2], CultureInfo.InvariantCulture, out var offset))
        {
            yield break;
        }

        var isCards = words[3].EndsWith("-net.rules", StringComparison.Ordinal);
        foreach (var line in text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (isCards ? line.Contains("ATTR{address}", StringComparison.Ordinal) : DiskName().IsMatch(line))
            {
                yield return new GntExportFinding
                {
                    Kind = isCards ? GntExportFindingKind.RememberedCard : GntExportFindingKind.DiskName,
                    Disk = disk,
                    Offset = offset,
                    File = words[3],
                    Line = RemoteText.Printable(line),
                    RecommendedAction = isCards ? "Remove the file: the new machine's card has another address and would not be eth0." : "Name it by its UUID (blkid): another disk driver gives it another name.",
                };
            }
        }
    }

    private static byte[]? Unpacked(string base64)
    {
        try
        {
            using var packed = new GZipStream(new MemoryStream(Convert.FromBase64String(base64)), CompressionMode.Decompress);
            using var picture = new MemoryStream();
            packed.CopyTo(picture);
            return picture.ToArray();
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"/dev/(sd|hd|vd|xvd)[a-z]+\d*\b", RegexOptions.CultureInvariant)]
    private static partial Regex DiskName();

    [GeneratedRegex(@"portb\[0x0*3d5\] = 0x(?<value>[0-9a-f]+)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Register();
}
