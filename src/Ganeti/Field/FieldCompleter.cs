using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Completes the names of fields, with what they mean beside them.</summary>
internal abstract class FieldCompleter(string kind) : ClusterValueCompleter
{
    protected override async Task<IReadOnlyList<CompletionResult>> CompleteAsync(GntConnection connection, NamePattern pattern, CancellationToken cancellationToken) =>
        [.. (await connection.Fields.GetAsync(kind, cancellationToken).ConfigureAwait(false))
            .Where(field => pattern.IsMatch(field.Name))
            .OrderBy(field => field.Name, StringComparer.Ordinal)
            .Select(field => Result(field.Name!, $"{field.Name} ({field.ValueKind}): {field.Description}"))];
}

internal sealed class InstanceFieldCompleter() : FieldCompleter("instance");

internal sealed class NodeFieldCompleter() : FieldCompleter("node");

internal sealed class JobFieldCompleter() : FieldCompleter("job");
