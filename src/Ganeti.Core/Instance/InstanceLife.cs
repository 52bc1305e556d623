using Ganeti.Luxi;

namespace Ganeti;

/// <summary>Creation, or import of an export (<c>gnt-instance add</c>, <c>gnt-backup import</c>).</summary>
internal sealed record InstanceCreate : LuxiOpcode
{
    public required string InstanceName { get; init; }

    /// <summary><c>create</c> or <c>import</c>.</summary>
    public required string Mode { get; init; }

    public string? DiskTemplate { get; init; }

    /// <summary>One a disk: <c>size</c> in MiB, or <c>adopt</c>, and what else there is.</summary>
    public required GntParameters[] Disks { get; init; }

    /// <summary>One a network card.</summary>
    public required GntParameters[] Nics { get; init; }

    public string? OsType { get; init; }

    public bool? ForceVariant { get; init; }

    public bool? NoInstall { get; init; }

    public GntParameters? Osparams { get; init; }

    /// <summary>Shown to nobody.</summary>
    public GntParameters? OsparamsPrivate { get; init; }

    /// <summary>Kept by nobody, not even by Ganeti.</summary>
    public GntParameters? OsparamsSecret { get; init; }

    public string? Hypervisor { get; init; }

    public GntParameters? Hvparams { get; init; }

    public GntParameters? Beparams { get; init; }

    public string? Pnode { get; init; }

    public string? Snode { get; init; }

    public string? GroupName { get; init; }

    public string? Iallocator { get; init; }

    public bool? OpportunisticLocking { get; init; }

    public string? FileDriver { get; init; }

    public string? FileStorageDir { get; init; }

    public bool? WaitForSync { get; init; }

    public bool? Start { get; init; }

    public bool? NameCheck { get; init; }

    public bool? IpCheck { get; init; }

    public bool? ConflictsCheck { get; init; }

    public bool? IgnoreIpolicy { get; init; }

    public bool? Forthcoming { get; init; }

    public bool? Commit { get; init; }

    public bool? IdentifyDefaults { get; init; }

    public string[]? Tags { get; init; }

    public bool? InstanceCommunication { get; init; }

    public long? HelperStartupTimeout { get; init; }

    public long? HelperShutdownTimeout { get; init; }

    public string? SrcNode { get; init; }

    public string? SrcPath { get; init; }

    public string? Compress { get; init; }

    internal override string OpId => "OP_INSTANCE_CREATE";

