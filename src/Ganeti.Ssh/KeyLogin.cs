using Ganeti.Remote;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace Ganeti.Ssh;

/// <summary>
/// Logs in with one key or certificate. As ssh does it, the server is first asked whether it would take the key, so that nobody types a
/// passphrase or touches a key for nothing; only with a key that lies open is it signed at once.
/// </summary>
internal sealed class KeyLogin(RemoteEndpoint endpoint, Identity identity, KeyRing keys, ConnectLimit limit, Questions? person, Authentication record)
    : AuthenticationMethod(endpoint.User)
{
    public override string Name => "publickey";

    public override AuthenticationResult Authenticate(Session session)
    {
        try
        {
            var open = identity.Agent is null ? Open() : null;
            var shown = identity.Public ?? new PublicKey(string.Empty, KeyRing.PublicOf(open ?? Unlocked()), identity.Label);
            shown = shown with { Type = KnownHosts.TypeOf(shown.Blob) };
            return Authenticate(session, shown, isOpen: open is not null || identity is { Agent: null, Public: null });
        }
        catch (KeyUnusableException e)
        {
            record.Note($"{identity.Label}: passed over, {e.Message.TrimEnd('.')}");
            return AuthenticationResult.Failure;
        }
    }

    private AuthenticationResult Authenticate(Session session, PublicKey shown, bool isOpen)
    {
        var algorithm = AlgorithmFor(shown.Type) ?? throw new KeyUnusableException($"PubkeyAcceptedAlgorithms has none for its type ({shown.Type})");
        var offer = new Offer(algorithm, shown.Blob, data => Sign(shown.Type, HostCertificate.PlainName(algorithm), data));
        using var login = new PrivateKeyAuthenticationMethod(Username, new Source(isOpen ? [offer] : [offer, new End()]));
        var result = AuthenticationResult.Failure;
        try
        {
            result = login.Authenticate(session);
        }
        catch (EndException)
        {
            // The server would not take it.
        }

        AllowedAuthentications = login.AllowedAuthentications;
        record.Note($"{identity.Label} ({shown.Type}): {(result == AuthenticationResult.Failure ? "refused" : "accepted")}");
        return result;
    }

    /// <summary>For RSA, SHA-1 signatures are not good enough.</summary>
    private string? AlgorithmFor(string type)
    {
        string[] candidates = HostCertificate.PlainName(type) == "ssh-rsa"
            ? [type.Replace("ssh-rsa", "rsa-sha2-512", StringComparison.Ordinal), type.Replace("ssh-rsa", "rsa-sha2-256", StringComparison.Ordinal)]
            : [type];
        return Array.Find(candidates, candidate => endpoint.Allows("pubkeyacceptedalgorithms", candidate));
    }

    private byte[] Sign(string type, string algorithm, byte[] data)
    {
        if (identity.Agent is { } agent)
        {
            return SignByAgent(agent, type, algorithm, data);
        }

        var key = Open() ?? Unlocked();
        var signer = key.HostKeyAlgorithms.FirstOrDefault(candidate => candidate.Name == algorithm) ?? throw new KeyUnusableException($"its file can't sign with {algorithm}");

        // Several connections may sign with it.
        lock (key)
        {
            return signer.Sign(data);
        }
    }

    private byte[] SignByAgent(Agent agent, string type, string algorithm, byte[] data)
    {
        byte[] Signature() => agent.SignAsync(identity.AgentKey!, algorithm, data, () => TellOfTouch(type), limit.Token).GetAwaiter().GetResult();
        record.HasWantedTouch |= IsOnSecurityKey(type);
        record.Waiting = $"the agent's signature with {identity.Label} ({type})";
        try
        {
            var signature = person is null ? Signature() : person.WaitFor(Signature);
            record.Waiting = null;
            return signature;
        }
        catch (AgentException e)
        {
            record.Waiting = null;
            throw new KeyUnusableException($"{e.Message.TrimEnd('.')} to sign with it", e);
        }
    }

    private static bool IsOnSecurityKey(string type) => type.StartsWith("sk-", StringComparison.Ordinal);

    private void TellOfTouch(string type)
    {
        if (IsOnSecurityKey(type))
        {
            person?.Tell($"Touch the security key for {identity.Label} to log in on {endpoint}.");
        }
    }

    /// <summary>The private key when no passphrase is needed, or was given before; else null.</summary>
    private PrivateKeyFile? Open()
    {
        try
        {
            return keys.Read(identity.Path!, _ => null);
        }
        catch (Exception e) when (e is not KeyUnusableException)
        {
            throw Unusable(e);
        }
    }

    private PrivateKeyFile Unlocked()
    {
        PrivateKeyFile? key;
        try
        {
            // The clock stands while a person is asked, here or for another connection that needs the same key.
            PrivateKeyFile? Read() => keys.Read(identity.Path!, file => person?.AskSecret($"Passphrase for {file}: "));
            key = person is null ? Read() : person.WaitFor(Read);
        }
        catch (Exception e)
        {
            throw Unusable(e);
        }

        return key ?? throw new KeyUnusableException("it is encrypted and no passphrase was given");
    }

    // Whatever a broken file or a callback throws: this key is passed over, the next one may do.
    private KeyUnusableException Unusable(Exception cause) => new(
        identity.Public?.Type.StartsWith("sk-", StringComparison.Ordinal) == true ? $"it is on a security key, which only the ssh-agent can use: 'ssh-add {identity.Path}'"
        : cause is FileNotFoundException || KeyRing.IsPublicOnly(identity.Path!) ? "only its public half is there, and the agent does not have it"
        : cause.Message,
        cause);

    private sealed class Source(HostAlgorithm[] algorithms) : IPrivateKeySource
    {
        public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms => algorithms;
    }

    private sealed class Offer(string algorithm, byte[] blob, Func<byte[], byte[]> sign) : HostAlgorithm(algorithm)
    {
        public override byte[] Data => blob;

        public override byte[] Sign(byte[] data) => sign(data);

        public override bool VerifySignature(byte[] data, byte[] signature) => throw new NotSupportedException();
    }

    /// <summary>
    /// Stands behind the one key that is offered: SSH.NET asks the server first only when there is a second, and comes to this one when the first is refused.
    /// </summary>
    private sealed class End() : HostAlgorithm(string.Empty)
    {
        public override byte[] Data => throw new EndException();

        public override byte[] Sign(byte[] data) => throw new EndException();

        public override bool VerifySignature(byte[] data, byte[] signature) => throw new EndException();
    }

    private sealed class EndException : Exception;

    private sealed class KeyUnusableException(string message, Exception? cause = null) : Exception(message, cause);
}
