using System.Reflection;
using Ganeti.Luxi;
using Ganeti.Tests.Cluster;

namespace Ganeti.Tests.Luxi;

/// <summary>
/// The line that <c>-WhatIf</c> shows is what is done: Ganeti's own client makes the same operation of it.
/// </summary>
public static class CommandLineTests
{
    private static readonly string[] Both = ["h1.lab.example", "h2.lab.example"];

    // Between them they set every parameter of every operation. The guests are the lab's.
    private static readonly LuxiOpcode[] Samples =
    [
        new InstanceMigrate { InstanceName = "vm1.lab.example", TargetNode = "h2", Mode = "non-live", AllowFailover = true, IgnoreIpolicy = true, AllowRuntimeChanges = false, IgnoreHvversions = true },
        new InstanceMigrate { InstanceName = "vm1.lab.example", Iallocator = "hail", Cleanup = true, Priority = -10 },
        new InstanceFailover { InstanceName = "vm1.lab.example", TargetNode = "h2", ShutdownTimeout = 30, IgnoreIpolicy = true },
        new InstanceFailover { InstanceName = "vm1.lab.example", Iallocator = "hail" },
        new InstanceMove { InstanceName = "vm1.lab.example", TargetNode = "h3.lab.example", Compress = "gzip", ShutdownTimeout = 0, IgnoreConsistency = true, IgnoreIpolicy = true },
        new InstanceChangeGroup { InstanceName = "vm1.lab.example", Iallocator = "hail", TargetGroups = ["one", "two"], EarlyRelease = true },
        new InstanceStartup { InstanceName = "vm1.lab.example", Force = true, IgnoreOfflineNodes = true, NoRemember = true, StartupPaused = true, Priority = 10 },
        new InstanceStartup { InstanceName = "kvm1.lab.example", Hvparams = new GntParameters { ["boot_order"] = "cdrom", ["cdrom_image_path"] = "/srv/a, b.iso" }, Beparams = new GntParameters { ["maxmem"] = 512L }, DryRun = true },
        new InstanceShutdown { InstanceName = "vm1.lab.example", Force = true, IgnoreOfflineNodes = true, NoRemember = true, Timeout = 0 },
        new InstanceReboot { InstanceName = "vm1.lab.example", RebootType = "full", IgnoreSecondaries = true, ShutdownTimeout = 17 },
        new InstanceReboot { InstanceName = "vm1.lab.example", RebootType = "soft" },
        new InstanceRemove { InstanceName = "vm1.lab.example", IgnoreFailures = true, ShutdownTimeout = 5 },
        new InstanceRename { InstanceName = "vm1.lab.example", NewName = "vm9.lab.example", NameCheck = false, IpCheck = false },
        new InstanceReinstall
        {
            InstanceName = "vm1.lab.example",
            OsType = "noop+other",
            ForceVariant = true,
            Osparams = new GntParameters { ["mirror"] = "http://a.example/debian" },
            OsparamsPrivate = new GntParameters { ["token"] = "t" },
            OsparamsSecret = new GntParameters { ["password"] = "p" },
        },
        new InstanceCreate { InstanceName = "vm8", Mode = "create", DiskTemplate = "diskless", Disks = [], Nics = [], OsType = "noop+default", Iallocator = "hail", NoInstall = true, Start = false },
        new InstanceCreate
        {
            InstanceName = "vm8.lab.example",
            Mode = "create",
            DiskTemplate = "drbd",
            Disks = [new GntParameters { ["size"] = 10240L, ["name"] = "root" }, new GntParameters { ["size"] = 512L, ["mode"] = "ro", ["vg"] = "fast", ["metavg"] = "meta", ["spindles"] = 2L }],
            Nics = [[], new GntParameters { ["network"] = "net1", ["ip"] = "pool", ["name"] = "lan" }, new GntParameters { ["mode"] = "bridged", ["link"] = "br1", ["mac"] = "aa:00:00:11:22:33" }],
            OsType = "debootstrap+default",
            ForceVariant = true,
            Osparams = new GntParameters { ["dhcp"] = "yes", ["packages"] = "vim,less", ["path"] = @"a\b" },
            OsparamsPrivate = new GntParameters { ["token"] = "t" },
            OsparamsSecret = new GntParameters { ["password"] = "p" },
            Hypervisor = "kvm",
            Hvparams = new GntParameters { ["kernel_path"] = string.Empty, ["acpi"] = true, ["serial_console"] = false, ["security_model"] = "none" },
            Beparams = new GntParameters { ["maxmem"] = 512L, ["minmem"] = 256L, ["vcpus"] = 2, ["auto_balance"] = false },
            Pnode = "h1",
            Snode = "h2",
            FileDriver = "loop",
            FileStorageDir = "some/where",
            WaitForSync = false,
            NameCheck = false,
            IpCheck = false,
            ConflictsCheck = false,
            IgnoreIpolicy = true,
            Tags = ["web", "prod"],
            InstanceCommunication = true,
            HelperStartupTimeout = 60,
            HelperShutdownTimeout = 61,
            OpportunisticLocking = true,
            Commit = true,
        },
        new InstanceCreate { InstanceName = "vm8", Mode = "create", DiskTemplate = "plain", Disks = [new GntParameters { ["size"] = 0L, ["adopt"] = "lv_migration" }], Nics = [[]], OsType = "noop+default", GroupName = "default", Iallocator = "hail", Forthcoming = true },
        new InstanceCreate
        {
            InstanceName = "vm8",
            Mode = "import",
            DiskTemplate = "plain",
            Disks = [],
            Nics = [],
            Pnode = "h1",
            SrcNode = "h2",
            SrcPath = "/srv/export/vm8",
            Compress = "gzip",
            IdentifyDefaults = true,
            Start = false,
        },
        new InstanceSetParams
        {
            InstanceName = "vm1.lab.example",
            Nics = [InstanceSetParams.Add(new GntParameters { ["link"] = "br1" }), InstanceSetParams.Modify(0, new GntParameters { ["ip"] = "none" }), InstanceSetParams.Remove("0f2e3b60-28c5-4d4b-9f4f-2f6a5b5d1c10")],
            Beparams = new GntParameters { ["maxmem"] = 1024L, ["minmem"] = 1024L, ["vcpus"] = 4, ["spindle_use"] = "default" },
            Hvparams = new GntParameters { ["kernel_path"] = string.Empty, ["boot_order"] = "default" },
            Osparams = new GntParameters { ["dhcp"] = "no", ["old"] = null },
            OsparamsPrivate = new GntParameters { ["token"] = "t" },
            OsName = "noop+other",
            ForceVariant = true,
            RuntimeMem = 512,
            ConflictsCheck = false,
            Hotplug = true,
            Force = true,
            InstanceCommunication = false,
            IgnoreIpolicy = true,
        },
        new InstanceSetParams
        {
            InstanceName = "vm1.lab.example",
            Disks = [InstanceSetParams.Add(new GntParameters { ["size"] = 64L, ["name"] = "data" }, 1), InstanceSetParams.Modify(0, new GntParameters { ["mode"] = "ro" }), InstanceSetParams.Detach("0f2e3b60-28c5-4d4b-9f4f-2f6a5b5d1c10")],
            HotplugIfPossible = true,
            WaitForSync = false,
        },
        new InstanceSetParams { InstanceName = "vm1.lab.example", Disks = [InstanceSetParams.Attach(new GntParameters { ["name"] = "data" })], Pnode = "h2", Offline = false },
        new InstanceSetParams { InstanceName = "vm1.lab.example", DiskTemplate = "drbd", RemoteNode = "h2", Offline = true },
        new InstanceSetParams { InstanceName = "vm1.lab.example", DiskTemplate = "ext", ExtParams = new GntParameters { ["provider"] = "san" }, Iallocator = "hail" },
        new InstanceSetParams { InstanceName = "vm1.lab.example", DiskTemplate = "file", FileDriver = "loop", FileStorageDir = "there" },
        new InstanceReplaceDisks { InstanceName = "vm1.lab.example", Mode = "replace_on_primary", Disks = [0, 2] },
        new InstanceReplaceDisks { InstanceName = "vm1.lab.example", Mode = "replace_on_secondary", IgnoreIpolicy = true },
        new InstanceReplaceDisks { InstanceName = "vm1.lab.example", Mode = "replace_auto" },
        new InstanceReplaceDisks { InstanceName = "vm1.lab.example", Mode = "replace_new_secondary", RemoteNode = "h3", EarlyRelease = true },
        new InstanceReplaceDisks { InstanceName = "vm1.lab.example", Mode = "replace_new_secondary", Iallocator = "hail" },
        new NodeRepairStorage { NodeName = "h1.lab.example", Name = "kvmvg", IgnoreConsistency = true },
        new InstanceGrowDisk { InstanceName = "vm1.lab.example", Disk = 1, Amount = 2048, Absolute = true, WaitForSync = false, IgnoreIpolicy = true },
        new InstanceGrowDisk { InstanceName = "vm1.lab.example", Disk = 0, Amount = 4 },
        new InstanceActivateDisks { InstanceName = "vm1.lab.example", IgnoreSize = true, WaitForSync = true },
        new InstanceDeactivateDisks { InstanceName = "vm1.lab.example", Force = true },
        new InstanceRecreateDisks { InstanceName = "vm1.lab.example", Disks = [new object[] { 1, new GntParameters { ["size"] = 128L, ["spindles"] = 1L } }], Nodes = Both },
        new InstanceRecreateDisks { InstanceName = "vm1.lab.example", Iallocator = "hail" },
        new BackupExport { InstanceName = "vm1.lab.example", TargetNode = "h2.lab.example", Compress = "gzip", ShutdownTimeout = 5, RemoveInstance = true, IgnoreRemoveFailures = true, LongSleep = true },
        new BackupExport { InstanceName = "vm1.lab.example", TargetNode = "h2.lab.example", ZeroFreeSpace = true, ZeroingTimeoutFixed = 60, ZeroingTimeoutPerMib = 0.5 },
        new BackupExport { InstanceName = "vm1.lab.example", TargetNode = "h2.lab.example", Shutdown = false },
        new BackupRemove { InstanceName = "vm1.lab.example", Priority = 10 },
        OsModify.For("noop+default", new GntParameters { ["kvm"] = new GntParameters { ["acpi"] = false } }, new GntParameters { ["dhcp"] = "no", ["old"] = null }, new GntParameters { ["token"] = "t" }, true, false),
        OsModify.For("noop", null, null, null, false, true),
        new TagsSet { Kind = GntTagKind.instance, Name = "vm1.lab.example", Tags = ["a", "b"] },
        new TagsSet { Kind = GntTagKind.nodegroup, Name = "default", Tags = ["a"] },
        new TagsSet { Kind = GntTagKind.network, Name = "net1", Tags = ["a"] },
        new TagsDel { Kind = GntTagKind.node, Name = "h1.lab.example", Tags = ["a:b"] },
        new TagsDel { Kind = GntTagKind.cluster, Tags = ["a"] },
    ];

