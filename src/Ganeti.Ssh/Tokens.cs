using System.Globalization;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Text;

namespace Ganeti.Ssh;

/// <summary>What stands for something else in ssh_config's values (ssh_config(5), TOKENS): %h, ${NAME}, a leading tilde.</summary>
/// <param name="Named">The host as it was named.</param>
/// <param name="Host">The host as it is reached.</param>
/// <param name="Port">The port.</param>
/// <param name="User">The user there.</param>
/// <param name="Alias">The name of the host's key, or null.</param>
internal sealed record Tokens(string Named, string Host, int Port, string User, string? Alias)
{
    private static string LocalHost => IPGlobalProperties.GetIPGlobalProperties().HostName is { Length: > 0 } name ? name : Environment.MachineName;

    /// <summary>A file's name as it is meant.</summary>
    internal string InFileName(string value)
    {
        var text = Replaced(value);
        if (text == "~" || text.StartsWith("~/", StringComparison.Ordinal) || text.StartsWith("~\\", StringComparison.Ordinal))
        {
            text = OpenSshDefaults.Home + text[1..];
        }

        return InEnvironment(text);
    }

    /// <summary>A value with its tokens replaced.</summary>
    internal string Replaced(string value) => Replaced(value, Meaning);

    /// <summary>A value with tokens replaced by what they mean; those without a meaning stay.</summary>
    internal static string Replaced(string value, Func<char, string?> meaning)
    {
        var text = new StringBuilder();
        for (var i = 0; i < value.Length; i++)
        {
            var (taken, meant) = value[i] == '%' && i + 1 < value.Length ? (2, meaning(value[i + 1])) : (1, value[i].ToString());
            text.Append(meant ?? value.Substring(i, taken));
            i += taken - 1;
        }

        return text.ToString();
    }

    private static string InEnvironment(string text)
    {
        for (var start = 0; (start = text.IndexOf("${", start, StringComparison.Ordinal)) >= 0;)
        {
            if (text.IndexOf('}', start) is not (var end and > 0))
            {
                break;
            }

            var value = Environment.GetEnvironmentVariable(text[(start + 2)..end]) ?? string.Empty;
            text = $"{text.AsSpan(0, start)}{value}{text.AsSpan(end + 1)}";
            start += value.Length;
        }

        return text;
    }

    internal string? Meaning(char token) => token switch
    {
        '%' => "%",
        'd' => OpenSshDefaults.Home,
        'h' => Host,
        'k' => Alias ?? Named,
        'l' => LocalHost,
        'L' => LocalHost.Split('.')[0],
        'n' => Named,
        'p' => Port.ToString(CultureInfo.InvariantCulture),
        'r' => User,
        'u' => Environment.UserName,
#pragma warning disable CA5350 // The name of a file is made of it, by OpenSSH.
        'C' => Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{LocalHost}{Host}{Port}{User}")))).ToLowerInvariant(),
#pragma warning restore CA5350
        _ => null,
    };
}
