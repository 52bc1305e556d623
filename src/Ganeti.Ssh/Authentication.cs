using System.Globalization;
using System.Text;
using Ganeti.Remote;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace Ganeti.Ssh;

/// <summary>The ways to log in on an endpoint, in their order, and the record of what was tried.</summary>
internal sealed class Authentication
{
    private readonly List<string> _tried = [];
    private readonly RemoteEndpoint _endpoint;

    internal Authentication(RemoteEndpoint endpoint, KeyRing keys, ConnectLimit limit)
    {
        _endpoint = endpoint;
        var methods = new List<AuthenticationMethod>();
        foreach (var file in endpoint.IdentityFiles)
        {
            if (File.Exists(file))
            {
                methods.Add(new KeyFileLogin(endpoint, file, keys, limit, Note));
            }
            else
            {
                Note($"key {file}: no such file");
            }
        }

        if (endpoint.Password is { } password)
        {
            methods.Add(new NotedLogin(new PasswordAuthenticationMethod(endpoint.User, password), "password", Note));
            methods.Add(new NotedLogin(Interactive(endpoint.User, password), "password (asked for by the server)", Note));
        }

        if (methods.Count == 0)
        {
            methods.Add(new NoneAuthenticationMethod(endpoint.User));
        }

        Methods = [.. methods];
    }

    internal AuthenticationMethod[] Methods { get; }

    /// <summary>Whether the handshake got as far as the login.</summary>
    internal bool HasBegun { get; private set; }

    internal RemoteException Refused(Exception cause)
    {
        var what = _tried.Count == 0 ? "nothing to log in with was given" : string.Join("; ", _tried);
        return new RemoteException(
            GanetiError.AuthenticationFailed,
            _endpoint.Host,
            $"{_endpoint.Host} refused the login of {_endpoint.User}. Tried: {what}. ({cause.Message.TrimEnd('.')}.)",
            cause)
        {
            RecommendedAction =
                $"Check that one of these keys is in the authorized_keys of {_endpoint.User} on {_endpoint.Host}, or give the right user, identity file or password. " +
                $"'ssh -v {_endpoint.User}@{_endpoint.Host}' shows what OpenSSH would try.",
        };
    }

    private static KeyboardInteractiveAuthenticationMethod Interactive(string user, string password)
    {
        var method = new KeyboardInteractiveAuthenticationMethod(user);
        var answered = false;
        method.AuthenticationPrompt += (_, e) =>
        {
            // The password answers one hidden question; anything else a server asks is none of our business.
            var isPassword = !answered && e.Prompts.Count == 1 && !e.Prompts[0].IsEchoed;
            foreach (var prompt in e.Prompts)
            {
                prompt.Response = isPassword ? password : string.Empty;
            }

            answered |= isPassword;
        };
        return method;
    }

    private void Note(string what)
    {
        HasBegun = true;
        _tried.Add(what);
    }

    /// <summary>Notes how a way to log in ended.</summary>
    private sealed class NotedLogin(AuthenticationMethod inner, string name, Action<string> note) : AuthenticationMethod(inner.Username)
    {
        public override string Name => inner.Name;

        public override AuthenticationResult Authenticate(Session session)
        {
            var result = inner.Authenticate(session);
            AllowedAuthentications = inner.AllowedAuthentications;
            note(result == AuthenticationResult.Failure ? $"{name}: refused" : $"{name}: accepted");
            return result;
        }

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>Logs in with a key file, which is read (and its passphrase asked for) only when its turn comes.</summary>
    private sealed class KeyFileLogin(RemoteEndpoint endpoint, string path, KeyRing keys, ConnectLimit limit, Action<string> note)
        : AuthenticationMethod(endpoint.User)
    {
        public override string Name => "publickey";

        public override AuthenticationResult Authenticate(Session session)
        {
            if (Read() is not { } key)
            {
                return AuthenticationResult.Failure;
            }

            using var login = new PrivateKeyAuthenticationMethod(Username, new SerialKey(key));
            var result = login.Authenticate(session);
            AllowedAuthentications = login.AllowedAuthentications;
            note($"key {path} ({key.Key}): {(result == AuthenticationResult.Failure ? "refused" : "accepted")}");
            return result;
        }

        private PrivateKeyFile? Read()
        {
            try
            {
                // The clock stands while a person is asked, here or for another connection that needs the same key.
                var key = limit.Pause(() => keys.Read(path, file => endpoint.Prompt?.AskSecret($"Passphrase for {file}: ")));
                if (key is null)
                {
                    note($"key {path}: passed over, it is encrypted and no passphrase was given");
                }

                return key;
            }
            catch (Exception e)
            {
                // Whatever a broken file or a callback throws: this key is passed over, the next one may do.
                note($"key {path}: passed over, {e.Message.TrimEnd('.')}");
                return null;
            }
        }
    }

    /// <summary>A key that several connections may sign with, one after the other, and with no outdated algorithm.</summary>
    private sealed class SerialKey(PrivateKeyFile key) : IPrivateKeySource
    {
        // For RSA, SSH.NET would begin with SHA-1, and every algorithm refused counts as one of the server's MaxAuthTries.
        public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms { get; } =
        [
            .. key.HostKeyAlgorithms
                .Where(algorithm => key.Key is not RsaKey || algorithm.Name.StartsWith("rsa-sha2-512", StringComparison.Ordinal))
                .Select(algorithm => new Signer(algorithm)),
        ];

        private sealed class Signer(HostAlgorithm inner) : HostAlgorithm(inner.Name)
        {
            public override byte[] Data => inner.Data;

            public override byte[] Sign(byte[] data)
            {
                lock (inner)
                {
                    return inner.Sign(data);
                }
            }

            public override bool VerifySignature(byte[] data, byte[] signature) => inner.VerifySignature(data, signature);
        }
    }
}
