namespace Ganeti.Commands;

/// <summary>Network cards for a guest that is made after another one: connected alike, with new MAC addresses.</summary>
/// <remarks>Of Ganeti's words, <c>auto</c> makes a new MAC, <c>pool</c> takes a free address of the network.</remarks>
internal static class ImportNics
{
    internal static GntParameters[] Of(GntExport export) => Array.ConvertAll(export.Nics ?? [], nic => nic.NetworkUuid is not null
        ? Card(nic.Name, nic.NetworkUuid, nic.IPAddress is not null)
        : Card(nic.Name, ("mode", nic.ModeText), ("link", nic.Link), ("vlan", nic.Vlan)));

    internal static GntParameters[] Of(GntInstance instance) => Array.ConvertAll(instance.Nics ?? [], nic => nic.NetworkName is not null
        ? Card(nic.Name, nic.NetworkName, nic.IPAddress is not null)
        : Card(nic.Name, [.. (nic.CustomParameters ?? []).Where(entry => entry.Key is "mode" or "link" or "vlan").Select(entry => (entry.Key, entry.Value as string))]));

    private static GntParameters Card(string? name, string network, bool hasAddress) => Card(name, ("network", network), ("ip", hasAddress ? "pool" : null));

    private static GntParameters Card(string? name, params (string Name, string? Value)[] connected)
    {
        var card = new GntParameters { ["mac"] = "auto" };
        foreach (var (parameter, value) in connected.Append(("name", name)))
        {
            if (!string.IsNullOrEmpty(value))
            {
                card[parameter] = value;
            }
        }

        return card;
    }
}
