using Newtonsoft.Json;

namespace Ganeti.Luxi;

/// <summary>A filter that the master evaluates.</summary>
/// <remarks>The operators are those of Ganeti's <c>lib/qlang.py</c>; a regular expression is PCRE and unanchored.</remarks>
internal sealed class LuxiFilter
{
    private readonly object?[] _expression;

    private LuxiFilter(params object?[] expression) => _expression = expression;

    internal static LuxiFilter Equal(string field, object value) => new("=", field, value);

    internal static LuxiFilter Contains(string listField, object value) => new("=[]", listField, value);

    internal static LuxiFilter Matches(string field, string regex) => new("=~", field, regex);

    internal static LuxiFilter GreaterOrEqual(string field, object value) => new(">=", field, value);

    internal static LuxiFilter LessOrEqual(string field, object value) => new("<=", field, value);

    internal static LuxiFilter True(string booleanField) => new("?", booleanField);

    internal static LuxiFilter Not(LuxiFilter filter) => new("!", filter._expression);

    /// <summary>What any of the filters lets through; nothing when there are none.</summary>
    internal static LuxiFilter Any(params IEnumerable<LuxiFilter> filters) => Join("|", filters);

    /// <summary>What all of the filters let through; everything when there are none.</summary>
    internal static LuxiFilter All(params IEnumerable<LuxiFilter> filters) => Join("&", filters);

    internal void Write(JsonTextWriter writer) => LuxiJson.WriteValue(writer, _expression);

    /// <summary>The filter as Ganeti's <c>--filter</c> debug output shows it: JSON.</summary>
    public override string ToString() => LuxiJson.ToText(_expression);

    private static LuxiFilter Join(string operation, IEnumerable<LuxiFilter> filters)
    {
        var all = filters.ToArray();
        return all.Length == 1 ? all[0] : new LuxiFilter([operation, .. all.Select(filter => filter._expression)]);
    }
}
