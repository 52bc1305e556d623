using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that do something with jobs themselves: asks as they come, and does it with all of them at the end.</summary>
public abstract class GntJobOrderCommand : GntChangeCommand
{
    private readonly Dictionary<GntConnection, HashSet<long>> _approved = [];

    /// <summary>Job numbers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Id")]
    [ArgumentCompleter(typeof(JobCompleter))]
    [ValidateNotNullOrEmpty]
    public long[] Id { get; set; } = [];

    /// <summary>Jobs, from the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Job")]
    [ValidateNotNullOrEmpty]
    public GntJob[] Job { get; set; } = [];

    /// <summary>What to do with them.</summary>
    private protected abstract JobOrder Order { get; }

    /// <summary>What has to be asked, and what to say then.</summary>
    private protected virtual (Risk Risk, string? Warning) RiskOf(long id) => (Risk.None, null);

    /// <summary>Called for each job with which it was done.</summary>
    private protected virtual void Done(GntJob job)
    {
    }

    private protected override void Process()
    {
        if (ParameterSetName == "Id")
        {
            Each(Id, id => Add(ConnectionFor(), id));
        }
        else
        {
            Each(Job.Where(job => job.Id is not null), job => Add(ConnectionFor(job), job.Id!.Value));
        }
    }

    private protected override void End() => ForEach(_approved, approved =>
    {
        foreach (var outcome in Await(token => Order.RunAsync(approved.Key, approved.Value, token)))
        {
            if (outcome.Error is { } error)
            {
                WriteError(error);
            }
            else
            {
                Done(outcome.Job!);
            }
        }
    });

    private void Add(GntConnection connection, long id)
    {
        var (risk, warning) = RiskOf(id);
        if (!_approved.TryGetValue(connection, out var ids))
        {
            _approved.Add(connection, ids = []);
        }

        if (!ids.Contains(id) && IsApproved(Order.CommandLine(id), risk, warning))
        {
            ids.Add(id);
        }
    }
}