    // Ganeti's client has no command line for these, reads a file for them, or asks for less.
    private static readonly Type[] WithoutLine = [typeof(InstanceMultiAlloc), typeof(OsDiagnose)];

    private static readonly string[] OfAll = [nameof(LuxiOpcode.Depends), nameof(InstanceOpcode.InstanceUuid)];

    // It asks about them, and nobody answers here.
    private static readonly (Type, string)[] Asked = [(typeof(InstanceFailover), nameof(InstanceFailover.IgnoreConsistency))];

    [Trait("Kind", "unit")]
    public sealed class Coverage
    {
        [Fact]
        public void The_samples_set_every_parameter_of_every_operation()
        {
            var operations = typeof(LuxiOpcode).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(LuxiOpcode)) && !type.IsAbstract).Except(WithoutLine);
            var all = operations.SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).Select(property => (type, property.Name)));
            var set = Samples.SelectMany(sample => sample.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetValue(sample) is not null).Select(property => (sample.GetType(), property.Name)));

            string[] common = [nameof(LuxiOpcode.Priority), nameof(LuxiOpcode.DryRun), .. OfAll];
            var missing = all.Except(set).Except(Asked).Where(pair => !common.Contains(pair.Item2)).ToArray();
            Assert.Empty(missing);
        }
    }

    [Trait("Kind", "cluster")]
    [Collection(nameof(Lab))]
    public sealed class OnTheMaster
    {
        public OnTheMaster() => Lab.Require();

        [Fact]
        public void Ganetis_own_client_makes_the_same_operation_of_the_line_that_is_shown()
        {
            var answer = Lab.Python("gnt-parse.py", ["compare"], Utf8(LuxiJson.Write(writer =>
            {
                writer.WriteStartArray();
                foreach (var sample in Samples)
                {
                    writer.WriteStartArray();
                    writer.WriteValue(sample.CommandLine);
                    sample.Write(writer, LuxiReason.For("Test"));
                    writer.WriteEndArray();
                }

                writer.WriteEndArray();
            })));

            Assert.True(LuxiJson.TryParse(answer, out var differences), answer);
            var found = Samples.Zip((object?[])differences!, (sample, rows) => (sample, rows: (object?[])rows!)).Where(pair => pair.rows.Length > 0);
            var said = string.Join('\n', found.Select(pair => $"{pair.sample.CommandLine}\n  {string.Join("\n  ", pair.rows)}"));
            Assert.True(said.Length == 0, said);
        }

        private static string Utf8(byte[] bytes) => System.Text.Encoding.UTF8.GetString(bytes);
    }
}
