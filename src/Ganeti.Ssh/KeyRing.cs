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
            return new PrivateKeyFile(path);
        }
        catch (SshPassPhraseNullOrEmptyException)
        {
            return passphrase(path) is { Length: > 0 } given ? new PrivateKeyFile(path, given) : null;
        }
    }
}
