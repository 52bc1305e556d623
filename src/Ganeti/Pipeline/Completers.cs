using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Ganeti.Connection;

namespace Ganeti.Commands;

/// <summary>
/// Completes names of a cluster's objects over an open connection, within a deadline; never fails and never connects.
/// </summary>
internal abstract class NameCompleter<T>(Func<GntConnection, GntTable<T>> table, params string[] properties) : IArgumentCompleter
    where T : GntObject, new()
{
    // Longer, and typing feels stuck.
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(300);

    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return Complete(wordToComplete.Trim('\'', '"'), fakeBoundParameters);
        }
        catch (Exception)
        {
            // No names are better than an error in the middle of a line; the cmdlet itself will say what is wrong.
            return [];
        }
    }

    /// <summary>What to show beside a name.</summary>
    protected abstract string ToolTip(T row);

    /// <summary>The name to complete to.</summary>
    protected virtual string? Text(T row) => row.Key;

    private IEnumerable<CompletionResult> Complete(string word, IDictionary bound)
    {
        if (ConnectionFor(bound["Cluster"]) is not { IsOpen: true } connection)
        {
            return [];
        }

        var pattern = new NamePattern(word + "*");
        using var deadline = new CancellationTokenSource(Deadline);
        var rows = Task.Run(
            () =>
            {
                var names = table(connection);
                return names.ReadOnlyAsync(names.FilterFor([pattern]), deadline.Token, properties);
            },
            deadline.Token).WaitAsync(deadline.Token).GetAwaiter().GetResult();
        return rows.Where(row => pattern.IsMatch(Text(row))).Select(row => new CompletionResult(
            Quoted(Text(row)!),
            Text(row)!,
            CompletionResultType.ParameterValue,
            RemoteText.Printable(ToolTip(row))));
    }

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

    private static string Quoted(string name) => name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
        ? name
        : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";
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
