using Ganeti.Remote;
using Renci.SshNet.Security;

namespace Ganeti.Ssh;

/// <summary>Decides whether a server is who it should be, from the known_hosts files, in the order that ssh decides it.</summary>
internal sealed class HostKeyCheck
{
    private readonly RemoteEndpoint _endpoint;
    private readonly ConnectLimit _limit;
    private KnownHosts _known;
    private readonly KnownHosts _cluster;
    private readonly HostKeyErrors _errors;
    private readonly string _name;
    private readonly string[] _names;
    private IReadOnlyDictionary<string, Func<byte[], KeyHostAlgorithm>> _authorities = new Dictionary<string, Func<byte[], KeyHostAlgorithm>>();
    private CertificateHostAlgorithm? _certificate;
    private byte[]? _accepted;

    /// <param name="endpoint">The server.</param>
    /// <param name="limit">The end of the attempt.</param>
    /// <param name="said">What the endpoint's <see cref="KnownHostsCommand"/> says before a key was shown.</param>
    internal HostKeyCheck(RemoteEndpoint endpoint, ConnectLimit limit, string? said = null)
    {
        _endpoint = endpoint;
        _limit = limit;
        _known = Known(said);
        _cluster = endpoint.ClusterHostKeys is { } keys ? KnownHosts.Of(keys.Source, keys.Text) : new KnownHosts();
        _name = endpoint.HostKeyAlias ?? KnownHosts.NameOf(endpoint.Host, endpoint.Port);
        _errors = new HostKeyErrors(endpoint, _name);

        // As ssh does: a key known for the host without a port is good for its other ports, too, but none is wrong for them.
        _names = endpoint.HostKeyAlias is null && endpoint.Port != 22 ? [_name, endpoint.Host] : [_name];
    }

    /// <summary>
    /// Asks the server for the kinds of key that the host is known by, before others: another kind would look like a changed key. Certificates
    /// are asked for where somebody is known who signs them.
    /// </summary>
    internal void Prefer(IDictionary<string, Func<byte[], KeyHostAlgorithm>> algorithms)
    {
        // SHA-1 signatures are not good enough.
        var secure = algorithms.Where(algorithm => HostCertificate.PlainName(algorithm.Key) is not ("ssh-rsa" or "ssh-dss")).ToList();
        _authorities = secure.Where(algorithm => _endpoint.Allows("casignaturealgorithms", algorithm.Key)).ToDictionary();
        var isCertified = _names.SelectMany(_known.For).Any(line => line.Marker == KnownHostMarker.CertAuthority);
        var known = Types(Lines(_name) is { Count: > 0 } lines ? lines : ClusterLines());
        algorithms.Clear();
        foreach (var (name, make) in secure
            .Where(algorithm => isCertified || !HostCertificate.IsCertificate(algorithm.Key))
            .OrderBy(algorithm => HostCertificate.IsCertificate(algorithm.Key) ? 0 : known.Contains(KeyType(algorithm.Key)) ? 1 : 2))
        {
            algorithms.Add(name, HostCertificate.IsCertificate(name) ? bytes => KeyOf(name, (CertificateHostAlgorithm)make(bytes)) : bytes => KeyOf(make(bytes)));
        }
    }

    /// <summary>Looks at the key that the server has proven to hold; what it returns is why it is refused.</summary>
    internal RemoteException? Verify(byte[] key)
    {
        if (_accepted is not null)
        {
            // New session keys on a running connection: it must be the same server still.
            return _accepted.AsSpan().SequenceEqual(key) ? null : _errors.ChangedWhileConnected(key);
        }

        try
        {
            // As ssh does: asked anew, now that there is a key to ask about.
            _known = _endpoint.KnownHostsCommand is null ? _known : Known(KnownHostsCommand.ReadAsync(_endpoint, "HOSTNAME", key, _limit).GetAwaiter().GetResult());
        }
        catch (RemoteException e)
        {
            return e;
        }

        var refusal = Judge(key);
        _accepted = refusal is null ? key : null;
        return refusal;
    }

    private KnownHosts Known(string? said)
    {
        var known = KnownHosts.Read(_endpoint.KnownHostsFiles);
        known.Add("KnownHostsCommand", said ?? string.Empty);
        return known;
    }

