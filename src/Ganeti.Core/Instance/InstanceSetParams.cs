using System.Globalization;
using Ganeti.Luxi;

namespace Ganeti;

/// <summary>A change of a guest's configuration, its disks and cards included (<c>gnt-instance modify</c>).</summary>
internal sealed record InstanceSetParams : InstanceOpcode
{
    /// <summary>Changes of cards: <c>[add|remove|modify|…, place or name, parameters]</c>.</summary>
    public object[]? Nics { get; init; }

    /// <summary>Changes of disks, likewise.</summary>
    public object[]? Disks { get; init; }

    public GntParameters? Beparams { get; init; }

    public GntParameters? Hvparams { get; init; }

    /// <summary>Memory of the running guest, MiB (ballooning).</summary>
    public long? RuntimeMem { get; init; }

    public string? OsName { get; init; }

    public bool? ForceVariant { get; init; }

    public GntParameters? Osparams { get; init; }

    /// <summary>Shown to nobody.</summary>
    public GntParameters? OsparamsPrivate { get; init; }

    public string? DiskTemplate { get; init; }

    public GntParameters? ExtParams { get; init; }

    public string? FileDriver { get; init; }

    public string? FileStorageDir { get; init; }

    /// <summary>Another primary node, for shared storage only: says where it runs, moves nothing.</summary>
    public string? Pnode { get; init; }

    /// <summary>The new secondary node, for a change to <c>drbd</c>.</summary>
    public string? RemoteNode { get; init; }

    public string? Iallocator { get; init; }

    public bool? WaitForSync { get; init; }

    public bool? Offline { get; init; }

    public bool? ConflictsCheck { get; init; }

    public bool? Hotplug { get; init; }

    public bool? HotplugIfPossible { get; init; }

    public bool? InstanceCommunication { get; init; }

    public bool? IgnoreIpolicy { get; init; }

    public bool? Force { get; init; }

    internal override string OpId => "OP_INSTANCE_SET_PARAMS";

    /// <summary>A disk or card added behind the others, or at a place.</summary>
    internal static object[] Add(GntParameters parameters, int? index = null) => ["add", index ?? -1, parameters];

    /// <summary>A detached disk attached again.</summary>
    internal static object[] Attach(GntParameters parameters, int? index = null) => ["attach", index ?? -1, parameters];

    internal static object[] Modify(int index, GntParameters parameters) => ["modify", index, parameters];

    /// <summary>Removed by its UUID: places move up when another one is removed first.</summary>
    internal static object[] Remove(string uuid) => ["remove", uuid, new GntParameters()];

    /// <summary>Taken from the guest with its data kept.</summary>
    internal static object[] Detach(string uuid) => ["detach", uuid, new GntParameters()];

    internal override GntCommandLine Command
    {
        get
        {
            var line = GntCommandLine.Of("gnt-instance", "modify");
            AddChanges(line, "--net", Nics);
            AddChanges(line, "--disk", Disks);
            return line
                .Parameters("-B", Beparams)
                .Parameters("-H", Hvparams)
                .Option("-m", RuntimeMem is { } memory ? $"{memory}M" : null)
                .Option("-o", OsName)
                .Flag("--force-variant", ForceVariant)
                .Parameters("-O", Osparams)
                .Parameters("--os-parameters-private", Secrets.AllMasked(OsparamsPrivate))
                .Option("-t", DiskTemplate)
                .Parameters("-e", ExtParams)
                .Option("--file-driver", FileDriver)
                .Option("--file-storage-dir", FileStorageDir)
                .Option("--new-primary", Pnode)
                .Option("-n", RemoteNode)
                .Option("-I", Iallocator)
                .Flag("--no-wait-for-sync", WaitForSync == false)
                .Flag("--offline", Offline == true)
                .Flag("--online", Offline == false)
                .Flag("--no-conflicts-check", ConflictsCheck == false)
                .Flag("--hotplug", Hotplug)
                .Flag("--hotplug-if-possible", HotplugIfPossible)
                .YesNo("--communication", InstanceCommunication)
                .Flag("--ignore-ipolicy", IgnoreIpolicy)
                .Flag("--force", Force)
                .With(InstanceName);
        }
    }

    // "add:size=4G" at the end, "1:add,size=4G" at a place, "0:name=data" to change, "0:remove".
    private static void AddChanges(GntCommandLine line, string option, object[]? changes)
    {
        foreach (var change in changes?.Cast<object[]>() ?? [])
        {
            var (action, place) = ((string)change[0], Convert.ToString(change[1], CultureInfo.InvariantCulture)!);
            var values = GntCommandLine.List(GntCommandLine.WithUnits((GntParameters)change[2]));
            line.Option(option, (action, place) switch
            {
                ("modify", _) => $"{place}:{values}",
                (_, "-1") => values.Length == 0 ? action : $"{action}:{values}",
                _ => values.Length == 0 ? $"{place}:{action}" : $"{place}:{action},{values}",
            });
        }
    }
}
