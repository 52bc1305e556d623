using Ganeti.Luxi;

namespace Ganeti;

/// <summary>Start (<c>gnt-instance startup</c>).</summary>
internal sealed record InstanceStartup : InstanceOpcode
{
    public bool? Force { get; init; }

    public bool? IgnoreOfflineNodes { get; init; }

    /// <summary>Hypervisor parameters for this start only.</summary>
    public GntParameters? Hvparams { get; init; }

    /// <summary>Backend parameters for this start only.</summary>
    public GntParameters? Beparams { get; init; }

    public bool? NoRemember { get; init; }

    public bool? StartupPaused { get; init; }

    internal override string OpId => "OP_INSTANCE_STARTUP";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-instance", "startup")
        .Flag("--force", Force)
        .Flag("--ignore-offline", IgnoreOfflineNodes)
        .Flag("--no-remember", NoRemember)
        .Flag("--paused", StartupPaused)
        .Parameters("-H", Hvparams)
        .Parameters("-B", Beparams)
        .With(InstanceName);
}

/// <summary>Stop (<c>gnt-instance shutdown</c>).</summary>
internal sealed record InstanceShutdown : InstanceOpcode
{
    public bool? Force { get; init; }

    public bool? IgnoreOfflineNodes { get; init; }

    /// <summary>Seconds the guest has for its shutdown; then it is ended. 0 ends it at once.</summary>
    public long? Timeout { get; init; }

    public bool? NoRemember { get; init; }

    internal override string OpId => "OP_INSTANCE_SHUTDOWN";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-instance", "shutdown")
        .Flag("--force", Force)
        .Flag("--ignore-offline", IgnoreOfflineNodes)
        .Flag("--no-remember", NoRemember)
        .Option("--timeout", Timeout)
        .With(InstanceName);
}

/// <summary>Restart (<c>gnt-instance reboot</c>).</summary>
internal sealed record InstanceReboot : InstanceOpcode
{
    /// <summary><c>soft</c>, <c>hard</c> or <c>full</c>.</summary>
    public required string RebootType { get; init; }

    public bool? IgnoreSecondaries { get; init; }

    /// <summary>Seconds the guest has for its shutdown.</summary>
    public long? ShutdownTimeout { get; init; }

    internal override string OpId => "OP_INSTANCE_REBOOT";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-instance", "reboot", "-t", RebootType)
        .Flag("--ignore-secondaries", IgnoreSecondaries)
        .Option("--shutdown-timeout", ShutdownTimeout)
        .With(InstanceName);
}
