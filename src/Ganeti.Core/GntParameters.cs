namespace Ganeti;

/// <summary>
/// Named parameters as Ganeti has them (hypervisor, backend, OS, disk, node parameters): names in Ganeti's own spelling,
/// values typed as Ganeti sends them (text, whole numbers, numbers, booleans, lists, nested parameters).
/// </summary>
public sealed class GntParameters : Dictionary<string, object?>
{
    /// <summary>Creates an empty set.</summary>
    public GntParameters()
        : base(StringComparer.Ordinal)
    {
    }

    /// <summary>Takes over the entries of any dictionary, so that a hashtable can be cast to it.</summary>
    /// <param name="entries">The entries; keys become text.</param>
    public GntParameters(System.Collections.IDictionary entries)
        : this()
    {
        foreach (System.Collections.DictionaryEntry entry in entries)
        {
            this[Convert.ToString(entry.Key, System.Globalization.CultureInfo.InvariantCulture) ?? string.Empty] = entry.Value;
        }
    }

    /// <summary>The entries as Ganeti's command lines write them: <c>name=value,…</c>.</summary>
    public override string ToString() => string.Join(',', this.Select(entry => $"{entry.Key}={Luxi.LuxiJson.ToText(entry.Value)}"));
}
