namespace Ganeti.Commands;

/// <summary>The tables of a connection with the error that each has for an unknown name.</summary>
internal static class Tables
{
    internal static (GntTable<GntInstance> Table, GanetiError NotFound) Instances(GntConnection connection) => (connection.Instances.Table, GanetiError.InstanceNotFound);

    internal static (GntTable<GntNode> Table, GanetiError NotFound) Nodes(GntConnection connection) => (connection.Nodes.Table, GanetiError.NodeNotFound);

    internal static (GntTable<GntGroup> Table, GanetiError NotFound) Groups(GntConnection connection) => (connection.Groups.Table, GanetiError.GroupNotFound);

    internal static (GntTable<GntNetwork> Table, GanetiError NotFound) Networks(GntConnection connection) => (connection.Networks.Table, GanetiError.NetworkNotFound);

    internal static (GntTable<GntLock> Table, GanetiError NotFound) Locks(GntConnection connection) => (connection.Locks.Table, GanetiError.LockNotFound);

    internal static (GntTable<GntJob> Table, GanetiError NotFound) Jobs(GntConnection connection) => (connection.Jobs.Table, GanetiError.JobNotFound);

    internal static (GntTable<GntConsole> Table, GanetiError NotFound) Consoles(GntConnection connection) => (connection.Consoles.Table, GanetiError.InstanceNotFound);
}