    internal override GntCommandLine Command
    {
        get
        {
            var isImport = Mode == "import";
            var line = (isImport ? GntCommandLine.Of("gnt-backup", "import") : GntCommandLine.Of("gnt-instance", "add"))
                .Option("-t", DiskTemplate)
                .Option("-n", Snode is null ? Pnode : $"{Pnode}:{Snode}")
                .Option("-g", GroupName)
                .Option("-I", Iallocator)
                .Option("--src-node", SrcNode)
                .Option("--src-dir", SrcPath)
                .Option("-o", OsType);
            for (var i = 0; i < Disks.Length; i++)
            {
                var disk = GntCommandLine.WithUnits(Disks[i]);
                if (disk.ContainsKey("adopt"))
                {
                    // An adopted volume has the size that it has.
                    disk.Remove("size");
                }

                line.Parameters("--disk", disk, i.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }

            for (var i = 0; i < Nics.Length; i++)
            {
                line.Parameters("--net", Nics[i], i.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }

            // Without a word of it an import keeps the cards of the export, and a creation makes one.
            line.Flag("--no-nics", Nics.Length == 0 && !isImport)
                .Parameters("-B", Beparams);
            return (Hypervisor is null ? line : line.Parameters("-H", Hvparams, Hypervisor))
                .Parameters("-O", Osparams)
                .Parameters("--os-parameters-private", Secrets.AllMasked(OsparamsPrivate))
                .Parameters("--os-parameters-secret", Secrets.AllMasked(OsparamsSecret))
                .Option("--tags", Tags is { Length: > 0 } ? string.Join(',', Tags) : null)
                .Option("--file-driver", FileDriver)
                .Option("--file-storage-dir", FileStorageDir)
                .Option("--compress", Compress)
                .Option("--helper-startup-timeout", HelperStartupTimeout)
                .Option("--helper-shutdown-timeout", HelperShutdownTimeout)
                .YesNo("--communication", InstanceCommunication)
                .Flag("--force-variant", ForceVariant)
                .Flag("--no-install", NoInstall)
                .Flag("--no-start", Start == false && !isImport)
                .Flag("--no-wait-for-sync", WaitForSync == false)
                .Flag("--no-name-check", NameCheck == false)
                .Flag("--no-ip-check", IpCheck == false)
                .Flag("--no-conflicts-check", ConflictsCheck == false)
                .Flag("--ignore-ipolicy", IgnoreIpolicy)
                .Flag("--opportunistic-locking", OpportunisticLocking)
                .Flag("--identify-defaults", IdentifyDefaults)
                .Flag("--forthcoming", Forthcoming)
                .Flag("--commit", Commit)
                .With(InstanceName);
        }
    }
}

/// <summary>Removal with all data (<c>gnt-instance remove</c>).</summary>
internal sealed record InstanceRemove : InstanceOpcode
{
    public bool? IgnoreFailures { get; init; }

    /// <summary>Seconds the guest has for its shutdown.</summary>
    public long? ShutdownTimeout { get; init; }

    internal override string OpId => "OP_INSTANCE_REMOVE";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-instance", "remove", "-f")
        .Flag("--ignore-failures", IgnoreFailures)
        .Option("--shutdown-timeout", ShutdownTimeout)
        .With(InstanceName);
}

/// <summary>A new name (<c>gnt-instance rename</c>).</summary>
internal sealed record InstanceRename : InstanceOpcode
{
    public required string NewName { get; init; }

    public bool? NameCheck { get; init; }

    public bool? IpCheck { get; init; }

    internal override string OpId => "OP_INSTANCE_RENAME";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-instance", "rename", "-f")
        .Flag("--no-name-check", NameCheck == false)
        .Flag("--no-ip-check", IpCheck == false)
        .With(InstanceName, NewName);
}

/// <summary>A new installation over the disks (<c>gnt-instance reinstall</c>).</summary>
internal sealed record InstanceReinstall : InstanceOpcode
{
    public string? OsType { get; init; }

    public bool? ForceVariant { get; init; }

    public GntParameters? Osparams { get; init; }

    /// <summary>Shown to nobody.</summary>
    public GntParameters? OsparamsPrivate { get; init; }

    /// <summary>Kept by nobody, not even by Ganeti.</summary>
    public GntParameters? OsparamsSecret { get; init; }

    internal override string OpId => "OP_INSTANCE_REINSTALL";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-instance", "reinstall", "-f")
        .Option("-o", OsType)
        .Flag("--force-variant", ForceVariant)
        .Parameters("-O", Osparams)
        .Parameters("--os-parameters-private", Secrets.AllMasked(OsparamsPrivate))
        .Parameters("--os-parameters-secret", Secrets.AllMasked(OsparamsSecret))
        .With(InstanceName);
}

/// <summary>Several creations that the allocator places together, by further jobs (<c>gnt-instance batch-create</c>).</summary>
internal sealed record InstanceMultiAlloc : LuxiOpcode
{
    public string? Iallocator { get; init; }

    public bool? OpportunisticLocking { get; init; }

    public required LuxiOpcode[] Instances { get; init; }

    internal override string OpId => "OP_INSTANCE_MULTI_ALLOC";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-instance", "batch-create")
        .Option("-I", Iallocator)
        .With($"<{string.Join(", ", Instances.OfType<InstanceCreate>().Select(create => create.InstanceName))}>.json");
}
