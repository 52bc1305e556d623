using System.Text;

namespace Ganeti;

/// <summary>Text from a remote side is data: what could steer a terminal is shown, never sent to it.</summary>
internal static class RemoteText
{
    /// <summary>
    /// Replaces control characters (but for line feeds and tabs) by their Unicode pictures and bidirectional
    /// overrides by their code points, so that the text can be shown as it is.
    /// </summary>
    internal static string Printable(string text)
    {
        var first = 0;
        while (first < text.Length && !IsUnsafe(text[first]))
        {
            first++;
        }

        if (first == text.Length)
        {
            return text;
        }

        var safe = new StringBuilder(text.Length + 8).Append(text, 0, first);
        foreach (var c in text.AsSpan(first))
        {
            if (!IsUnsafe(c))
            {
                safe.Append(c);
            }
            else if (c < ' ')
            {
                safe.Append((char)(0x2400 + c));
            }
            else
            {
                safe.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
        }

        return safe.ToString();
    }

    private static bool IsUnsafe(char c) =>
        (char.IsControl(c) && c is not ('\n' or '\t')) || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
