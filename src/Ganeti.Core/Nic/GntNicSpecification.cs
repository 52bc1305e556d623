namespace Ganeti;

/// <summary>
/// A network card as it is to be. In PowerShell a hashtable does: <c>@{ Network = 'net1'; IPAddress = 'pool' }</c>. What is null is Ganeti's to decide.
/// </summary>
public sealed class GntNicSpecification
{
    /// <summary>How it is connected.</summary>
    public GntNicMode? Mode { get; set; }

    /// <summary>What it is connected to: a bridge, a routing table, a switch.</summary>
    public string? Link { get; set; }

    /// <summary>The Ganeti network that it is in; empty for none.</summary>
    public string? Network { get; set; }

    /// <summary>Its IP address; <c>pool</c> for a free one of the network, empty for none.</summary>
    public string? IPAddress { get; set; }

    /// <summary>Its MAC address; <c>auto</c> or <c>generate</c> for a new one.</summary>
    public string? Mac { get; set; }

    /// <summary>Its VLAN, for Open vSwitch.</summary>
    public string? Vlan { get; set; }

    /// <summary>Its name; empty for none.</summary>
    public string? Name { get; set; }

    // Ganeti's INIC_* names; "none" is its word for no value.
    internal GntParameters ToParameters()
    {
        var parameters = new GntParameters();
        Set("mode", Mode?.ToString());
        Set("link", Link);
        Set("network", Network);
        Set("ip", IPAddress);
        Set("mac", Mac);
        Set("vlan", Vlan);
        Set("name", Name);
        return parameters;

        void Set(string name, string? value)
        {
            if (value is not null)
            {
                parameters[name] = value.Length == 0 ? "none" : value;
            }
        }
    }
}
