using Ganeti.Luxi;

namespace Ganeti;

/// <summary>Parameters of guests in Ganeti's own names and units.</summary>
internal static class InstanceParameters
{
    // Ganeti's VALUE_DEFAULT: take the cluster's value again.
    private const string ClusterDefault = "default";

    /// <summary>Backend parameters, or null when there are none. Memory is bytes here.</summary>
    internal static GntParameters? Backend(long? memory, long? minimumMemory, int? vcpu, bool? autoBalance, bool? alwaysFailover, int? spindleUse, GntParameters? others)
    {
        var parameters = OrDefault(others) ?? [];
        Set("maxmem", Mebibytes(memory));
        // As "gnt-instance -B memory=…" does: no ballooning unless it is asked for.
        Set("minmem", Mebibytes(minimumMemory ?? memory));
        Set("vcpus", vcpu);
        Set("auto_balance", autoBalance);
        Set("always_failover", alwaysFailover);
        Set("spindle_use", spindleUse);
        return parameters.Count == 0 ? null : parameters;

        void Set(string name, object? value)
        {
            if (value is not null)
            {
                parameters[name] = value;
            }
        }
    }

    /// <summary>A copy in which null asks for the cluster's default; null when there are none.</summary>
    internal static GntParameters? OrDefault(GntParameters? parameters)
    {
        if (parameters is not { Count: > 0 })
        {
            return null;
        }

        var copy = new GntParameters();
        foreach (var (name, value) in parameters)
        {
            copy[name] = value ?? ClusterDefault;
        }

        return copy;
    }

    internal static long? Mebibytes(long? bytes) => bytes / LuxiSetters.Mebibyte;
}
