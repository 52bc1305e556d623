namespace Ganeti.Luxi;

/// <summary>How a field's number becomes a property's value.</summary>
internal enum LuxiUnit
{
    /// <summary>As it is.</summary>
    None = 0,

    /// <summary>MiB on the wire (field kind <c>unit</c>), bytes in the property.</summary>
    Mebibytes,
}

/// <summary>Says which of Ganeti's query fields a property holds; the one place where the two are tied.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class LuxiFieldAttribute(string name) : Attribute
{
    /// <summary>The field's name, as <c>gnt-… list-fields</c> shows it.</summary>
    internal string Name { get; } = name;

    /// <summary>Whether the master has to ask nodes for it.</summary>
    public bool Live { get; init; }

    /// <summary>Whether it makes the master read far more than without it, so that whole objects are read without it unless it is asked for.</summary>
    public bool OnDemand { get; init; }

    /// <summary>The unit on the wire.</summary>
    public LuxiUnit Unit { get; init; }

    /// <summary>For an enum property: the property beside it that keeps the raw text.</summary>
    public string? Text { get; init; }
}
