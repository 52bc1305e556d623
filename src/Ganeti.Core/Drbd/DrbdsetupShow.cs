using System.Globalization;
using System.Text;

namespace Ganeti;

/// <summary>What <c>drbdsetup show</c> says: how each resource is configured.</summary>
/// <remarks>
/// Statements of words that end in <c>;</c>, and sections of statements in braces; <c>#</c> begins a comment, a word may be quoted
/// (drbdsetup.c, <c>show_cmd</c>). 8.4 has <c>resource … { net { } _remote_host { } _this_host { volume 0 { disk { } } } }</c>, 8.0 to 8.3 have the sections of
/// one minor without a resource around them, 9 has <c>connection { path { } }</c>. StandAlone has neither net options nor addresses.
/// The shared secret is in there in clear: it is dropped here.
/// </remarks>
internal sealed class DrbdsetupShow
{
    private readonly List<DrbdConfiguration> _volumes = [];

    private DrbdsetupShow()
    {
    }

    /// <summary>One for each volume, which is one for each minor.</summary>
    internal IReadOnlyList<DrbdConfiguration> Volumes => _volumes;

    /// <summary>Whether the text ended where it should; false when it was cut off.</summary>
    internal bool IsComplete { get; private set; }

    internal static DrbdsetupShow Parse(string text)
    {
        var show = new DrbdsetupShow();
        var words = new WordReader(text);
        var top = Section.Read([], words);
        show.IsComplete = !words.EndedEarly;

        var resources = top.Sections.Where(section => section.Name is ["resource", ..]).ToArray();
        foreach (var resource in resources.Length > 0 ? resources : [top])
        {
            show.AddResource(resource);
        }

        return show;
    }

    private void AddResource(Section resource)
    {
        var host = resource.Find("_this_host");
        var path = resource.Find("connection")?.Find("path");
        var addresses = new DrbdConfiguration
        {
            ResourceName = resource.Name.ElementAtOrDefault(1),
            Local = Address(host?.Statement("address")) ?? Address(path?.Statement("_this_host")),
            Peer = Address(resource.Find("_remote_host")?.Statement("address")) ?? Address(path?.Statement("_remote_host")),
        };
        GntParameters options = [];
        foreach (var section in new[] { resource.Find("options"), resource.Find("net"), resource.Find("connection")?.Find("net"), resource.Find("syncer") })
        {
            section?.CopyOptions(options);
        }

        if (resource.Statement("protocol") is [_, var protocol])
        {
            options["protocol"] = protocol;
        }

        var volumes = host?.Sections.Where(section => section.Name is ["volume", ..]).ToArray() ?? [];
        foreach (var volume in volumes.Length > 0 ? volumes : host is null ? [] : [host])
        {
            var all = new GntParameters(options);
            (volume.Find("disk") ?? resource.Find("disk"))?.CopyOptions(all);
            _volumes.Add(addresses with
            {
                Volume = (int?)DrbdText.Number(volume.Name.ElementAtOrDefault(1)),
                Minor = Minor(volume.Statement("device")),
                BackingDevice = volume.Statement("disk")?.ElementAtOrDefault(1),
                MetaDevice = volume.Statement("meta-disk")?.ElementAtOrDefault(1),
                Options = all,
            });
        }
    }

    // "device minor 0", and before 8.3 "device /dev/drbd0".
    private static int? Minor(IReadOnlyList<string>? device) => device switch
    {
        [_, "minor", var number, ..] => (int?)DrbdText.Number(number),
        [_, var path, ..] when path.StartsWith("/dev/drbd", StringComparison.Ordinal) => (int?)DrbdText.Number(path["/dev/drbd".Length..]),
        _ => null,
    };

    // "address ipv4 192.0.2.1:11000", "address ipv6 [2001:db8::1]:11000", and before 8.3 without the family.
    private static DrbdAddress? Address(IReadOnlyList<string>? statement)
    {
        var text = statement is null || statement.Count < 2 ? null : statement[^1];
        var colon = text?.LastIndexOf(':') ?? -1;
        return colon > 0 && DrbdText.Number(text![(colon + 1)..]) is { } port and >= 0 and <= 65535
            ? new DrbdAddress(statement!.Count > 2 ? statement[1] : null, text[..colon].Trim('[', ']'), (int)port)
            : null;
    }

    private sealed class Section
    {
        private readonly List<IReadOnlyList<string>> _statements = [];
        private readonly List<Section> _sections = [];

        private Section(IReadOnlyList<string> name) => Name = name;

        internal IReadOnlyList<string> Name { get; }

        internal IReadOnlyList<Section> Sections => _sections;

