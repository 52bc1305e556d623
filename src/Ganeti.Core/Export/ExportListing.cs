using System.Globalization;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>What a node says of its exports, in one call.</summary>
/// <remarks>
/// A line each: <c>folder PATH</c>; <c>export NAME</c>, and for each what follows it: <c>| LINE</c> of its description, <c>file LENGTH NAME</c>, and
/// of the file before it <c>head</c>, <c>iso</c>, <c>btrfs</c>, <c>inner</c> with bytes in base64. Private OS parameters stay on the node.
/// </remarks>
internal static class ExportListing
{
    /// <summary>Sets <c>$folder</c> to where Ganeti has exports on a node, as its build was told.</summary>
    internal const string FindFolder =
        """
        folder=
        for build in /usr/share/ganeti/default /usr/share/ganeti /usr/lib/python3/dist-packages /usr/lib/python3*/site-packages /usr/local/lib/python3*/*-packages; do
          [ -n "$folder" ] || [ ! -r "$build/ganeti/_constants.py" ] || folder=$(sed -n 's/^EXPORT_DIR = "\(.*\)"$/\1/p' "$build/ganeti/_constants.py")
        done
        [ -n "$folder" ] || { [ -d /srv/ganeti/export ] && folder=/srv/ganeti/export; } || folder=/var/lib/ganeti/export

        """;

    private const string Script = FindFolder +
        """
        echo "folder $folder"
        bytes() { echo "$1 $(base64 -w 0)"; }
        for name; do
          [ -d "$folder/$name" ] || continue
          echo "export $name"
          [ ! -r "$folder/$name/config.ini" ] || awk '/^\[/ { private = $0 ~ /^\[os_private\]/ } !private { print "| " $0 }' "$folder/$name/config.ini"
          for file in "$folder/$name"/*; do
            [ -f "$file" ] && [ "${file##*/}" != config.ini ] || continue
            stat -c "file %s ${file##*/}" "$file"
            head -c 4096 "$file" | bytes head
            tail -c +32770 "$file" | head -c 5 | bytes iso
            tail -c +65601 "$file" | head -c 8 | bytes btrfs
            case $(head -c 4 "$file" | od -An -tx1 | tr -d ' \n') in
              1f8b*) expand='gzip -dc' ;;
              fd377a58) expand='xz -dc' ;;
              28b52ffd) expand='zstd -dc' ;;
              894c5a4f) expand='lzop -dc' ;;
              425a68*) expand='bzip2 -dc' ;;
              04224d18) expand='lz4 -dc' ;;
              *) continue ;;
            esac
            head -c 1048576 "$file" | $expand 2>/dev/null | head -c 4096 | bytes inner
          done
        done
        """;

    /// <summary>The command that lists exports by their names.</summary>
    internal static RemoteCommand Command(IEnumerable<string> names) => RemoteCommand.Script(Script, [.. names]);

    /// <summary>Fills the exports that a node was asked about with what it said; one that is gone keeps nulls.</summary>
    internal static void Fill(IReadOnlyCollection<GntExport> exports, string output)
    {
        var folder = string.Empty;
        var sections = new List<(string Name, List<string> Description, Dictionary<string, Dump> Dumps)>();
        Dump? dump = null;
        foreach (var line in output.Split('\n'))
        {
            var (word, rest) = line.Split(' ', 2) is [var first, var second] ? (first, second) : (line, string.Empty);
            switch (word)
            {
                case "folder":
                    folder = rest;
                    break;
                case "export":
                    sections.Add((rest, [], new Dictionary<string, Dump>(StringComparer.Ordinal)));
                    break;
                case "|" when sections.Count > 0:
                    sections[^1].Description.Add(rest);
                    break;
                case "file" when sections.Count > 0 && rest.Split(' ', 2) is [var length, var name] && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var size):
                    sections[^1].Dumps[name] = dump = new Dump(size);
                    break;
                case "head" or "iso" or "btrfs" or "inner" when dump is not null:
                    dump.Parts[word] = Bytes(rest);
                    break;
            }
        }

        foreach (var (name, description, dumps) in sections)
        {
            foreach (var export in exports.Where(export => export.Name == name))
            {
                export.Path = $"{folder}/{name}";
                export.Size = dumps.Values.Sum(found => found.Size);
                if (description.Count > 0)
                {
                    ExportDescription.Parse(description).Fill(export);
                }

                foreach (var disk in export.Disks ?? [])
                {
                    Describe(disk, dumps.GetValueOrDefault(disk.FileName ?? string.Empty));
                }
            }
        }
    }

    private static void Describe(GntExportDisk disk, Dump? dump)
    {
        if (dump is null)
        {
            return;
        }

        var (kind, text) = Payload.Detect(dump.Part("head"), dump.Part("iso"), dump.Part("btrfs"));
        (disk.DumpSize, disk.Kind, disk.KindText) = (dump.Size, kind, text);
        if (dump.Parts.TryGetValue("inner", out var inner) && inner.Length > 0)
        {
            var (innerKind, innerText) = Payload.Detect(inner);
            (disk.InnerKind, disk.KindText) = (innerKind, $"{text}: {innerText}");
        }
    }

    private static byte[] Bytes(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : [];
    }

    private sealed record Dump(long Size)
    {
        internal Dictionary<string, byte[]> Parts { get; } = new(StringComparer.Ordinal);

        internal ReadOnlySpan<byte> Part(string name) => Parts.GetValueOrDefault(name);
    }
}
