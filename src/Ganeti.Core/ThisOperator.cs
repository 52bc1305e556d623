namespace Ganeti;

/// <summary>Who works here: what leases, journals and reason trails tell others.</summary>
internal static class ThisOperator
{
    /// <summary>User and machine of this client.</summary>
    internal static string Name { get; } = $"{Environment.UserName}@{Environment.MachineName}";
}
