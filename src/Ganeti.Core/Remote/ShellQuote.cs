using System.Buffers;
using System.Text;

namespace Ganeti.Remote;

/// <summary>The one place where values become shell text.</summary>
/// <remarks>
/// sshd hands a command to the login shell as one string, so an argv must be quoted for it. Inside single quotes a POSIX
/// shell takes every byte as it is, but for the quote itself (POSIX.1-2024, Shell Command Language, 2.2.2).
/// </remarks>
internal static class ShellQuote
{
    /// <summary>The environment variable that marks a program.</summary>
    internal const string MarkVariable = "GNT_RUN";

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,@%+=");

    /// <summary>Quotes one argument.</summary>
    /// <exception cref="GanetiException">It holds a NUL, which no argv can.</exception>
    internal static string Quote(string argument)
    {
        if (argument.Contains('\0', StringComparison.Ordinal))
        {
            throw new GanetiException(GanetiError.ParameterInvalid, $"'{argument}' has a NUL character in it, which no command can be given.")
            {
                RecommendedAction = "Look where the text comes from: no name, path or value has one.",
            };
        }

        return argument.Length > 0 && !argument.AsSpan().ContainsAnyExcept(Plain)
            ? argument
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    /// <summary>The text that the login shell is given for a command: environment, sudo and the quoted argv.</summary>
    /// <remarks>
    /// <c>exec</c> makes the program take the shell's place, so that a signal reaches it; every program runs with the C locale and
    /// UTC, whatever the login's own settings are, and so does sudo, whose complaints are to be understood. The mark, if any, stands in
    /// the environment of both, so that the program can be found again, and is printed before they start: what comes before it is the login shell's.
    /// </remarks>
    internal static string CommandLine(IReadOnlyList<string> argv, bool sudo, string? mark = null)
    {
        if (argv[0].Contains('=', StringComparison.Ordinal))
        {
            throw new ArgumentException("env would take a program name with '=' for a variable.", nameof(argv));
        }

        var environment = $"env LC_ALL=C TZ=UTC{(mark is null ? string.Empty : $" {MarkVariable}={Quote(mark)}")}";
        var line = new StringBuilder($"{(mark is null ? string.Empty : $"printf %s {Quote(mark)}; ")}exec {environment}");
        if (sudo)
        {
            line.Append($" sudo -n -- {environment}");
        }

        foreach (var argument in argv)
        {
            line.Append(' ').Append(Quote(argument));
        }

        return line.ToString();
    }

    /// <summary>An argv as a person would type it.</summary>
    internal static string Display(IEnumerable<string> argv) => string.Join(' ', argv.Select(Quote));
}
