using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Ganeti.Connection;

namespace Ganeti.Commands;

/// <summary>
/// Completes what a cluster knows, over an open connection, within a deadline; never fails and never connects.
/// </summary>
internal abstract class ClusterValueCompleter : IArgumentCompleter
{
    // Longer, and typing feels stuck.
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(300);

    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            if (ConnectionFor(fakeBoundParameters["Cluster"]) is not { IsOpen: true } connection)
            {
                return [];
            }

            var pattern = new NamePattern(wordToComplete.Trim('\'', '"') + "*");
            using var deadline = new CancellationTokenSource(Deadline);
            return Task.Run(() => CompleteAsync(connection, pattern, deadline.Token), deadline.Token).WaitAsync(deadline.Token).GetAwaiter().GetResult();
        }
        catch (Exception)
        {
            // No names are better than an error in the middle of a line; the cmdlet itself will say what is wrong.
            return [];
        }
    }

    protected abstract Task<IReadOnlyList<CompletionResult>> CompleteAsync(GntConnection connection, NamePattern pattern, CancellationToken cancellationToken);

    protected static CompletionResult Result(string value, string toolTip) => new(
        value.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '+') ? value : $"'{CodeGeneration.EscapeSingleQuotedStringContent(value)}'",
        value,
        CompletionResultType.ParameterValue,
        RemoteText.Printable(toolTip));

    private static GntConnection? ConnectionFor(object? cluster)
    {
        var reference = cluster switch
        {
            PSObject { BaseObject: GntConnection connection } => new ClusterReference(connection),
            GntConnection connection => new ClusterReference(connection),
            string name => new ClusterReference(name),
            _ => null,
        };
        return reference is null ? RunspaceConnections.Current.Default : reference.Among(ConnectionPool.All) is [var only] ? only : null;
    }
}

/// <summary>Completes values that are just words.</summary>
internal abstract class ValueCompleter(Func<GntConnection, CancellationToken, Task<IEnumerable<string?>>> values) : ClusterValueCompleter
{
    protected override async Task<IReadOnlyList<CompletionResult>> CompleteAsync(GntConnection connection, NamePattern pattern, CancellationToken cancellationToken) =>
        [.. (await values(connection, cancellationToken).ConfigureAwait(false)).OfType<string>().Where(pattern.IsMatch).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(value => Result(value, value))];
}

/// <summary>Completes names of a cluster's objects.</summary>
internal abstract class NameCompleter<T>(Func<GntConnection, GntTable<T>> table, params string[] properties) : ClusterValueCompleter
    where T : GntObject, new()
{
    /// <summary>What to show beside a name.</summary>
    protected abstract string ToolTip(T row);

    /// <summary>The name to complete to.</summary>
    protected virtual string? NameOf(T row) => row.Key;

    protected override async Task<IReadOnlyList<CompletionResult>> CompleteAsync(GntConnection connection, NamePattern pattern, CancellationToken cancellationToken)
    {
        var names = table(connection);
        var rows = await names.ReadOnlyAsync(names.FilterFor([pattern]), cancellationToken, properties).ConfigureAwait(false);
        return [.. rows.Where(row => pattern.IsMatch(NameOf(row))).Select(row => Result(NameOf(row)!, ToolTip(row)))];
    }
}

internal sealed class InstanceCompleter() : NameCompleter<GntInstance>(
    static connection => connection.Instances.Table,
    nameof(GntInstance.Name),
    nameof(GntInstance.PrimaryNode),
    nameof(GntInstance.AdminState),
    nameof(GntInstance.OS),
    nameof(GntInstance.DiskTemplate))
{
    protected override string ToolTip(GntInstance row) => $"{row.Name} on {row.PrimaryNode}, should be {row.AdminStateText}, {row.DiskTemplateText}, {row.OS}";
}

internal sealed class NodeCompleter() : NameCompleter<GntNode>(
    static connection => connection.Nodes.Table,
    nameof(GntNode.Name),
    nameof(GntNode.Role),
    nameof(GntNode.Group),
    nameof(GntNode.PrimaryInstanceCount))
{
    protected override string ToolTip(GntNode row) => $"{row.Name}, {Views.ViewFormat.RoleName(row.Role, row.RoleText)}, group {row.Group}, {row.PrimaryInstanceCount} guests";
}

internal sealed class GroupCompleter() : NameCompleter<GntGroup>(
    static connection => connection.Groups.Table,
    nameof(GntGroup.Name),
    nameof(GntGroup.NodeCount),
    nameof(GntGroup.AllocationPolicy))
{
    protected override string ToolTip(GntGroup row) => $"{row.Name}, {row.NodeCount} nodes, {row.AllocationPolicyText}";
}

internal sealed class NetworkCompleter() : NameCompleter<GntNetwork>(
    static connection => connection.Networks.Table,
    nameof(GntNetwork.Name),
    nameof(GntNetwork.Subnet),
    nameof(GntNetwork.FreeCount))
{
    protected override string ToolTip(GntNetwork row) => $"{row.Name}, {row.Subnet}, {row.FreeCount} addresses free";
}

internal sealed class LockCompleter() : NameCompleter<GntLock>(
    static connection => connection.Locks.Table,
    nameof(GntLock.Name),
    nameof(GntLock.Mode))
{
    protected override string ToolTip(GntLock row) => $"{row.Name}, {row.ModeText ?? "wanted"}";
}

internal sealed class JobCompleter() : NameCompleter<GntJob>(
    static connection => connection.Jobs.Table,
    nameof(GntJob.Id),
    nameof(GntJob.Status),
    nameof(GntJob.Summary))
{
    protected override string ToolTip(GntJob row) => $"{row.Id} {row.StatusText}: {string.Join(", ", row.Summary ?? [])}";
}

/// <summary>
/// Completes OS definitions by those that guests have and those that were read last: asking the nodes for all would take too long.
/// </summary>
internal sealed class OSCompleter() : ValueCompleter(static async (connection, token) =>
    (await connection.Instances.Table.ReadOnlyAsync(null, token, nameof(GntInstance.Name), nameof(GntInstance.OS)).ConfigureAwait(false)).Select(instance => instance.OS)
        .Concat(connection.OperatingSystems.Known.SelectMany(os => os.FullNames)));

/// <summary>Completes the hypervisors that are enabled.</summary>
internal sealed class HypervisorCompleter() : ValueCompleter(static async (connection, token) =>
    (await connection.GetClusterAsync(token).ConfigureAwait(false)).EnabledHypervisors ?? []);

/// <summary>Completes the names of connected clusters.</summary>
internal sealed class ClusterCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var pattern = new NamePattern(wordToComplete.Trim('\'', '"') + "*");
        return ConnectionPool.All
            .Where(connection => pattern.IsMatch(connection.Name))
            .Select(connection => new CompletionResult(connection.Name, connection.Name, CompletionResultType.ParameterValue, $"{connection.Name}, master {connection.Master}, Ganeti {connection.SoftwareVersion}"));
    }
}
