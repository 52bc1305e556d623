using Renci.SshNet;
using Renci.SshNet.Common;

namespace Ganeti.Ssh;

/// <summary>The private keys that were read, for all hosts of a transport: a passphrase is asked for once.</summary>
internal sealed class KeyRing
{
    private readonly Dictionary<string, (DateTime Written, PrivateKeyFile Key)> _keys = new(StringComparer.Ordinal);
    private readonly object _gate = new();

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

    private static PrivateKeyFile? Open(string path, Func<string, string?> passphrase)
    {
        try
        {
            return Load(path, null);
        }
        catch (Exception e) when (e is SshPassPhraseNullOrEmptyException || IsEncryptedPkcs8(path))
        {
            if (passphrase(path) is not { Length: > 0 } given)
            {
                return null;
            }

            try
            {
                return Load(path, given);
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

    /// <summary>Reads a key with the certificate that lies beside it, as ssh does; a certificate of another key is passed over.</summary>
    private static PrivateKeyFile Load(string path, string? passphrase)
    {
        var certificate = path + "-cert.pub";
        var key = new PrivateKeyFile(path, passphrase);
        if (!File.Exists(certificate))
        {
            return key;
        }

        try
        {
            return new PrivateKeyFile(path, passphrase, certificate);
        }
        catch (Exception e) when (e is ArgumentException or SshException or FormatException)
        {
            return key;
        }
    }
}
