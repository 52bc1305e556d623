using Ganeti.Luxi;

namespace Ganeti;

/// <summary>What the configuration has for guests (<c>gnt-instance info --static</c>): the only place where the master tells ports and minors.</summary>
/// <remarks>With <c>static</c> it takes no lock and asks no node (lib/cmdlib/instance_query.py).</remarks>
internal sealed record InstanceQueryData : LuxiOpcode
{
    /// <summary>Guests by name; none stands for all.</summary>
    public required string[] Instances { get; init; }

    public bool? Static { get; init; }

    internal override string OpId => "OP_INSTANCE_QUERY_DATA";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-instance", "info").Flag("--static", Static).Flag("--all", Instances.Length == 0).With(Instances);
}
