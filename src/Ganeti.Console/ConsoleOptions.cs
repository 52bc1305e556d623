using System.CommandLine;
using System.Diagnostics.CodeAnalysis;

namespace Ganeti.Console;

/// <summary>What the command line asks for. Options are spelled as <c>pwsh</c> spells them, in any case.</summary>
internal sealed record ConsoleOptions
{
    /// <summary>The status of a command line that can't be understood (<c>EX_USAGE</c>, and pwsh's).</summary>
    public const int UsageStatus = 64;

    private static readonly string[] CommandNames = ["-Command", "--command", "-c"];
    private static readonly string[] FileNames = ["-File", "--file", "-f"];

    /// <summary>The script text to run; <c>-</c> reads it from standard input.</summary>
    public string? Command { get; private init; }

    /// <summary>The script file to run; <c>-</c> reads it from standard input.</summary>
    public string? File { get; private init; }

    /// <summary>What follows the script file: its own arguments.</summary>
    public IReadOnlyList<string> Arguments { get; private init; } = [];

    public string? Module { get; private init; }

    public bool NonInteractive { get; private init; }

    public bool NoColor { get; private init; }

    public static bool TryParse(string[] args, [NotNullWhen(true)] out ConsoleOptions? options, out int status)
    {
        var command = new Option<string>(CommandNames[0], CommandNames[1..])
        {
            Description = "Run the rest of the command line as PowerShell text, or standard input for '-'.",
            HelpName = "text",
        };
        var file = new Option<string>(FileNames[0], FileNames[1..])
        {
            Description = "Run a script with the rest of the command line as its arguments, or standard input for '-'.",
            HelpName = "path [args...]",
        };
        var module = new Option<string>("-Module", "--module")
        {
            Description = "Import the module from here instead of out/Ganeti; so does GANETI_MODULE.",
            HelpName = "path",
        };
        var nonInteractive = new Option<bool>("-NonInteractive", "--noninteractive")
        {
            Description = "Fail instead of asking.",
        };
        var noColor = new Option<bool>("-NoColor", "--nocolor") { Description = "Plain text; so does NO_COLOR." };
        var root = new RootCommand("PowerShell's engine with the Ganeti module loaded; without arguments, a prompt.")
        {
            command, file, module, nonInteractive, noColor,
        };

        // As in pwsh, whatever follows -Command or -File is the script's, dashes included: it is never parsed here.
        var head = args.Select(arg => Spelling(root, arg)).ToArray();
        var split = Array.FindIndex(head, arg => CommandNames.Contains(arg) || FileNames.Contains(arg) || arg == "-");
        var rest = split < 0 ? [] : args[(split + 1)..];
        var stdin = split >= 0 && head[split] == "-";
        var own = split < 0 ? head : stdin ? head[..split] : [.. head[..(split + 1)], .. rest.Take(1)];

        options = null;
        var parsed = root.Parse(own, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        status = parsed.Invoke();
        if (parsed.Errors.Count > 0)
        {
            status = UsageStatus;
            return false;
        }

        if (parsed.Action is not null)
        {
            return false;
        }

        options = new ConsoleOptions
        {
            Command = stdin ? "-" : parsed.GetValue(command) is null ? null : string.Join(' ', rest),
            File = parsed.GetValue(file),
            Arguments = stdin ? rest : rest.Skip(1).ToArray(),
            Module = parsed.GetValue(module),
            NonInteractive = parsed.GetValue(nonInteractive),
            NoColor = parsed.GetValue(noColor),
        };
        return true;
    }

    /// <summary>The option that an argument names in whatever case, else the argument.</summary>
    private static string Spelling(RootCommand root, string arg) =>
        root.Options.SelectMany(option => option.Aliases.Append(option.Name))
            .FirstOrDefault(name => name.Equals(arg, StringComparison.OrdinalIgnoreCase)) ?? arg;
}