    private static string KeyType(string algorithm) => algorithm.StartsWith("rsa-sha2-", StringComparison.Ordinal) ? "ssh-rsa" : algorithm;

    private KeyHostAlgorithm KeyOf(KeyHostAlgorithm key)
    {
        _certificate = null;
        return key;
    }

    private KeyHostAlgorithm KeyOf(string name, CertificateHostAlgorithm certified)
    {
        _certificate = certified;
        return new KeyHostAlgorithm(HostCertificate.PlainName(name), certified.Key, certified.DigitalSignature);
    }

    private static HashSet<string> Types(IEnumerable<KnownHost> lines) => [.. lines.Select(line => line.KeyType)];

    private List<KnownHost> Lines(string name) => [.. _known.For(name).Where(line => line.Marker == KnownHostMarker.None)];

    private List<KnownHost> ClusterLines() => _endpoint.ClusterHostKeys is { } keys
        ? [.. _cluster.For(keys.ClusterName).Where(line => line.Marker == KnownHostMarker.None)]
        : [];

    private RemoteException? Judge(byte[] key)
    {
        if (WhyRevoked(key) is { } revoked)
        {
            return revoked;
        }

        var certificateFault = _certificate is null ? null : WhyNotCertified(_certificate);
        if (_certificate is not null && certificateFault is null)
        {
            return null;
        }

        var exact = Lines(_name);
        if (exact.Count > 0)
        {
            return exact.Any(line => line.IsKey(key)) ? null : _errors.Changed(key, exact, certificateFault);
        }

        var cluster = ClusterLines();
        if (_names.Any(name => Lines(name).Any(line => line.IsKey(key))) || cluster.Any(line => line.IsKey(key)))
        {
            return null;
        }

        var clusterFault = cluster.Count == 0 ? null : $"The cluster itself knows its nodes by {HostKeyErrors.Places(cluster)}.";
        return IsAcceptedAsNew(key) ? Record(key) : _errors.Unknown(key, certificateFault, clusterFault);
    }

    private RemoteException? WhyRevoked(byte[] key)
    {
        var keys = _certificate is null ? [key] : (byte[][])[key, _certificate.Certificate.CertificateAuthorityKey];
        if (_names.SelectMany(_known.For).FirstOrDefault(line => line.Marker == KnownHostMarker.Revoked && keys.Any(line.IsKey)) is { } line)
        {
            return _errors.Revoked(key, $"{line.File} line {line.Line}");
        }

        if (_endpoint.RevokedHostKeysFile is not { } file)
        {
            return null;
        }

        try
        {
            return keys.Any(candidate => RevokedKeys.Contain(file, candidate)) ? _errors.Revoked(key, file) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // As ssh does: a list that can't be read revokes everything.
            return _errors.RevocationsUnreadable(file, e.Message);
        }
    }

    private string? WhyNotCertified(CertificateHostAlgorithm certificate) =>
        _names.SelectMany(_known.For).Any(line => line.Marker == KnownHostMarker.CertAuthority && line.IsKey(certificate.Certificate.CertificateAuthorityKey))
            ? HostCertificate.WhyNot(certificate, _endpoint.HostKeyAlias ?? _endpoint.Host.ToLowerInvariant(), _authorities)
            : $"no known_hosts file knows its authority ({HostKeyErrors.Describe(certificate.Certificate.CertificateAuthorityKey)}) for {_name}";

    private bool IsAcceptedAsNew(byte[] key) =>
        _endpoint.AcceptNewHostKey
        || (_endpoint is { AskAboutNewHostKey: true, Prompt: { } prompt }
            && _limit.Pause(() => prompt.Confirm($"Unknown host {_endpoint.Host}", _errors.Question(key))) == true);

    private RemoteException? Record(byte[] key)
    {
        try
        {
            if (_endpoint.KnownHostsFiles.Count == 0)
            {
                throw new IOException("no known_hosts file is given");
            }

            KnownHosts.Append(_endpoint.KnownHostsFiles[0], _name, key, _endpoint.HashKnownHosts);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return _errors.NotRecorded(key, e);
        }
    }
}
