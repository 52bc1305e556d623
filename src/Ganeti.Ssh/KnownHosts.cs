using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ganeti.Ssh;

/// <summary>What a line says about its key.</summary>
internal enum KnownHostMarker
{
    /// <summary>The key is the host's.</summary>
    None,

    /// <summary>The key must never be accepted.</summary>
    Revoked,

    /// <summary>The key signs host certificates.</summary>
    CertAuthority,
}

/// <summary>A line of a known_hosts file.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">The line's number, from 1.</param>
/// <param name="Marker">What the line says about the key.</param>
/// <param name="Hosts">The names or patterns as written.</param>
/// <param name="KeyType">The key's type as written.</param>
/// <param name="Key">The public key in wire format.</param>
internal sealed record KnownHost(string File, int Line, KnownHostMarker Marker, string Hosts, string KeyType, byte[] Key)
{
    internal bool IsKey(byte[] key) => Key.AsSpan().SequenceEqual(key);

    /// <summary>Whether the line is about a host, given as <see cref="KnownHosts.NameOf"/> writes it.</summary>
    internal bool IsFor(string name)
    {
        name = name.ToLowerInvariant();
        if (Hosts.StartsWith('|'))
        {
            return IsHashOf(name);
        }

        var isMatch = false;
        foreach (var pattern in Hosts.ToLowerInvariant().Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (pattern.StartsWith('!') && OpenSshPattern.Matches(pattern.AsSpan(1), name))
            {
                return false;
            }

            isMatch |= OpenSshPattern.Matches(pattern, name);
        }

        return isMatch;
    }

    /// <summary>Compares with a hashed name: <c>|1|salt|HMAC-SHA1(salt, name)</c> (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).</summary>
    private bool IsHashOf(string name)
    {
        var parts = Hosts.Split('|');
        if (parts is not ["", "1", var salt, var hash])
        {
            return false;
        }

        try
        {
#pragma warning disable CA5350 // The format prescribes SHA-1.
            return HMACSHA1.HashData(Convert.FromBase64String(salt), Encoding.UTF8.GetBytes(name)).AsSpan()
                .SequenceEqual(Convert.FromBase64String(hash));
#pragma warning restore CA5350
        }
        catch (FormatException)
        {
            return false;
        }
    }
}

/// <summary>The known_hosts files of a connection.</summary>
/// <remarks>Format: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. As in ssh, lines that can't be understood say nothing.</remarks>
internal sealed class KnownHosts
{
    /// <summary>The file of those who want nothing recorded.</summary>
    internal const string Nowhere = "/dev/null";

    /// <summary>Stands where a file could be that new keys are recorded in, and is none (<c>UserKnownHostsFile none</c>).</summary>
    internal const string NoFile = "none";

    private readonly List<KnownHost> _lines = [];

    /// <summary>Reads files in their order; those that do not exist or can't be read say nothing.</summary>
    internal static KnownHosts Read(IEnumerable<string> files)
    {
        var known = new KnownHosts();
        foreach (var file in files.Where(file => file is not (Nowhere or NoFile)))
        {
            try
            {
                known.Add(file, File.ReadAllText(file));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Then its hosts are unknown, and refused.
            }
        }

        return known;
    }

    /// <summary>A host as it is written in the file: with brackets when the port is not 22.</summary>
    internal static string NameOf(string host, int port) =>
        (port == 22 ? host : string.Create(CultureInfo.InvariantCulture, $"[{host}]:{port}")).ToLowerInvariant();

    /// <summary>The type that a public key in wire format says it is (RFC 4253, 6.6).</summary>
    internal static string TypeOf(byte[] key)
    {
        var length = key.Length >= 4 ? BinaryPrimitives.ReadUInt32BigEndian(key) : uint.MaxValue;
        return length <= key.Length - 4 ? Encoding.ASCII.GetString(key, 4, (int)length) : string.Empty;
    }

    /// <summary>Records a key. Several processes may do so at once; a key that is there already is not written twice.</summary>
    internal static void Append(string file, string name, byte[] key, bool hashed = false)
    {
        if (file == Nowhere)
        {
            return;
        }

        if (file == NoFile)
        {
            throw new IOException("UserKnownHostsFile is none");
        }

        CreateFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
        using var stream = OpenAlone(file);
        var text = new byte[stream.Length];
        stream.ReadExactly(text);

        var known = Of(file, Encoding.UTF8.GetString(text));
        if (known.For(name).Any(line => line.Marker == KnownHostMarker.None && line.IsKey(key)))
        {
            return;
        }

        var separator = text is [.., not (byte)'\n'] ? "\n" : string.Empty;
        stream.Write(Encoding.UTF8.GetBytes($"{separator}{(hashed ? Hash(name) : name)} {TypeOf(key)} {Convert.ToBase64String(key)}\n"));
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Reads text that was in no file of this machine.</summary>
    internal static KnownHosts Of(string source, string text)
    {
        var known = new KnownHosts();
        known.Add(source, text);
        return known;
    }

    /// <summary>The lines about a host, given as <see cref="NameOf"/> writes it.</summary>
    internal IEnumerable<KnownHost> For(string name) => _lines.Where(line => line.IsFor(name));

    internal void Add(string file, string text)
    {
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (Parse(file, number, line) is { } known)
            {
                _lines.Add(known);
            }
        }
    }

    private static KnownHost? Parse(string file, int number, string line)
    {
        var fields = line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries).AsSpan();
        if (fields.IsEmpty || fields[0].StartsWith('#'))
        {
            return null;
        }

        var marker = KnownHostMarker.None;
        if (fields[0].StartsWith('@'))
        {
            switch (fields[0])
            {
                case "@revoked":
                    marker = KnownHostMarker.Revoked;
                    break;
                case "@cert-authority":
                    marker = KnownHostMarker.CertAuthority;
                    break;
                default:
                    return null;
            }

            fields = fields[1..];
        }

        if (fields.Length < 3)
        {
            return null;
        }

        try
        {
            var key = Convert.FromBase64String(fields[2]);
            return TypeOf(key) == fields[1] ? new KnownHost(file, number, marker, fields[0], fields[1], key) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string Hash(string name)
    {
        var salt = RandomNumberGenerator.GetBytes(20);
#pragma warning disable CA5350 // The format prescribes SHA-1.
        return $"|1|{Convert.ToBase64String(salt)}|{Convert.ToBase64String(HMACSHA1.HashData(salt, Encoding.UTF8.GetBytes(name)))}";
#pragma warning restore CA5350
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static FileStream OpenAlone(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // Another process has it for the moment that a line takes to write.
        for (var tries = 0; ; tries++)
        {
            try
            {
                return new FileStream(file, options);
            }
            catch (IOException e) when (tries < 200 && e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
            {
                Thread.Sleep(10);
            }
        }
    }
}
