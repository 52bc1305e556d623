using Ganeti.Luxi;

namespace Ganeti;

/// <summary>What OS definitions the nodes have (<c>gnt-os diagnose</c>).</summary>
internal sealed record OsDiagnose : LuxiOpcode
{
    public required string[] OutputFields { get; init; }

    public required string[] Names { get; init; }

    internal override string OpId => "OP_OS_DIAGNOSE";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-os", "diagnose");
}

/// <summary>What the cluster has for an OS definition (<c>gnt-os modify</c>).</summary>
/// <remarks>The same operation changes all else of the cluster, in its own record.</remarks>
internal sealed record OsModify : LuxiOpcode
{
    /// <summary>The definition, with a variant or without.</summary>
    internal required string Name { get; init; }

    /// <summary>By OS, then by hypervisor.</summary>
    public GntParameters? OsHvp { get; init; }

    /// <summary>By OS.</summary>
    public GntParameters? Osparams { get; init; }

    /// <summary>By OS; shown to nobody.</summary>
    public GntParameters? OsparamsPrivateCluster { get; init; }

    /// <summary>Changes of the list: <c>[add|remove, name]</c>.</summary>
    public object[]? HiddenOs { get; init; }

    /// <summary>Likewise.</summary>
    public object[]? BlacklistedOs { get; init; }

    internal override string OpId => "OP_CLUSTER_SET_PARAMS";

    internal override GntCommandLine Command
    {
        get
        {
            var line = GntCommandLine.Of("gnt-os", "modify");
            foreach (var (hypervisor, values) in Of(OsHvp) ?? [])
            {
                line.Parameters("-H", values as GntParameters, hypervisor);
            }

            return line.Parameters("-O", Of(Osparams))
                .Parameters("--os-parameters-private", Secrets.AllMasked(Of(OsparamsPrivateCluster)))
                .YesNo("--hidden", IsAdded(HiddenOs))
                .YesNo("--blacklisted", IsAdded(BlacklistedOs))
                .With(Name);
        }
    }

    /// <summary>A change of one definition.</summary>
    internal static OsModify For(string name, GntParameters? hypervisor, GntParameters? parameters, GntParameters? secret, bool? hidden, bool? blacklisted) => new()
    {
        Name = name,
        OsHvp = Under(name, hypervisor),
        Osparams = Under(name, parameters),
        OsparamsPrivateCluster = Under(name, secret),
        HiddenOs = Listed(name, hidden),
        BlacklistedOs = Listed(name, blacklisted),
    };

    private static GntParameters? Under(string name, GntParameters? parameters) => parameters is { Count: > 0 } ? new GntParameters { [name] = parameters } : null;

    private static object[]? Listed(string name, bool? isListed) => isListed is { } listed ? [new object[] { listed ? "add" : "remove", name }] : null;

    private static bool? IsAdded(object[]? changes) => (changes?[0] as object[])?[0] is string word ? word == "add" : null;

    private GntParameters? Of(GntParameters? byName) => byName?.GetValueOrDefault(Name) as GntParameters;
}
