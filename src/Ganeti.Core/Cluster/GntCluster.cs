using Ganeti.Luxi;

namespace Ganeti;

/// <summary>A cluster, as <c>gnt-cluster info</c> shows it. Sizes are bytes.</summary>
/// <remarks>The names are those of the answer to <c>QueryClusterInfo</c>.</remarks>
public sealed class GntCluster : GntObject
{
    /// <summary>Its name.</summary>
    [LuxiField("name")]
    public string? Name { get; set; }

    /// <summary>Its UUID.</summary>
    [LuxiField("uuid")]
    public string? Uuid { get; set; }

    /// <summary>The master node.</summary>
    [LuxiField("master")]
    public string? Master { get; set; }

    /// <summary>Ganeti's version, for example <c>3.0.2</c>.</summary>
    [LuxiField("software_version")]
    public string? SoftwareVersion { get; set; }

    /// <summary>The version with the build that it is.</summary>
    [LuxiField("vcs_version")]
    public string? BuildVersion { get; set; }

    /// <summary>The version of the configuration's format.</summary>
    [LuxiField("config_version")]
    public long? ConfigurationVersion { get; set; }

    /// <summary>The version of the protocol between its daemons.</summary>
    [LuxiField("protocol_version")]
    public long? ProtocolVersion { get; set; }

    /// <summary>The newest interface version of OS definitions.</summary>
    [LuxiField("os_api_version")]
    public int? OSApiVersion { get; set; }

    /// <summary>The version of exports' format.</summary>
    [LuxiField("export_version")]
    public int? ExportVersion { get; set; }

    /// <summary>Word size and machine type.</summary>
    [LuxiField("architecture")]
    public string[]? Architecture { get; set; }

    /// <summary>The hypervisor that new guests get.</summary>
    [LuxiField("default_hypervisor")]
    public string? DefaultHypervisor { get; set; }

    /// <summary>The hypervisors that may be used.</summary>
    [LuxiField("enabled_hypervisors")]
    public string[]? EnabledHypervisors { get; set; }

    /// <summary>Hypervisor parameters by hypervisor.</summary>
    [LuxiField("hvparams")]
    public GntParameters? HypervisorParameters { get; set; }

    /// <summary>Hypervisor parameters by OS definition and hypervisor.</summary>
    [LuxiField("os_hvp")]
    public GntParameters? OSHypervisorParameters { get; set; }

    /// <summary>Backend parameters by profile.</summary>
    [LuxiField("beparams")]
    public GntParameters? BackendParameters { get; set; }

    /// <summary>OS parameters by OS definition.</summary>
    [LuxiField("osparams")]
    public GntParameters? OSParameters { get; set; }

    /// <summary>Network card parameters by profile.</summary>
    [LuxiField("nicparams")]
    public GntParameters? NicParameters { get; set; }

    /// <summary>Node parameters.</summary>
    [LuxiField("ndparams")]
    public GntParameters? NodeParameters { get; set; }

    /// <summary>Disk parameters by disk template.</summary>
    [LuxiField("diskparams")]
    public GntParameters? DiskParameters { get; set; }

    /// <summary>What guests may look like.</summary>
    [LuxiField("ipolicy")]
    public GntInstancePolicy? Policy { get; set; }

    /// <summary>The disk templates that may be used.</summary>
    [LuxiField("enabled_disk_templates")]
    public string[]? EnabledDiskTemplates { get; set; }

    /// <summary>The volume group of guests' disks, or null.</summary>
    [LuxiField("volume_group_name")]
    public string? VolumeGroupName { get; set; }

    /// <summary>Volumes in that group that are not Ganeti's (regular expressions).</summary>
    [LuxiField("reserved_lvs")]
    public string[]? ReservedVolumes { get; set; }

    /// <summary>The helper program given to DRBD.</summary>
    [LuxiField("drbd_usermode_helper")]
    public string? DrbdUsermodeHelper { get; set; }

    /// <summary>Where file-based disks are.</summary>
    [LuxiField("file_storage_dir")]
    public string? FileStorageFolder { get; set; }

    /// <summary>Where file-based disks on shared storage are.</summary>
    [LuxiField("shared_file_storage_dir")]
    public string? SharedFileStorageFolder { get; set; }

    /// <summary>Where Gluster volumes are mounted.</summary>
    [LuxiField("gluster_storage_dir")]
    public string? GlusterStorageFolder { get; set; }

    /// <summary>How many master candidates there should be.</summary>
    [LuxiField("candidate_pool_size")]
    public int? CandidatePoolSize { get; set; }

