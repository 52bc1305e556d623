using Ganeti.Remote;
using Renci.SshNet;

namespace Ganeti.Ssh;

/// <summary>The ways to log in on an endpoint, in their order, and the record of what was tried.</summary>
internal sealed class Authentication
{
    private readonly List<string> _tried = [];
    private readonly RemoteEndpoint _endpoint;

    private Authentication(RemoteEndpoint endpoint) => _endpoint = endpoint;

    internal AuthenticationMethod[] Methods { get; private set; } = [];

    /// <summary>Whether the handshake got as far as the login.</summary>
    internal bool HasBegun { get; private set; }

    /// <summary>Finds out what there is to log in with.</summary>
    internal static async Task<Authentication> PrepareAsync(RemoteEndpoint endpoint, KeyRing keys, ConnectLimit limit)
    {
        var login = new Authentication(endpoint);
        var person = endpoint.Prompt is { IsThere: true } prompt ? new Questions(prompt, limit) : null;
        var methods = new List<AuthenticationMethod>();
        foreach (var method in endpoint.AuthenticationMethods)
        {
            switch (method)
            {
                case "publickey":
                    var identities = await new Identities(keys, login._tried.Add).InOrderAsync(endpoint, limit.Token);
                    methods.AddRange(identities.Select(identity => new KeyLogin(endpoint, identity, keys, limit, person, login)));
                    break;
                case "keyboard-interactive" when endpoint.Password is not null || person is not null:
                    methods.Add(new InteractiveLogin(endpoint, person, login.Note));
                    break;
                case "password" when endpoint.Password is not null || person is not null:
                    methods.Add(new PasswordLogin(endpoint, person, login.Note));
                    break;
            }
        }

        login.Methods = methods.Count > 0 ? [.. methods] : [new NoneAuthenticationMethod(endpoint.User)];
        return login;
    }

    internal RemoteException Refused(Exception cause)
    {
        var what = _tried.Count == 0 ? "nothing to log in with was given" : string.Join("; ", _tried);
        return new RemoteException(
            GanetiError.AuthenticationFailed,
            _endpoint.Host,
            $"{_endpoint.Host} refused the login of {_endpoint.User}. Tried: {RemoteText.Printable(what)}. ({cause.Message.TrimEnd('.')}.)",
            cause)
        {
            RecommendedAction =
                $"Check that one of these keys is in the authorized_keys of {_endpoint.User} on {_endpoint.Host}, or give the right user, identity file or password. " +
                $"'ssh -v {_endpoint.User}@{_endpoint.Host}' shows what OpenSSH would try.",
        };
    }

    /// <summary>Whether a person may have had to touch a key.</summary>
    internal bool HasWantedTouch { get; set; }

    /// <summary>What the login is waiting for at the moment, or null.</summary>
    internal string? Waiting { get; set; }

    internal void Note(string what)
    {
        HasBegun = true;
        _tried.Add(what);
    }
}
