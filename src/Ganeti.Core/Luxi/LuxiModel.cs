using System.Globalization;
using System.Reflection;

namespace Ganeti.Luxi;

/// <summary>How a model's properties are filled from query fields: read off its <see cref="LuxiFieldAttribute"/>s once.</summary>
internal static class LuxiModel<T>
    where T : GntObject, new()
{
    private static readonly LuxiField<T>[] AllFields = typeof(T)
        .GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .Where(property => property.IsDefined(typeof(LuxiFieldAttribute)))
        .Select(property => new LuxiField<T>(property, property.GetCustomAttribute<LuxiFieldAttribute>()!))
        .ToArray();

    /// <summary>The fields that the master answers from its configuration.</summary>
    internal static IReadOnlyList<LuxiField<T>> Configuration { get; } = [.. AllFields.Where(field => !field.IsLive && !field.IsOnDemand)];

    /// <summary>The fields for which the master asks nodes.</summary>
    internal static IReadOnlyList<LuxiField<T>> Live { get; } = [.. AllFields.Where(field => field.IsLive)];

    /// <summary>The fields of the named properties.</summary>
    internal static IReadOnlyList<LuxiField<T>> Only(params string[] properties) =>
        [.. properties.Select(property => AllFields.First(field => field.PropertyName == property))];

    /// <summary>Fills a model from a dictionary whose keys are the field names.</summary>
    internal static T FromMembers(GntParameters members)
    {
        var model = new T();
        foreach (var field in AllFields)
        {
            if (members.TryGetValue(field.Name, out var value))
            {
                field.Set(model, value);
            }
        }

        return model;
    }
}

/// <summary>One property of a model and the field that it holds.</summary>
internal sealed class LuxiField<T>
{
    private readonly Action<T, object?> _set;

    internal LuxiField(PropertyInfo property, LuxiFieldAttribute field)
    {
        Name = field.Name;
        IsLive = field.Live;
        IsOnDemand = field.OnDemand;
        PropertyName = property.Name;
        IsText = property.PropertyType == typeof(string);
        _set = LuxiSetters.For<T>(property, field);
    }

    /// <summary>Ganeti's name of the field.</summary>
    internal string Name { get; }

    internal string PropertyName { get; }

    internal bool IsLive { get; }

    internal bool IsOnDemand { get; }

    internal bool IsText { get; }

    /// <summary>Converts a value from the wire and sets the property; what can't be converted leaves it null.</summary>
    internal void Set(T model, object? value) => _set(model, value);
}

/// <summary>Setters from wire values to properties, by the property's type.</summary>
internal static class LuxiSetters
{
    internal const long Mebibyte = 1024 * 1024;

    internal static Action<T, object?> For<T>(PropertyInfo property, LuxiFieldAttribute field)
    {
        var type = property.PropertyType;
        var factor = field.Unit == LuxiUnit.Mebibytes ? Mebibyte : 1;

        if (Nullable.GetUnderlyingType(type) is { IsEnum: true } enumType)
        {
            return ForEnum<T>(property, enumType, field.Text);
        }

        return type switch
        {
            _ when type == typeof(string) => With<T, string?>(property, ToText),
            _ when type == typeof(long?) => With<T, long?>(property, value => ToLong(value) * factor),
            _ when type == typeof(int?) => With<T, int?>(property, value => ToLong(value) is { } number and >= int.MinValue and <= int.MaxValue ? (int)number : null),
            _ when type == typeof(double?) => With<T, double?>(property, ToDouble),
            _ when type == typeof(bool?) => With<T, bool?>(property, value => value as bool?),
            _ when type == typeof(DateTimeOffset?) => With<T, DateTimeOffset?>(property, ToTime),
            _ when type == typeof(string[]) => With<T, string?[]?>(property, value => ToArray(value, ToText)),
            _ when type == typeof(string[][]) => With<T, string?[]?[]?>(property, value => ToArray(value, inner => ToArray(inner, ToText))),
            _ when type == typeof(long?[]) => With<T, long?[]?>(property, value => ToArray(value, item => ToLong(item) * factor)),
            _ when type == typeof(GntParameters) => With<T, GntParameters?>(property, value => value as GntParameters),
            _ when type == typeof(GntInstancePolicy) => With<T, GntInstancePolicy?>(property, value => value is GntParameters members ? GntInstancePolicy.FromMembers(members) : null),
            _ when type == typeof(object) => With<T, object?>(property, value => value),
            _ when type == typeof(object[]) => With<T, object?[]?>(property, value => value as object?[]),
            _ => throw new NotSupportedException($"No conversion from a query field to {type} of {property.Name}."),
        };
    }

    internal static string? ToText(object? value) => value switch
    {
        null => null,
        string text => text,
        _ => LuxiJson.ToText(value),
    };

    internal static long? ToLong(object? value) => value switch
    {
        long number => number,
        double number when Math.Abs(number) < long.MaxValue => (long)number,
        string text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    internal static double? ToDouble(object? value) => value switch
    {
        double number => number,
        long number => number,
        _ => null,
    };

    /// <summary>A time is seconds since 1970 as a number, or a pair of whole seconds and microseconds; 0 is "never".</summary>
    internal static DateTimeOffset? ToTime(object? value)
    {
        var ticks = value switch
        {
            double seconds => seconds * TimeSpan.TicksPerSecond,
            long seconds => (double)seconds * TimeSpan.TicksPerSecond,
            object?[] { Length: 2 } pair when pair[0] is long seconds && pair[1] is long microseconds =>
                ((double)seconds * TimeSpan.TicksPerSecond) + (microseconds * TimeSpan.TicksPerMicrosecond),
            _ => 0,
        };
        return ticks > 0 && ticks < (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks
            ? DateTimeOffset.UnixEpoch.AddTicks((long)ticks)
            : null;
    }

    internal static TItem[]? ToArray<TItem>(object? value, Func<object?, TItem> convert) =>
        value is object?[] items ? Array.ConvertAll(items, item => convert(item)) : null;

    /// <summary>The member spelled as Ganeti prints it ("-" is written "_"), or Unrecognized = 0.</summary>
    internal static TEnum ToEnum<TEnum>(string text)
        where TEnum : struct, Enum =>
        // The name is compared too: the parser takes numbers, lists and spaces as well.
        Enum.TryParse<TEnum>(text.Replace('-', '_'), out var member) && Enum.GetName(member) == text.Replace('-', '_') ? member : default;

    private static Action<T, object?> With<T, TValue>(PropertyInfo property, Func<object?, TValue> convert)
    {
        var set = property.GetSetMethod(nonPublic: true)!.CreateDelegate<Action<T, TValue>>();
        return (model, value) => set(model, convert(value));
    }

    private static Action<T, object?> ForEnum<T>(PropertyInfo property, Type enumType, string? textProperty) =>
        (Action<T, object?>)typeof(LuxiSetters)
            .GetMethod(nameof(ForEnumOf), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(typeof(T), enumType)
            .Invoke(null, [property, textProperty])!;

    private static Action<T, object?> ForEnumOf<T, TEnum>(PropertyInfo property, string? textProperty)
        where TEnum : struct, Enum
    {
        var set = property.GetSetMethod(nonPublic: true)!.CreateDelegate<Action<T, TEnum?>>();
        var setText = textProperty is null
            ? null
            : typeof(T).GetProperty(textProperty)!.GetSetMethod()!.CreateDelegate<Action<T, string?>>();
        return (model, value) =>
        {
            var text = ToText(value);
            set(model, text is null ? null : ToEnum<TEnum>(text));
            setText?.Invoke(model, text);
        };
    }
}
