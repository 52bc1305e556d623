using Ganeti.Remote;

namespace Ganeti.Luxi;

/// <summary>The <c>gnt-…</c> command line that an operation stands for, as a person would type it.</summary>
/// <remarks>
/// Options of the form <c>name=value,…</c> are split by Ganeti at commas; a backslash keeps one (<c>utils.UnescapeAndSplit</c> in
/// <c>lib/utils/text.py</c>).
/// </remarks>
internal sealed class GntCommandLine
{
    private readonly List<string> _options;
    private readonly List<string> _operands = [];

    private GntCommandLine(IEnumerable<string> argv) => _options = [.. argv];

    internal static GntCommandLine Of(params string[] argv) => new(argv);

    /// <summary>An option without a value, when it is set.</summary>
    internal GntCommandLine Flag(string flag, bool? isSet)
    {
        if (isSet == true)
        {
            _options.Add(flag);
        }

        return this;
    }

    /// <summary>An option with a value, when there is one. A value that begins with a dash is joined to a long option.</summary>
    internal GntCommandLine Option(string option, object? value)
    {
        if (value is not null)
        {
            var text = Text(value);
            if (option.StartsWith("--", StringComparison.Ordinal))
            {
                _options.Add($"{option}={text}");
            }
            else
            {
                _options.Add(option);
                _options.Add(text);
            }
        }

        return this;
    }

    /// <summary>An option that takes <c>yes</c> or <c>no</c>, when it is decided.</summary>
    internal GntCommandLine YesNo(string option, bool? value) => Option(option, value is { } decided ? decided ? "yes" : "no" : null);

    /// <summary>An option of parameters, when there are any: <c>[ident:]name=value,…</c>.</summary>
    internal GntCommandLine Parameters(string option, GntParameters? parameters, string? ident = null) => (parameters, ident) switch
    {
        ({ Count: > 0 }, null) => Option(option, List(parameters)),
        ({ Count: > 0 }, _) => Option(option, $"{ident}:{List(parameters)}"),
        (_, null) => this,
        _ => Option(option, ident),
    };

    /// <summary>What the line is about; it comes after the options.</summary>
    internal GntCommandLine With(params IEnumerable<object> operands)
    {
        _operands.AddRange(operands.Select(Text));
        return this;
    }

    /// <summary>A disk's parameters with their size as a person writes it.</summary>
    internal static GntParameters WithUnits(GntParameters disk)
    {
        var shown = new GntParameters();
        foreach (var (name, value) in disk)
        {
            shown[name] = name == "size" ? $"{Text(value)}M" : value;
        }

        return shown;
    }

    /// <summary>Entries as Ganeti's option parser reads them; secret values are masked.</summary>
    internal static string List(GntParameters parameters) => string.Join(
        ',',
        parameters.Select(entry => entry.Value is null ? $"-{entry.Key}" : $"{entry.Key}={(Secrets.IsSecret(entry.Key) ? Secrets.Mask : Escaped(Text(entry.Value)))}"));

    public override string ToString()
    {
        // An operand that looks like an option would be taken for one.
        string[] end = _operands.Exists(operand => operand.StartsWith('-')) ? ["--"] : [];
        return ShellQuote.Display([.. _options.Select(RemoteText.Printable), .. end, .. _operands.Select(RemoteText.Printable)]);
    }

    private static string Text(object? value) => value switch
    {
        bool flag => flag ? "True" : "False",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => LuxiJson.ToText(value),
    };

    private static string Escaped(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);
}
