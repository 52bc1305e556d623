using Ganeti.Luxi;

namespace Ganeti;

/// <summary>An operation on one guest that there is.</summary>
internal abstract record InstanceOpcode : LuxiOpcode
{
    public required string InstanceName { get; init; }

    /// <summary>
    /// The UUID that the guest must have when the job begins: one that was removed and made again under the same name meanwhile is not touched.
    /// </summary>
    public string? InstanceUuid { get; init; }
}
