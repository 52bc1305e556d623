using System.Globalization;
using System.Text.RegularExpressions;

namespace Ganeti;

/// <summary>The I/O errors in a kernel's log, by device.</summary>
/// <remarks>
/// <c>I/O error, dev sdb, sector 2048 op 0x0:(READ) flags …</c> (block/blk-mq.c, <c>blk_print_req_error</c>; with <c>blk_update_request:</c> or <c>end_request:</c> before it in
/// older kernels, and other words than I/O: <c>critical medium error</c>, <c>timeout error</c>), <c>Buffer I/O error on dev dm-3, logical block 0, …</c> (fs/buffer.c). The lines are
/// <c>dmesg</c>'s, with ISO times or with seconds in brackets, or <c>journalctl</c>'s.
/// </remarks>
internal static partial class KernelIOErrors
{
    internal static ILookup<string, BlockDeviceError> Parse(string log) => DrbdText.Lines(log)
        .Select(line => Line().Match(line)).Where(match => match.Success)
        .ToLookup(match => match.Groups["device"].Value, match => new BlockDeviceError
        {
            Time = Time(match.Groups["time"].Value),
            Operation = match.Groups["operation"] is { Success: true } operation ? operation.Value : null,
            Sector = match.Groups["sector"].Success ? DrbdText.Number(match.Groups["sector"].Value) : null,
            Text = RemoteText.Printable(match.Groups["text"].Value.TrimEnd()),
        });

    // dmesg has a comma before the fraction.
    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParse(text.Replace(',', '.'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    [GeneratedRegex(@"^(\[ *[0-9.]+\] |(?<time>\d{4}-\d\d-\d\dT[0-9:.,]+([+-]\d\d:?\d\d|Z)?)( \S+ kernel:)? )?(?<text>.*?\berror,? (on )?dev(ice)? (?<device>[^\s,]+),?( (sector|logical block) (?<sector>\d+))?( op 0x[0-9a-f]+:\((?<operation>[A-Z_]+)\))?.*)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Line();
}
