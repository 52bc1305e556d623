using System.Security.Cryptography;
using Ganeti.Remote;

namespace Ganeti.Ssh;

/// <summary>Why a host's key is not trusted, told to the operator.</summary>
internal sealed class HostKeyErrors(RemoteEndpoint endpoint, string name)
{
    /// <summary>The fingerprint as ssh prints it.</summary>
    internal static string Fingerprint(byte[] key) => "SHA256:" + Convert.ToBase64String(SHA256.HashData(key)).TrimEnd('=');

    internal static string Describe(byte[] key) => $"{Short(KnownHosts.TypeOf(key))} key {Fingerprint(key)}";

    internal string Question(byte[] key) =>
        $"No known_hosts file has a key for {name}. {endpoint.Host} shows the {Describe(key)}. Is that the host's own, and shall it be recorded?";

    internal RemoteException Unknown(byte[] key, string? certificateFault, string? clusterFault) =>
        new(
            GanetiError.HostKeyUnknown,
            endpoint.Host,
            $"The identity of {endpoint.Host} is not known: no known_hosts file has a key for {name}. It shows the {Describe(key)}." +
            (clusterFault is null ? string.Empty : $" {clusterFault}") + Certified(certificateFault))
        {
            RecommendedAction =
                $"Compare the fingerprint with the host's own ('ssh-keygen -lf /etc/ssh/ssh_host_{Short(KnownHosts.TypeOf(key)).ToLowerInvariant()}_key.pub' on its console); " +
                "when it is the same, connect with -AcceptNewHostKey, which records it" +
                (endpoint.KnownHostsFiles is [not (KnownHosts.NoFile or KnownHosts.Nowhere), ..] ? $" in {endpoint.KnownHostsFiles[0]}." : "."),
        };

    internal RemoteException Changed(byte[] key, IReadOnlyList<KnownHost> known, string? certificateFault) =>
        new(
            GanetiError.HostKeyChanged,
            endpoint.Host,
            $"THE HOST KEY OF {endpoint.Host} HAS CHANGED: it shows the {Describe(key)}, but is known as {Places(known)}. Somebody may be listening in, or the host was installed anew." +
            Certified(certificateFault))
        {
            RecommendedAction =
                "Find out why before anything else. If the host was installed anew, remove the old key with " +
                $"'ssh-keygen -R \"{name}\"{(known.Count > 0 ? $" -f \"{known[0].File}\"" : string.Empty)}' and connect with -AcceptNewHostKey.",
        };

    internal RemoteException ChangedWhileConnected(byte[] key) =>
        new(GanetiError.HostKeyChanged, endpoint.Host, $"{endpoint.Host} shows the {Describe(key)} in the middle of a connection, which is not the key that it began with.")
        {
            RecommendedAction = "Somebody is tampering with the connection. Do not go on before you know who.",
        };

    internal RemoteException Revoked(byte[] key, string where) =>
        new(GanetiError.HostKeyRevoked, endpoint.Host, $"The {Describe(key)} that {endpoint.Host} shows is marked as revoked in {where}.")
        {
            RecommendedAction = $"Do not connect. Have new host keys made on {endpoint.Host}.",
        };

    internal RemoteException RevocationsUnreadable(string file, string reason) =>
        new(GanetiError.HostKeyRevoked, endpoint.Host, $"Whether the key of {endpoint.Host} is revoked can't be known: {file} (RevokedHostKeys) can't be read: {reason}")
        {
            RecommendedAction = $"Make {file} readable, or take RevokedHostKeys out of ssh_config.",
        };

    internal RemoteException NotRecorded(byte[] key, Exception cause) =>
        new(GanetiError.HostKeyNotRecorded, endpoint.Host, $"The {Describe(key)} of {endpoint.Host} could not be recorded: {cause.Message}", cause)
        {
            RecommendedAction = "Make the known_hosts file writable, or add the key to it by hand (ssh-keyscan prints it).",
        };

    internal static string Places(IEnumerable<KnownHost> known) =>
        string.Join(", ", known.Select(line => $"{Short(line.KeyType)} {Fingerprint(line.Key)} ({line.File} line {line.Line})"));

    private static string Certified(string? fault) => fault is null ? string.Empty : $" Its certificate does not help: {fault}.";

    private static string Short(string keyType) => keyType switch
    {
        "ssh-rsa" => "RSA",
        "ssh-ed25519" => "ED25519",
        _ when keyType.StartsWith("ecdsa-", StringComparison.Ordinal) => "ECDSA",
        _ => keyType,
    };
}
