using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace Ganeti.Console;

/// <summary>Questions. Where nobody can answer they fail at once; Ctrl+C at one stops the pipeline that asks.</summary>
internal sealed partial class ConsoleUI
{
    public static PSInvalidOperationException CannotAsk() => new(
        "This console can't ask: it runs with -NonInteractive or without a terminal. Give the value on the command line, or -Confirm:$false.");

    public override string ReadLine() => Ask(string.Empty);

    public override SecureString ReadLineAsSecureString()
    {
        var secret = new SecureString();
        foreach (var character in Ask(string.Empty, isSecret: true))
        {
            secret.AppendChar(character);
        }

        secret.MakeReadOnly();
        return secret;
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options)
    {
        Announce(caption, message);
        var user = string.IsNullOrEmpty(userName) ? Ask("User: ") : userName;
        terminal.WritePrompt($"Password for user {user}: ");
        return new PSCredential(user, ReadLineAsSecureString());
    }

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        Announce(caption, message);
        var answers = new Dictionary<string, PSObject>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in descriptions)
        {
            answers[field.Name] = PSObject.AsPSObject(FieldPrompt.Ask(this, field));
        }

        return answers;
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        Announce(caption, message);
        var menu = new ChoiceMenu(choices, defaultChoice);
        while (true)
        {
            var answer = Ask(menu.Question(terminal.HasColor)).Trim();
            if (answer == "?")
            {
                terminal.WritePrompt(menu.Help());
            }
            else if (menu.TryPick(answer, out var index))
            {
                return index;
            }
        }
    }

    /// <summary>Asks for a line; the prompt and what is typed stay on the screen.</summary>
    public string Ask(string prompt, bool isSecret = false)
    {
        EnsureCanAsk();
        terminal.WritePrompt(prompt);
        try
        {
            var answer = answers.Read(isSecret);
            terminal.LineEnded();
            return answer;
        }
        catch (OperationCanceledException)
        {
            terminal.WritePrompt(Environment.NewLine);
            throw new PipelineStoppedException();
        }
    }

    private void Announce(string caption, string message)
    {
        EnsureCanAsk();
        var bold = terminal.HasColor ? PSStyle.Instance.Bold : string.Empty;
        var reset = terminal.HasColor ? Reset : string.Empty;
        if (!string.IsNullOrEmpty(caption))
        {
            terminal.WritePrompt($"{Environment.NewLine}{bold}{caption}{reset}{Environment.NewLine}");
        }

        if (!string.IsNullOrEmpty(message))
        {
            terminal.WritePrompt(message + Environment.NewLine);
        }
    }

    private void EnsureCanAsk()
    {
        if (nonInteractive || !Terminal.CanAsk)
        {
            throw CannotAsk();
        }
    }
}
