using System.Security.Cryptography;
using Ganeti.Remote;
using Renci.SshNet;
using Renci.SshNet.Security;

namespace Ganeti.Ssh;

/// <summary>Decides whether a server is who it should be, from the known_hosts files.</summary>
internal sealed class HostKeyCheck
{
    private readonly RemoteEndpoint _endpoint;
    private readonly KnownHosts _known;
    private readonly string _name;
    private readonly string? _plainName;
    private byte[]? _accepted;

    internal HostKeyCheck(RemoteEndpoint endpoint)
    {
        _endpoint = endpoint;
        _known = KnownHosts.Read(endpoint.KnownHostsFiles);
        _name = endpoint.HostKeyAlias ?? KnownHosts.NameOf(endpoint.Host, endpoint.Port);

        // As ssh does: a key known for the host without a port is good for its other ports, too.
        _plainName = endpoint.HostKeyAlias is null && endpoint.Port != 22 ? endpoint.Host : null;
    }

    /// <summary>The fingerprint as ssh prints it.</summary>
    internal static string Fingerprint(byte[] key) => "SHA256:" + Convert.ToBase64String(SHA256.HashData(key)).TrimEnd('=');

    /// <summary>Leaves only the algorithms for which a key of the host is known, so that it can't be "changed" by offering another.</summary>
    internal void Restrict(IDictionary<string, Func<byte[], KeyHostAlgorithm>> algorithms)
    {
        var known = Types(_name);
        var preferred = _plainName is null ? known : Types(_plainName);
        foreach (var (name, algorithm) in algorithms.ToList())
        {
            // Host certificates are not checked yet; SHA-1 signatures are not good enough.
            var isUsable = !name.Contains("-cert-", StringComparison.Ordinal) && name != "ssh-rsa";
            if (!isUsable || (known.Count > 0 && !known.Contains(KeyType(name))))
            {
                algorithms.Remove(name);
            }
            else if (!preferred.Contains(KeyType(name)))
            {
                // To the end: what is offered first is what the server chooses.
                algorithms.Remove(name);
                algorithms.Add(name, algorithm);
            }
        }
    }

    /// <summary>Looks at the key that the server has proven to hold; what it returns is why it is refused.</summary>
    internal RemoteException? Verify(byte[] key)
    {
        if (_accepted is not null)
        {
            // New session keys on a running connection: it must be the same server still.
            return _accepted.AsSpan().SequenceEqual(key) ? null : Changed(key, []);
        }

        var refusal = Judge(key);
        _accepted = refusal is null ? key : null;
        return refusal;
    }

    /// <summary>The server has none of the keys that it is known by.</summary>
    internal RemoteException? NoKnownType(Exception cause)
    {
        var known = Lines(_name);
        return known.Count == 0 || !cause.Message.StartsWith("No matching host key algorithm", StringComparison.Ordinal)
            ? null
            : new RemoteException(
                GanetiError.HostKeyChanged,
                _endpoint.Host,
                $"{_endpoint.Host} no longer has a host key of the kind it is known by: {Places(known)}. ({cause.Message})",
                cause)
            {
                RecommendedAction = ChangedAction(known),
            };
    }

    private static string KeyType(string algorithm) => algorithm.StartsWith("rsa-sha2-", StringComparison.Ordinal) ? "ssh-rsa" : algorithm;

    private static string Short(string keyType) => keyType switch
    {
        "ssh-rsa" => "RSA",
        "ssh-ed25519" => "ED25519",
        _ when keyType.StartsWith("ecdsa-", StringComparison.Ordinal) => "ECDSA",
        _ => keyType,
    };

    private static string Places(IEnumerable<KnownHost> known) =>
        string.Join(", ", known.Select(line => $"{Short(line.KeyType)} {Fingerprint(line.Key)} ({line.File} line {line.Line})"));

    private HashSet<string> Types(string name) => [.. Lines(name).Select(line => line.KeyType)];

    private List<KnownHost> Lines(string name) => [.. _known.For(name).Where(line => line.Marker == KnownHostMarker.None)];

    private RemoteException? Judge(byte[] key)
    {
        var names = _plainName is null ? [_name] : (string[])[_name, _plainName];
        if (names.SelectMany(_known.For).FirstOrDefault(line => line.Marker == KnownHostMarker.Revoked && line.IsKey(key)) is { } revoked)
        {
            return Revoked(key, revoked);
        }

        var exact = Lines(_name);
        if (exact.Any(line => line.IsKey(key)) || (exact.Count == 0 && _plainName is not null && Lines(_plainName).Any(line => line.IsKey(key))))
        {
            return null;
        }

        return exact.Count > 0 ? Changed(key, exact) : _endpoint.AcceptNewHostKey ? Record(key) : Unknown(key);
    }

    private RemoteException? Record(byte[] key)
    {
        try
        {
            if (_endpoint.KnownHostsFiles.Count == 0)
            {
                throw new IOException("no known_hosts file is given");
            }

            KnownHosts.Append(_endpoint.KnownHostsFiles[0], _name, key);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new RemoteException(
                GanetiError.HostKeyNotRecorded,
                _endpoint.Host,
                $"The {Describe(key)} of {_endpoint.Host} could not be recorded: {e.Message}",
                e)
            {
                RecommendedAction = "Make the known_hosts file writable, or add the key to it by hand (ssh-keyscan prints it).",
            };
        }
    }

    private RemoteException Unknown(byte[] key) =>
        new(GanetiError.HostKeyUnknown, _endpoint.Host, $"The identity of {_endpoint.Host} is not known: no known_hosts file has a key for {_name}. It shows the {Describe(key)}.")
        {
            RecommendedAction =
                $"Compare the fingerprint with the host's own ('ssh-keygen -lf /etc/ssh/ssh_host_{Short(KnownHosts.TypeOf(key)).ToLowerInvariant()}_key.pub' on its console); " +
                "when it is the same, connect with -AcceptNewHostKey, which records it" +
                (_endpoint.KnownHostsFiles.Count > 0 ? $" in {_endpoint.KnownHostsFiles[0]}." : "."),
        };

    private RemoteException Changed(byte[] key, IReadOnlyList<KnownHost> known) =>
        new(GanetiError.HostKeyChanged, _endpoint.Host, $"THE HOST KEY OF {_endpoint.Host} HAS CHANGED: it shows the {Describe(key)}, but is known as {Places(known)}. Somebody may be listening in, or the host was installed anew.")
        {
            RecommendedAction = ChangedAction(known),
        };

    private RemoteException Revoked(byte[] key, KnownHost line) =>
        new(GanetiError.HostKeyRevoked, _endpoint.Host, $"The {Describe(key)} that {_endpoint.Host} shows is marked as revoked in {line.File} line {line.Line}.")
        {
            RecommendedAction = $"Do not connect. Have new host keys made on {_endpoint.Host}.",
        };

    private string ChangedAction(IReadOnlyList<KnownHost> known) =>
        "Find out why before anything else. If the host was installed anew, remove the old key with " +
        $"'ssh-keygen -R \"{_name}\"{(known.Count > 0 ? $" -f \"{known[0].File}\"" : string.Empty)}' and connect with -AcceptNewHostKey.";

    private static string Describe(byte[] key) => $"{Short(KnownHosts.TypeOf(key))} key {Fingerprint(key)}";
}
