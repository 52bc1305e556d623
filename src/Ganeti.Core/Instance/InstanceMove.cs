using System.Globalization;
using Ganeti.Luxi;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>Live migration (<c>gnt-instance migrate</c>).</summary>
internal sealed record InstanceMigrate : LuxiOpcode
{
    public required string InstanceName { get; init; }

    public string? TargetNode { get; init; }

    public string? Iallocator { get; init; }

    /// <summary><c>live</c> or <c>non-live</c>; null for the hypervisor's own default.</summary>
    public string? Mode { get; init; }

    public bool? Cleanup { get; init; }

    public bool? AllowFailover { get; init; }

    public bool? IgnoreIpolicy { get; init; }

    internal override string OpId => "OP_INSTANCE_MIGRATE";

    internal override string CommandLine => GntCommandLine.Of("gnt-instance", "migrate", "-f")
        .Flag("--non-live", Mode == "non-live")
        .Flag("--cleanup", Cleanup)
        .Flag("--allow-failover", AllowFailover)
        .Flag("--ignore-ipolicy", IgnoreIpolicy)
        .Option("-n", TargetNode)
        .Option("-I", Iallocator)
        .With(InstanceName);
}

/// <summary>Stop, change of the primary node, start (<c>gnt-instance failover</c>).</summary>
internal sealed record InstanceFailover : LuxiOpcode
{
    public required string InstanceName { get; init; }

    public string? TargetNode { get; init; }

    public string? Iallocator { get; init; }

    /// <summary>Seconds the guest has for its shutdown.</summary>
    public long? ShutdownTimeout { get; init; }

    public bool? IgnoreConsistency { get; init; }

    public bool? IgnoreIpolicy { get; init; }

    internal override string OpId => "OP_INSTANCE_FAILOVER";

    internal override string CommandLine => GntCommandLine.Of("gnt-instance", "failover", "-f")
        .Flag("--ignore-consistency", IgnoreConsistency)
        .Flag("--ignore-ipolicy", IgnoreIpolicy)
        .Option("--shutdown-timeout", ShutdownTimeout?.ToString(CultureInfo.InvariantCulture))
        .Option("-n", TargetNode)
        .Option("-I", Iallocator)
        .With(InstanceName);
}

/// <summary>Builds the command line that an operation stands for, as a person would type it.</summary>
internal sealed class GntCommandLine
{
    private readonly List<string> _argv;

    private GntCommandLine(IEnumerable<string> argv) => _argv = [.. argv];

    internal static GntCommandLine Of(params string[] argv) => new(argv);

    internal GntCommandLine Flag(string flag, bool? isSet)
    {
        if (isSet == true)
        {
            _argv.Add(flag);
        }

        return this;
    }

    internal GntCommandLine Option(string option, string? value)
    {
        if (value is not null)
        {
            _argv.Add(option);
            _argv.Add(value);
        }

        return this;
    }

    /// <summary>The whole line, with what it is about at the end.</summary>
    internal string With(params string[] operands) => ShellQuote.Display(_argv.Concat(operands));
}
