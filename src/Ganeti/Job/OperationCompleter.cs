using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Completes the kinds of operations that jobs of the queue have.</summary>
internal sealed class OperationCompleter : ClusterValueCompleter
{
    protected override async Task<IReadOnlyList<CompletionResult>> CompleteAsync(GntConnection connection, NamePattern pattern, CancellationToken cancellationToken)
    {
        var jobs = await connection.Jobs.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntJob.Id), nameof(GntJob.Summary)).ConfigureAwait(false);
        return [.. jobs.SelectMany(job => job.Summary ?? [])
            .Select(summary => summary.Split('(', 2)[0])
            .Where(pattern.IsMatch)
            .GroupBy(name => name, StringComparer.Ordinal)
            .OrderBy(same => same.Key, StringComparer.Ordinal)
            .Select(same => Result(same.Key, $"{same.Key}: {same.Count()} in the queue"))];
    }
}
