using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Ganeti;

/// <summary>A partition of a disk, or with the number 0 the disk itself, and what is on it.</summary>
/// <remarks>A line of <c>partx --raw</c> after <c>part</c>, tabs between; then the lines of <c>blkid -p -o export</c>. Sectors of 512 bytes.</remarks>
internal sealed partial record MountPartition(int Number, long Start, long Sectors, string? Name, IReadOnlyDictionary<string, string> Found)
{
    /// <summary>What is on it in blkid's word, or null.</summary>
    internal string? Type => Found.GetValueOrDefault("TYPE");

    internal string? Label => Found.GetValueOrDefault("LABEL");

    internal bool IsVolumeGroup => Type == "LVM2_member";

    /// <summary>Whether there is something on it that may be a file system.</summary>
    internal bool IsCandidate => Type is not null and not ("LVM2_member" or "swap" or "crypto_LUKS" or "linux_raid_member" or "drbd");

    /// <summary>What mount.sh takes.</summary>
    internal string Argument => string.Create(CultureInfo.InvariantCulture, $"{Number}:{Start}:{Sectors}");

    /// <summary>For people: <c>1 (ext4, 'root', 20 MiB)</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number} ({string.Join(", ", new[] { Type ?? "nothing known", Label is null ? null : $"'{Label}'", Name is null ? null : $"named '{Name}'", $"{Sectors >> 11} MiB" }.OfType<string>())})");

    /// <summary>What <c>open</c> printed.</summary>
    internal static IReadOnlyList<MountPartition> Parse(string output)
    {
        var found = new List<MountPartition>();
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in output.Split('\n'))
        {
            if (line.Split('\t') is ["part", var number, var start, var sectors, .. var name] && DrbdText.Number(number) is { } nr && DrbdText.Number(start) is { } first && DrbdText.Number(sectors) is { } count)
            {
                values = new Dictionary<string, string>(StringComparer.Ordinal);
                found.Add(new MountPartition((int)nr, first, count, name is [{ Length: > 0 } given, ..] ? RemoteText.Printable(Unescaped(given)) : null, values));
            }
            else if (line.Split('=', 2) is [var key, var value])
            {
                // A shell's backslashes before what is special to it.
                values[key] = RemoteText.Printable(Escape().Replace(value, "$1"));
            }
        }

        return found;
    }

    // partx writes what is special as \xNN.
    private static string Unescaped(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text[i + 1] == 'x' && byte.TryParse(text.AsSpan(i + 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code))
            {
                bytes.Add(code);
                i += 3;
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text[i].ToString()));
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    [GeneratedRegex(@"\\(.)", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();
}
