using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace Ganeti.Console;

/// <summary>
/// Asks for one missing mandatory parameter: text, a secret, a credential, or a list that an empty line ends.
/// Text is handed on as typed: the parameter's own transformations and conversions take it from there.
/// </summary>
internal static class FieldPrompt
{
    public static object Ask(ConsoleUI ui, FieldDescription field)
    {
        var type = LanguagePrimitives.TryConvertTo<Type>(field.ParameterTypeFullName, out var found) ? found : typeof(string);
        if (type == typeof(PSCredential))
        {
            return ui.PromptForCredential(string.Empty, string.Empty, string.Empty, string.Empty);
        }

        if (type == typeof(SecureString))
        {
            ui.Terminal.WritePrompt(field.Name + ": ");
            return ui.ReadLineAsSecureString();
        }

        return typeof(IList).IsAssignableFrom(type) ? AskList(ui, field) : AskText(ui, field, field.Name + ": ");
    }

    private static string[] AskList(ConsoleUI ui, FieldDescription field)
    {
        var items = new List<string>();
        while (AskText(ui, field, $"{field.Name}[{items.Count}]: ") is { Length: > 0 } item)
        {
            items.Add(item);
        }

        return [.. items];
    }

    private static string AskText(ConsoleUI ui, FieldDescription field, string prompt)
    {
        while (true)
        {
            var text = ui.Ask(prompt);
            if (text != "!?")
            {
                return text;
            }

            ui.Terminal.WritePrompt((string.IsNullOrEmpty(field.HelpMessage) ? "No help is available." : field.HelpMessage) + Environment.NewLine);
        }
    }
}
