using System.Collections;
using System.Management.Automation;
using System.Reflection;

namespace Ganeti.Pipeline;

/// <summary>
/// Makes the module's objects again from what <c>Export-Clixml</c>, a background job or a remote session has left of them, so
/// that they can be piped into cmdlets as before. Named in the module's types file.
/// </summary>
public sealed class RehydratingConverter : PSTypeConverter
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(object sourceValue, Type destinationType) =>
        sourceValue is PSObject source && source.TypeNames.Contains($"Deserialized.{destinationType.FullName}");

    /// <inheritdoc/>
    public override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        Rebuild((PSObject)sourceValue, destinationType);

    /// <inheritdoc/>
    public override bool CanConvertTo(object sourceValue, Type destinationType) => false;

    /// <inheritdoc/>
    public override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        throw new PSInvalidCastException($"{destinationType} can't be made of this.");

    private static object Rebuild(PSObject source, Type type)
    {
        var result = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.SetMethod?.IsPublic == true))
        {
            if (source.Properties[property.Name]?.Value is { } value && Convert(value, property.PropertyType) is { } converted)
            {
                property.SetValue(result, converted);
            }
        }

        return result;
    }

    private static object? Convert(object value, Type type)
    {
        var plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        if (type.IsInstanceOfType(plain))
        {
            return plain;
        }

        if (Nullable.GetUnderlyingType(type) == typeof(DateTimeOffset) && value is PSObject time && Time(time) is { } restored)
        {
            return restored;
        }

        if (type == typeof(GntParameters))
        {
            return plain is IDictionary entries ? Parameters(entries) : null;
        }

        if (type.IsArray && plain is IEnumerable items and not string)
        {
            var converted = items.Cast<object>().Select(item => Convert(item, type.GetElementType()!)).ToArray();
            if (Array.IndexOf(converted, null) >= 0)
            {
                // Deeper than what was kept (-Depth): text stands for the objects.
                return null;
            }

            var array = Array.CreateInstance(type.GetElementType()!, converted.Length);
            for (var i = 0; i < converted.Length; i++)
            {
                array.SetValue(converted[i], i);
            }

            return array;
        }

        if (type.Namespace == nameof(Ganeti) && type.IsClass && value is PSObject nested && plain is PSCustomObject)
        {
            return Rebuild(nested, type);
        }

        return LanguagePrimitives.TryConvertTo(value, type, System.Globalization.CultureInfo.InvariantCulture, out var result) ? result : null;
    }

    // CLIXML has no word for it: what is left are its properties.
    private static DateTimeOffset? Time(PSObject time) =>
        (time.Properties["UtcTicks"]?.Value, time.Properties["Offset"]?.Value) is (long utc, TimeSpan offset) ? new DateTimeOffset(utc, TimeSpan.Zero).ToOffset(offset) : null;

    private static GntParameters Parameters(IDictionary entries)
    {
        var parameters = new GntParameters();
        foreach (DictionaryEntry entry in entries)
        {
            var value = entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value;
            parameters[(string)entry.Key] = value is IDictionary nested ? Parameters(nested) : value is ArrayList list ? list.ToArray() : value;
        }

        return parameters;
    }
}
