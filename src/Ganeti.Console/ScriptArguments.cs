using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace Ganeti.Console;

/// <summary>
/// A script and its arguments as pwsh's <c>-File</c> reads them: <c>-Name value</c>, <c>-Name:value</c>, <c>-Switch</c>,
/// <c>-Switch:$false</c>, anything else by position and as literal text.
/// </summary>
internal static partial class ScriptArguments
{
    /// <summary>
    /// PowerShell text that runs the script in the global scope. The engine takes <c>exit</c> in a script file for that
    /// file's end, with <c>$?</c> false: it is passed on to the process.
    /// </summary>
    public static string Text(string path, IEnumerable<string> arguments) =>
        $". {Quote(path)} {string.Join(' ', arguments.Select(Argument))}\nif (-not $?) {{ exit $LASTEXITCODE }}";

    private static string Argument(string argument)
    {
        var match = Parameter.Match(argument);
        if (!match.Success)
        {
            return Quote(argument);
        }

        var value = match.Groups["value"].Value;
        return match.Groups["name"].Value + value.ToUpperInvariant() switch
        {
            "" => string.Empty,
            "$TRUE" or "$FALSE" => value,
            _ => Quote(value),
        };
    }

    private static string Quote(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    [GeneratedRegex(@"^(?<name>-[A-Za-z_]\w*:?)(?<value>(?<=:).*)?$", RegexOptions.Singleline)]
    private static partial Regex Parameter { get; }
}
