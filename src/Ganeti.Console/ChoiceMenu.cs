using System.Management.Automation;
using System.Management.Automation.Host;
using System.Text;

namespace Ganeti.Console;

/// <summary>The choices of a question with their hot keys, laid out as pwsh does: <c>[Y] Yes  [N] No  [?] Help (default is "Y"): </c>.</summary>
internal sealed class ChoiceMenu
{
    private readonly (string Key, string Label, string Help)[] choices;
    private readonly int defaultChoice;

    public ChoiceMenu(IEnumerable<ChoiceDescription> descriptions, int defaultChoice)
    {
        choices = [.. descriptions.Select(Parse)];
        this.defaultChoice = defaultChoice;
    }

    public string Question(bool coloured)
    {
        var text = new StringBuilder();
        for (var index = 0; index < choices.Length; index++)
        {
            var item = $"[{choices[index].Key}] {choices[index].Label}";
            text.Append(coloured && index == defaultChoice ? $"{PSStyle.Instance.Foreground.BrightYellow}{item}{PSStyle.Instance.Reset}" : item).Append("  ");
        }

        text.Append("[?] Help");
        if (defaultChoice >= 0)
        {
            text.Append(" (default is \"").Append(choices[defaultChoice].Key).Append("\")");
        }

        return text.Append(": ").ToString();
    }

    public string Help() => string.Concat(choices.Select(choice => $"{choice.Key} - {choice.Help}{Environment.NewLine}"));

    public bool TryPick(string answer, out int index)
    {
        index = answer.Length == 0
            ? defaultChoice
            : Array.FindIndex(choices, choice =>
                answer.Equals(choice.Key, StringComparison.OrdinalIgnoreCase) || answer.Equals(choice.Label, StringComparison.OrdinalIgnoreCase));
        return index >= 0;
    }

    /// <summary>The hot key is the letter after <c>&amp;</c>, else the whole label.</summary>
    private static (string Key, string Label, string Help) Parse(ChoiceDescription choice)
    {
        var mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
        var label = mark < 0 ? choice.Label : choice.Label.Remove(mark, 1);
        var key = mark >= 0 && mark < label.Length ? label[mark].ToString().ToUpperInvariant() : label;
        return (key, label, string.IsNullOrEmpty(choice.HelpMessage) ? label : choice.HelpMessage);
    }
}
