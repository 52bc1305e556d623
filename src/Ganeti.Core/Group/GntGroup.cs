using Ganeti.Luxi;

namespace Ganeti;

/// <summary>A node group, as <c>gnt-group list</c> and <c>gnt-group info</c> show it.</summary>
public sealed class GntGroup : GntObject
{
    /// <summary>Its name.</summary>
    [LuxiField("name")]
    public string? Name { get; set; }

    /// <summary>Ganeti's UUID of it.</summary>
    [LuxiField("uuid")]
    public string? Uuid { get; set; }

    /// <summary>Whether the allocator may put guests here.</summary>
    [LuxiField("alloc_policy", Text = nameof(AllocationPolicyText))]
    public GntAllocationPolicy? AllocationPolicy { get; set; }

    /// <summary>The allocation policy as Ganeti printed it.</summary>
    public string? AllocationPolicyText { get; set; }

    /// <summary>Nodes in it.</summary>
    [LuxiField("node_cnt")]
    public int? NodeCount { get; set; }

    /// <summary>Their names.</summary>
    [LuxiField("node_list")]
    public string[]? Nodes { get; set; }

    /// <summary>Guests whose primary node is in it.</summary>
    [LuxiField("pinst_cnt")]
    public int? InstanceCount { get; set; }

    /// <summary>Their names.</summary>
    [LuxiField("pinst_list")]
    public string[]? Instances { get; set; }

    /// <summary>What guests may look like here, the cluster's policy included.</summary>
    [LuxiField("ipolicy")]
    public GntInstancePolicy? Policy { get; set; }

    /// <summary>What of the policy is set on the group itself, in Ganeti's own form.</summary>
    [LuxiField("custom_ipolicy")]
    public GntParameters? CustomPolicy { get; set; }

    /// <summary>Node parameters, the cluster's included.</summary>
    [LuxiField("ndparams")]
    public GntParameters? NodeParameters { get; set; }

    /// <summary>Node parameters set on the group itself.</summary>
    [LuxiField("custom_ndparams")]
    public GntParameters? CustomNodeParameters { get; set; }

    /// <summary>Disk parameters by disk template, the cluster's included.</summary>
    [LuxiField("diskparams")]
    public GntParameters? DiskParameters { get; set; }

    /// <summary>Disk parameters set on the group itself.</summary>
    [LuxiField("custom_diskparams")]
    public GntParameters? CustomDiskParameters { get; set; }

    /// <summary>Its tags.</summary>
    [LuxiField("tags")]
    public string[]? Tags { get; set; }

    /// <summary>When it was made; null for the one that came with the cluster.</summary>
    [LuxiField("ctime")]
    public DateTimeOffset? Created { get; set; }

    /// <summary>When its configuration was last changed.</summary>
    [LuxiField("mtime")]
    public DateTimeOffset? Modified { get; set; }

    /// <summary>Counts the changes of its configuration.</summary>
    [LuxiField("serial_no")]
    public long? SerialNumber { get; set; }

    internal override string? Key => Name;
}

/// <summary>Whether the allocator may put guests into a group, spelled as Ganeti prints it.</summary>
/// <remarks>The words are Ganeti's <c>ALLOC_POLICY_*</c> constants.</remarks>
public enum GntAllocationPolicy
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>Yes.</summary>
    preferred = 1,

    /// <summary>Only when nothing else is left.</summary>
    last_resort = 2,

    /// <summary>No.</summary>
    unallocable = 3,
}
