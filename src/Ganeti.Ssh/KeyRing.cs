using System.Text;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace Ganeti.Ssh;

/// <summary>The private keys that were read, for all hosts of a transport: a passphrase is asked for once.</summary>
internal sealed class KeyRing
{
    private const string OpenSshBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
    private const string OpenSshEnd = "-----END OPENSSH PRIVATE KEY-----";

    private readonly Dictionary<string, (DateTime Written, PrivateKeyFile Key)> _keys = new(StringComparer.Ordinal);
    private readonly object _gate = new();

    private static ReadOnlySpan<byte> OpenSshMagic => "openssh-key-v1\0"u8;

    /// <summary>The public half of a key in wire format.</summary>
    internal static byte[] PublicOf(PrivateKeyFile key) => key.HostKeyAlgorithms.First().Data;

    /// <summary>
    /// The public half of the key in a file, as far as it can be known without a passphrase: from the file, or the one of the same name that ends
    /// in .pub. Null when it can't.
    /// </summary>
    internal PublicKey? ReadPublic(string path)
    {
        try
        {
            return PublicIn(path) ?? (File.Exists($"{path}.pub") ? PublicIn($"{path}.pub") : null) ?? (Read(path, _ => null) is { } key ? Named(path, PublicOf(key)) : null);
        }
        catch (Exception)
        {
            // What is wrong with it comes out when its turn to be used comes.
            return null;
        }
    }

    /// <summary>The key in a file, or null when it is encrypted and no passphrase is given.</summary>
    /// <exception cref="SshException">The file is not a private key, or the passphrase is wrong.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    internal PrivateKeyFile? Read(string path, Func<string, string?> passphrase)
    {
        // One at a time: twenty nodes that need the same key ask for its passphrase once.
        lock (_gate)
        {
            var written = File.GetLastWriteTimeUtc(path);
            if (_keys.TryGetValue(path, out var known) && known.Written == written)
            {
                return known.Key;
            }

            if (Open(path, passphrase) is not { } key)
            {
                return null;
            }

            _keys[path] = (written, key);
            return key;
        }
    }

    /// <summary>Whether a file is a public key, which names one that the agent has.</summary>
    internal static bool IsPublicOnly(string path) => !File.ReadAllText(path).Contains("PRIVATE KEY", StringComparison.Ordinal) && PublicIn(path) is not null;

    private static PublicKey Named(string path, byte[] blob) => new(KnownHosts.TypeOf(blob), blob, path);

    /// <summary>A file may be a public key itself (its private half is the agent's), or begin with it unencrypted (PROTOCOL.key).</summary>
    private static PublicKey? PublicIn(string path)
    {
        var text = File.ReadAllText(path);
        var begin = text.IndexOf(OpenSshBegin, StringComparison.Ordinal);
        var end = text.IndexOf(OpenSshEnd, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            return text.Contains("PRIVATE KEY", StringComparison.Ordinal) ? null : PublicKey.ReadAll(text).FirstOrDefault();
        }

        var bytes = Convert.FromBase64String(text[(begin + OpenSshBegin.Length)..end]);
        if (!bytes.AsSpan().StartsWith(OpenSshMagic))
        {
            return null;
        }

        var reader = new WireReader(bytes.AsSpan(OpenSshMagic.Length));
        _ = reader.ReadBytes(); // cipher
        _ = reader.ReadBytes(); // derivation
        _ = reader.ReadBytes(); // its options
        return reader.ReadUInt32() == 0 ? null : Named(path, reader.ReadBytes().ToArray());
    }

    private static PrivateKeyFile? Open(string path, Func<string, string?> passphrase)
    {
        try
        {
            return new PrivateKeyFile(path);
        }
        catch (Exception e) when (e is SshPassPhraseNullOrEmptyException || IsEncryptedPkcs8(path))
        {
            if (passphrase(path) is not { Length: > 0 } given)
            {
                return null;
            }

            try
            {
                return new PrivateKeyFile(path, given);
            }
            catch (Exception failure) when (failure is not IOException)
            {
                throw new SshException("its passphrase is wrong, or the file is damaged", failure);
            }
        }
    }

    // SSH.NET tries such a key with no passphrase instead of asking for one.
    private static bool IsEncryptedPkcs8(string path) =>
        File.ReadLines(path).Any(line => line.StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal));
}
