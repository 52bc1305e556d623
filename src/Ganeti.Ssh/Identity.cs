using Renci.SshNet.Security;

namespace Ganeti.Ssh;

/// <summary>A key or a certificate to log in with.</summary>
/// <param name="Label">What it is called in errors.</param>
/// <param name="Public">What is shown to the server; null when it is known only once the file's passphrase is.</param>
/// <param name="Path">The file with the private key, or null.</param>
/// <param name="Agent">The agent with the private key, or null.</param>
/// <param name="AgentKey">What the agent knows it by.</param>
internal sealed record Identity(string Label, PublicKey? Public, string? Path, Agent? Agent = null, byte[]? AgentKey = null)
{
    internal bool Is(PublicKey key) => Public is not null && Public.Blob.AsSpan().SequenceEqual(key.Blob);
}

/// <summary>What there is to log in with, in the order that ssh tries it (sshconnect2.c, pubkey_prepare).</summary>
internal sealed class Identities(KeyRing keys, Action<string> note)
{
    private static readonly TimeSpan TimeToList = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Certificates that are named; what is in the agent and in a file; what else is in the agent, unless only what is named may be used; the files.
    /// </summary>
    internal async Task<IReadOnlyList<Identity>> InOrderAsync(Remote.RemoteEndpoint endpoint, CancellationToken cancellationToken)
    {
        var files = endpoint.IdentityFiles.SelectMany(file => OfFile(file, withCertificate: endpoint.CertificateFiles.Count == 0)).ToList();
        var agent = endpoint.IdentityAgent is { } address ? new Agent(address) : null;
        var held = agent is null ? [] : await ListAsync(agent, cancellationToken);
        Identity InAgent(PublicKey key) => new($"key {key.Comment} in the agent", key, null, agent, key.Blob);

        var both = new List<Identity>();
        var others = new List<Identity>();
        foreach (var key in held)
        {
            if (files.Find(file => file.Is(key)) is { } named)
            {
                files.Remove(named);
                both.Add(named with { Label = $"{named.Label} in the agent", Agent = agent, AgentKey = key.Blob });
            }
            else if (!endpoint.IdentitiesOnly)
            {
                others.Add(InAgent(key));
            }
        }

        List<Identity> plain = [.. both, .. held.Select(InAgent), .. files];
        var certificates = endpoint.CertificateFiles.Select(file => Certified(file, PublicKeyIn(file), plain)).OfType<Identity>();
        return [.. certificates, .. both, .. others, .. files.Select(file => Certified(file, plain))];
    }

    private IEnumerable<Identity> OfFile(string file, bool withCertificate)
    {
        var key = keys.ReadPublic(file);
        if (key is null && !File.Exists(file))
        {
            note($"key {file}: no such file");
            yield break;
        }

        yield return new Identity($"key {file}", key, file);
        if (withCertificate && PublicKeyIn($"{file}-cert.pub") is { } certificate && HostCertificate.IsCertificate(certificate.Type))
        {
            yield return new Identity($"certificate {file}-cert.pub", certificate, file);
        }
    }

    private static PublicKey? PublicKeyIn(string file)
    {
        try
        {
            return File.Exists(file) ? PublicKey.ReadAll(File.ReadAllText(file)).FirstOrDefault() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A certificate with whatever has the private half of its key; null when nothing has.</summary>
    private Identity? Certified(string file, PublicKey? certificate, List<Identity> plain)
    {
        if (certificate is null || !HostCertificate.IsCertificate(certificate.Type))
        {
            note($"certificate {file}: {(File.Exists(file) ? "not a certificate" : "no such file")}");
            return null;
        }

        var key = PlainKey(certificate);
        var holder = key is null ? null : plain.Find(identity => identity.Is(key));
        if (holder is null)
        {
            note($"certificate {file}: passed over, its private key is neither in a file that is named nor in the agent");
        }

        return holder is null ? null : holder with { Label = $"certificate {file}", Public = certificate };
    }

    // A certificate beside a key file goes with the agent's half when the file's own is there, too.
    private static Identity Certified(Identity file, List<Identity> plain) =>
        file.Public is { } certificate && HostCertificate.IsCertificate(certificate.Type) && PlainKey(certificate) is { } key
            && plain.Find(identity => identity.Agent is not null && identity.Is(key)) is { } held
            ? file with { Agent = held.Agent, AgentKey = held.AgentKey }
            : file;

    private static PublicKey? PlainKey(PublicKey certificate)
    {
        try
        {
            var type = HostCertificate.PlainName(certificate.Type);
            return new PublicKey(type, new KeyHostAlgorithm(type, new Certificate(certificate.Blob).Key).Data, certificate.Comment);
        }
        catch (Exception)
        {
            // Of a kind that SSH.NET does not know (FIDO), or damaged.
            return null;
        }
    }

    private async Task<IReadOnlyList<PublicKey>> ListAsync(Agent agent, CancellationToken cancellationToken)
    {
        using var moment = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        moment.CancelAfter(TimeToList);
        try
        {
            return await agent.ListAsync(moment.Token);
        }
        catch (AgentException e)
        {
            note($"agent {agent.Address}: {e.Message.TrimEnd('.')}");
        }
        catch (OperationCanceledException)
        {
            note($"agent {agent.Address}: it does not answer");
        }

        return [];
    }
}