        internal static Section Read(IReadOnlyList<string> name, WordReader words, int depth = 0)
        {
            var section = new Section(name);
            var statement = new List<string>();
            while (words.Next(out var word, out var isQuoted))
            {
                switch (isQuoted ? string.Empty : word)
                {
                    case ";":
                        section.Add(statement);
                        statement = [];
                        break;
                    case "{" when depth < 32:
                        section._sections.Add(Read(statement, words, depth + 1));
                        statement = [];
                        break;
                    case "}" when depth > 0:
                        return section;
                    case "_is_default":
                        break;
                    default:
                        statement.Add(word);
                        break;
                }
            }

            words.EndedEarly |= depth > 0 || statement.Count > 0;
            return section;
        }

        internal Section? Find(string name) => _sections.Find(section => section.Name.Count > 0 && section.Name[0] == name);

        internal IReadOnlyList<string>? Statement(string name) => _statements.Find(statement => statement[0] == name);

        internal void CopyOptions(GntParameters options)
        {
            foreach (var statement in _statements)
            {
                options[statement[0]] = Value(string.Join(' ', statement.Skip(1)));
            }
        }

        private void Add(List<string> statement)
        {
            if (statement.Count > 0 && !statement[0].Contains("secret", StringComparison.OrdinalIgnoreCase))
            {
                _statements.Add(statement);
            }
        }

        // Sizes and rates have a unit behind the number: sectors of 512 bytes, or KiB …
        private static object Value(string text)
        {
            var unit = text.Length < 2 ? 0 : text[^1] switch { 's' => 512, 'k' or 'K' => 1L << 10, 'm' or 'M' => 1L << 20, 'g' or 'G' => 1L << 30, _ => 0 };
            return text switch
            {
                "yes" => true,
                "no" => false,
                _ when unit > 0 && long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sized) && DrbdText.Scaled(sized, unit) is { } bytes => bytes,
                _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
                _ => text,
            };
        }
    }

    /// <summary>Words, quoted ones without their quotes; braces and semicolons are words of their own.</summary>
    private sealed class WordReader(string text)
    {
        private int _at;

        internal bool EndedEarly { get; set; }

        internal bool Next(out string word, out bool isQuoted)
        {
            SkipBlanks();
            isQuoted = _at < text.Length && text[_at] == '"';
            word = _at >= text.Length ? string.Empty : isQuoted ? Quoted() : IsMark(text[_at]) ? text[_at++].ToString() : Bare();
            return word.Length > 0 || isQuoted;
        }

        private static bool IsMark(char c) => c is ';' or '{' or '}';

        private void SkipBlanks()
        {
            while (_at < text.Length && (char.IsWhiteSpace(text[_at]) || text[_at] == '#'))
            {
                var end = text[_at] == '#' ? text.IndexOf('\n', _at) : _at;
                _at = end < 0 ? text.Length : end + 1;
            }
        }

        private string Bare()
        {
            var start = _at;
            while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && !IsMark(text[_at]) && text[_at] is not ('"' or '#'))
            {
                _at++;
            }

            return text[start.._at];
        }

        private string Quoted()
        {
            var word = new StringBuilder();
            for (_at++; _at < text.Length && text[_at] != '"'; _at++)
            {
                _at += text[_at] == '\\' && _at + 1 < text.Length ? 1 : 0;
                word.Append(text[_at]);
            }

            EndedEarly |= _at >= text.Length;
            _at++;
            return word.ToString();
        }
    }
}

/// <summary>An address of one side.</summary>
/// <param name="Family">The family as DRBD names it (<c>ipv4</c>), or null where it does not.</param>
/// <param name="IP">The address itself.</param>
/// <param name="Port">The TCP port.</param>
internal sealed record DrbdAddress(string? Family, string IP, int Port);

/// <summary>How one minor is configured in the kernel.</summary>
internal sealed record DrbdConfiguration
{
    internal string? ResourceName { get; init; }

    internal int? Volume { get; init; }

    internal int? Minor { get; init; }

    internal DrbdAddress? Local { get; init; }

    internal DrbdAddress? Peer { get; init; }

    internal string? BackingDevice { get; init; }

    internal string? MetaDevice { get; init; }

    /// <summary>Options of resource, network and disk, without the shared secret.</summary>
    internal GntParameters Options { get; init; } = [];

    /// <summary>Tells a device what it does not know from elsewhere.</summary>
    internal void Fill(DrbdDevice device)
    {
        device.ResourceName ??= ResourceName;
        device.Volume ??= Volume;
        device.LocalAddress ??= Local?.IP;
        device.PeerAddress ??= Peer?.IP;
        device.Port ??= Local?.Port ?? Peer?.Port;
        device.BackingDevice ??= BackingDevice;
        device.MetaDevice ??= MetaDevice;
        device.Size ??= Options.GetValueOrDefault("size") is long size and > 0 ? size : null;
        device.Options ??= Options;
    }
}