    /// <summary>How many jobs may run at once.</summary>
    [LuxiField("max_running_jobs")]
    public int? MaxRunningJobs { get; set; }

    /// <summary>How many jobs' files are watched at once.</summary>
    [LuxiField("max_tracked_jobs")]
    public int? MaxTrackedJobs { get; set; }

    /// <summary>What guests' MAC addresses begin with.</summary>
    [LuxiField("mac_prefix")]
    public string? MacPrefix { get; set; }

    /// <summary>The device that carries the master's address.</summary>
    [LuxiField("master_netdev")]
    public string? MasterNetDevice { get; set; }

    /// <summary>The prefix length of the master's address.</summary>
    [LuxiField("master_netmask")]
    public int? MasterNetmask { get; set; }

    /// <summary>Whether a script of the site sets the master's address up.</summary>
    [LuxiField("use_external_mip_script")]
    public bool? UsesExternalMasterIPScript { get; set; }

    /// <summary>The IP version of its nodes' primary addresses.</summary>
    [LuxiField("primary_ip_version")]
    public int? PrimaryIPVersion { get; set; }

    /// <summary>The allocator that places guests when none is named.</summary>
    [LuxiField("default_iallocator")]
    public string? DefaultIAllocator { get; set; }

    /// <summary>That allocator's parameters.</summary>
    [LuxiField("default_iallocator_params")]
    public GntParameters? DefaultIAllocatorParameters { get; set; }

    /// <summary>Whether nodes without quorum stop their guests.</summary>
    [LuxiField("maintain_node_health")]
    public bool? MaintainNodeHealth { get; set; }

    /// <summary>Whether new disks are wiped.</summary>
    [LuxiField("prealloc_wipe_disks")]
    public bool? WipesNewDisks { get; set; }

    /// <summary>Whether guests may shut themselves down for good.</summary>
    [LuxiField("enabled_user_shutdown")]
    public bool? EnabledUserShutdown { get; set; }

    /// <summary>OS definitions that are not listed.</summary>
    [LuxiField("hidden_os")]
    public string[]? HiddenOS { get; set; }

    /// <summary>OS definitions that may not be used.</summary>
    [LuxiField("blacklisted_os")]
    public string[]? BlacklistedOS { get; set; }

    /// <summary>User ids for guests' processes, as ranges.</summary>
    [LuxiField("uid_pool")]
    public object?[]? UidPool { get; set; }

    /// <summary>The network for talking to guests, or empty.</summary>
    [LuxiField("instance_communication_network")]
    public string? InstanceCommunicationNetwork { get; set; }

    /// <summary>The image for OS installs in a helper guest, or empty.</summary>
    [LuxiField("install_image")]
    public string? InstallImage { get; set; }

    /// <summary>The image that zeroes disks, or empty.</summary>
    [LuxiField("zeroing_image")]
    public string? ZeroingImage { get; set; }

    /// <summary>Compression tools for moves between clusters.</summary>
    [LuxiField("compression_tools")]
    public string[]? CompressionTools { get; set; }

    /// <summary>The monitoring daemon's collectors and whether they are on.</summary>
    [LuxiField("enabled_data_collectors")]
    public GntParameters? DataCollectors { get; set; }

    /// <summary>The collectors' intervals, microseconds.</summary>
    [LuxiField("data_collector_interval")]
    public GntParameters? DataCollectorIntervals { get; set; }

    /// <summary>Whether Ganeti changes the nodes' SSH setup.</summary>
    [LuxiField("modify_ssh_setup")]
    public bool? ModifiesSshSetup { get; set; }

    /// <summary>The kind of the cluster's own SSH keys.</summary>
    [LuxiField("ssh_key_type")]
    public string? SshKeyType { get; set; }

    /// <summary>Their length, bits.</summary>
    [LuxiField("ssh_key_bits")]
    public int? SshKeyBits { get; set; }

    /// <summary>Its tags.</summary>
    [LuxiField("tags")]
    public string[]? Tags { get; set; }

    /// <summary>When it was made.</summary>
    [LuxiField("ctime")]
    public DateTimeOffset? Created { get; set; }

    /// <summary>When its configuration was last changed.</summary>
    [LuxiField("mtime")]
    public DateTimeOffset? Modified { get; set; }

    /// <summary>Whether the queue takes no new jobs.</summary>
    public bool? IsQueueDrained { get; set; }

    /// <summary>Until when the watcher is suspended, or null when it is not.</summary>
    public DateTimeOffset? WatcherPausedUntil { get; set; }

    internal override string? Key => Name;
}
