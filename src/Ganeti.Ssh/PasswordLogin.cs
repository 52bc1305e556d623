using Ganeti.Remote;
using Renci.SshNet;

namespace Ganeti.Ssh;

/// <summary>Logs in with the password that was given, or with one that a person types.</summary>
internal sealed class PasswordLogin(RemoteEndpoint endpoint, Questions? person, Action<string> note) : AuthenticationMethod(endpoint.User)
{
    public override string Name => "password";

    public override AuthenticationResult Authenticate(Session session)
    {
        var tries = endpoint.Password is null ? endpoint.PasswordPrompts : 1;
        for (; tries > 0; tries--)
        {
            if ((endpoint.Password ?? person?.AskSecret($"Password for {endpoint}: ")) is not { Length: > 0 } password)
            {
                note("password: none was given");
                break;
            }

            using var login = new PasswordAuthenticationMethod(Username, password);
            var result = login.Authenticate(session);
            AllowedAuthentications = login.AllowedAuthentications;
            note(result == AuthenticationResult.Failure ? "password: refused" : "password: accepted");
            if (result != AuthenticationResult.Failure)
            {
                return result;
            }
        }

        return AuthenticationResult.Failure;
    }
}
