using System.Text.RegularExpressions;

namespace Ganeti;

/// <summary>Secrets never reach a stream, an error or an object.</summary>
internal static partial class Secrets
{
    internal const string Mask = "<masked>";

    /// <summary>A copy of parameters, nested ones included, with secret values masked.</summary>
    internal static GntParameters Masked(GntParameters parameters, params string[] except)
    {
        var copy = new GntParameters();
        foreach (var (name, value) in parameters)
        {
            if (!except.Contains(name, StringComparer.Ordinal))
            {
                copy[name] = IsSecret(name) && value is not null ? Mask : value is GntParameters nested ? Masked(nested) : value;
            }
        }

        return copy;
    }

    /// <summary>JSON text with the values of secret members masked, for debug output.</summary>
    internal static string Masked(string json) => SecretMember().Replace(json, match => $"{match.Groups["name"].Value}\"{Mask}\"");

    private static bool IsSecret(string name) => SecretName().IsMatch(name);

    // Ganeti's own: osparams_secret, osparams_private, cluster and RAPI secrets, spice_password…; *_file ones name a file only.
    [GeneratedRegex("(secret|private|passw(or)?d|passphrase)(?!.*_file$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();

    [GeneratedRegex("""(?<name>"[^"]*(?:secret|private|passw(?:or)?d|passphrase)(?![^"]*_file")[^"]*"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|\{(?:[^{}]|\{[^{}]*\})*\}|\[[^\]]*\]|[^,}\]\s]+)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretMember();
}
