using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Takes hashtables for what disks or network cards are to be like, and for disks sizes alone (<c>10GB</c>, <c>'10G'</c>). What is none, or names a property
/// that there is not, is an error.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SpecificationAttribute(Type type) : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = Plain(inputData);
        if (value is null or "")
        {
            return null;
        }

        var items = (value is IList list ? list.Cast<object?>() : [value]).Select(One).ToArray();
        var specifications = Array.CreateInstance(type, items.Length);
        items.CopyTo(specifications, 0);
        return specifications;
    }

    private object One(object? item) => Plain(item) switch
    {
        { } given when type.IsInstanceOfType(given) => given,
        IDictionary entries => FromEntries(entries),
        { } size when type == typeof(GntDiskSpecification) => new GntDiskSpecification(SizeAttribute.Bytes(size)),
        var other => throw new ArgumentTransformationMetadataException($"'{other}' does not say what is wanted: write a hashtable of {Properties}."),
    };

    private object FromEntries(IDictionary entries)
    {
        var specification = Activator.CreateInstance(type)!;
        foreach (DictionaryEntry entry in entries)
        {
            var name = Convert.ToString(Plain(entry.Key), CultureInfo.InvariantCulture);
            var property = Array.Find(type.GetProperties(), property => string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))
                ?? throw new ArgumentTransformationMetadataException($"There is no '{name}' among {Properties}.");
            var plain = Plain(entry.Value);
            var wanted = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            property.SetValue(specification, property.Name == nameof(GntDiskSpecification.Size) && plain is not null ? SizeAttribute.Bytes(plain)
                : wanted.IsEnum ? new ChoiceAttribute(wanted).Transform(null!, plain)
                : wanted == typeof(GntParameters) ? new ParametersAttribute().Transform(null!, plain)
                : LanguagePrimitives.TryConvertTo(plain, wanted, CultureInfo.InvariantCulture, out var converted) ? converted
                : throw new ArgumentTransformationMetadataException($"'{plain}' is no {property.Name}."));
        }

        return specification;
    }

    private string Properties => string.Join(", ", type.GetProperties().Select(property => property.Name));

    private static object? Plain(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
