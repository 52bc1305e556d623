using Ganeti.Remote;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Ganeti.Ssh;

/// <summary>Logs in by answering what the server asks: one hidden question is answered by the password that was given, others by a person.</summary>
internal sealed class InteractiveLogin(RemoteEndpoint endpoint, Questions? person, Action<string> note) : AuthenticationMethod(endpoint.User)
{
    private bool _hasGivenPassword;

    public override string Name => "keyboard-interactive";

    public override AuthenticationResult Authenticate(Session session)
    {
        for (var tries = person is null ? 1 : Math.Max(1, endpoint.PasswordPrompts); tries > 0; tries--)
        {
            var (result, asked, unanswered) = TryOnce(session);
            note(unanswered is not null ? $"keyboard-interactive: nobody answered '{unanswered}'"
                : result == AuthenticationResult.Failure ? $"keyboard-interactive: refused{(asked ? string.Empty : " without a question")}"
                : "keyboard-interactive: accepted");
            if (result != AuthenticationResult.Failure || unanswered is not null || !asked)
            {
                return result;
            }
        }

        return AuthenticationResult.Failure;
    }

    private (AuthenticationResult Result, bool Asked, string? Unanswered) TryOnce(Session session)
    {
        using var login = new KeyboardInteractiveAuthenticationMethod(Username);
        var asked = false;
        string? unanswered = null;
        login.AuthenticationPrompt += (_, e) =>
        {
            asked |= e.Prompts.Count > 0;
            if (e.Instruction.Trim().Length > 0)
            {
                person?.Tell(e.Instruction.Trim());
            }

            foreach (var prompt in e.Prompts.OrderBy(prompt => prompt.Id))
            {
                // Without a response SSH.NET gives this way up.
                prompt.Response = Answer(prompt, e.Prompts.Count);
                if (prompt.Response is null)
                {
                    unanswered = prompt.Request.Trim();
                    return;
                }
            }
        };
        try
        {
            var result = login.Authenticate(session);
            AllowedAuthentications = login.AllowedAuthentications;
            return (result, asked, null);
        }
        catch (SshAuthenticationException) when (unanswered is not null)
        {
            return (AuthenticationResult.Failure, asked, unanswered);
        }
    }

    private string? Answer(AuthenticationPrompt prompt, int count)
    {
        if (!prompt.IsEchoed && count == 1 && !_hasGivenPassword && endpoint.Password is { } password)
        {
            _hasGivenPassword = true;
            return password;
        }

        var question = $"({endpoint}) {prompt.Request}";
        return prompt.IsEchoed ? person?.Ask(question) : person?.AskSecret(question);
    }
}
