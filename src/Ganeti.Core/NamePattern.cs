using System.Text;
using System.Text.RegularExpressions;

namespace Ganeti;

/// <summary>
/// A name as an operator writes it: a wildcard pattern, or a literal name, full or cut off before a dot as
/// <c>gnt-*</c> accepts it. Letters match in either case.
/// </summary>
public sealed class NamePattern
{
    private readonly Regex _regex;

    /// <summary>Creates a pattern.</summary>
    /// <param name="text">
    /// A name, or a pattern with <c>*</c>, <c>?</c> and <c>[…]</c> as PowerShell has them; a backtick makes the next character literal.
    /// </param>
    public NamePattern(string text)
    {
        Text = text;
        (RegularExpression, IsWildcard) = Translate(text);
        _regex = new Regex(RegularExpression, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>Whether it has a wildcard; a literal name that matches nothing is an error, a wildcard is not.</summary>
    public bool IsWildcard { get; }

    /// <summary>The same as a regular expression that both .NET and the master (PCRE) understand.</summary>
    internal string RegularExpression { get; }

    /// <summary>Whether a name matches.</summary>
    /// <param name="name">The full name.</param>
    public bool IsMatch(string? name) => name is not null && _regex.IsMatch(name);

    /// <summary>Whether a name is this literal to the letter (but for case), so that shorter matches do not count.</summary>
    internal bool IsExact(string? name) => !IsWildcard && string.Equals(name, Text, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Whether two names are the same host, one of them perhaps without its domain.</summary>
    internal static bool IsSameHost(string left, string right) => new NamePattern(Escape(left)).IsMatch(right) || new NamePattern(Escape(right)).IsMatch(left);

    /// <summary>A regular expression for just this name, as an object has it.</summary>
    internal static string Exactly(string name)
    {
        var regex = new StringBuilder("^");
        foreach (var c in name)
        {
            AppendLiteral(regex, c);
        }

        return regex.Append('$').ToString();
    }

    /// <summary>A pattern that matches just this text (and names that continue it after a dot).</summary>
    internal static string Escape(string name) => name.AsSpan().IndexOfAny("*?[]`") < 0
        ? name
        : string.Concat(name.Select(c => c is '*' or '?' or '[' or ']' or '`' ? $"`{c}" : c.ToString()));

    private static (string Regex, bool IsWildcard) Translate(string text)
    {
        var regex = new StringBuilder("(?i)^");
        var isWildcard = false;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '`' when i + 1 < text.Length:
                    AppendLiteral(regex, text[++i]);
                    break;
                case '*':
                    regex.Append(".*");
                    isWildcard = true;
                    break;
                case '?':
                    regex.Append('.');
                    isWildcard = true;
                    break;
                case '[' when i + 2 < text.Length && text.IndexOf(']', i + 2) is var end and > 0:
                    AppendSet(regex, text.AsSpan(i + 1, end - i - 1));
                    isWildcard = true;
                    i = end;
                    break;
                default:
                    AppendLiteral(regex, text[i]);
                    break;
            }
        }

        regex.Append(isWildcard ? "$" : "(\\..*)?$");
        return (regex.ToString(), isWildcard);
    }

    private static void AppendSet(StringBuilder regex, ReadOnlySpan<char> set)
    {
        regex.Append('[');
        for (var i = 0; i < set.Length; i++)
        {
            if (i > 0 && i + 1 < set.Length && set[i] == '-' && set[i - 1] <= set[i + 1])
            {
                regex.Append('-');
            }
            else
            {
                AppendLiteral(regex, set[i]);
            }
        }

        regex.Append(']');
    }

    // A backslash before any ASCII character that is no word character makes it literal, in PCRE and .NET alike.
    private static void AppendLiteral(StringBuilder regex, char c)
    {
        if (c is < (char)128 and not '_' && !char.IsAsciiLetterOrDigit(c))
        {
            regex.Append('\\');
        }

        regex.Append(c);
    }
}
