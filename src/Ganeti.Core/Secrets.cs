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
                copy[name] = IsSecret(name) && value is not null ? Mask : MaskedValue(value);
            }
        }

        return copy;
    }

    /// <summary>The names of parameters whose values are all secret.</summary>
    internal static GntParameters? AllMasked(GntParameters? parameters)
    {
        if (parameters is null)
        {
            return null;
        }

        var copy = new GntParameters();
        foreach (var name in parameters.Keys)
        {
            copy[name] = Mask;
        }

        return copy;
    }

    private static object? MaskedValue(object? value) => value switch
    {
        GntParameters nested => Masked(nested),
        object?[] items => Array.ConvertAll(items, MaskedValue),
        _ => value,
    };

    /// <summary>JSON text with the values of secret members masked, for debug output.</summary>
    internal static string Masked(string json) => Luxi.LuxiJson.TryParse(json, out var value)
        ? Luxi.LuxiJson.ToText(MaskedValue(value))
        : MaskedText(json);

    // What is no JSON as a whole, for example because it was cut off.
    private static string MaskedText(string json) => SecretMember().Replace(json, match => $"{match.Groups["name"].Value}\"{Mask}\"");

    internal static bool IsSecret(string name) => SecretName().IsMatch(name);

    // Ganeti's own: osparams_secret, osparams_private, cluster and RAPI secrets, spice_password…; *_file ones name a file only.
    [GeneratedRegex("(secret|private|passw(or)?d|passphrase)(?!.*_file$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();

    [GeneratedRegex("""(?<name>"[^"]*(?:secret|private|passw(?:or)?d|passphrase)(?![^"]*_file")[^"]*"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|\{(?:[^{}]|\{[^{}]*\})*\}|\[[^\]]*\]|[^,}\]\s]+)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretMember();
}
