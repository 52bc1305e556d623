using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that walk a whole procedure: its steps as objects beforehand, each asked for, each written when it was made.</summary>
public abstract class GntProcedureCommand : GntChangeCommand
{
    private (long[] Jobs, string Cluster) _goesOn = ([], string.Empty);

    /// <summary>Only look, and write what would be done as steps.</summary>
    [Parameter]
    public SwitchParameter Plan { get; set; }

    /// <summary>What to say to an operator who leaves while jobs go on, after their numbers.</summary>
    private protected abstract string Farewell { get; }

    /// <summary>The view of a procedure.</summary>
    private protected IProcedureView ViewFor(GntConnection connection) => new View(this, connection.Name);

    /// <summary>Whether only the steps are wanted, by <c>-Plan</c> or <c>-WhatIf</c>; they are told then.</summary>
    private protected bool IsPlanned(IEnumerable<GntPlanStep> steps)
    {
        if (!Plan && !IsWhatIf)
        {
            return false;
        }

        foreach (var step in steps)
        {
            if (Plan)
            {
                WriteObject(step);
            }
            else
            {
                IsApproved(step.CommandLine ?? step.Description!);
            }
        }

        return true;
    }

    private protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        var (jobs, cluster) = _goesOn;
        if (jobs.Length > 0)
        {
            _goesOn = ([], string.Empty);
            SayToHost($"Job {string.Join(", ", jobs)} on {cluster} {(jobs.Length == 1 ? "goes" : "go")} on without you. Wait-GntJob {string.Join(',', jobs)} waits for {(jobs.Length == 1 ? "it" : "them")}, {Farewell}");
        }
    }

    private sealed class View(GntProcedureCommand command, string cluster) : IProcedureView
    {
        private readonly IRepairView _common = command.RepairView;

        public void Progress(string activity, string status, double? percent, TimeSpan? left) => _common.Progress(activity, status, percent, left);

        public void Say(string text) => _common.Say(text);

        public void Warn(string text) => _common.Warn(text);

        public void Made(GntRepairStep step) => command.Post(() => command.WriteObject(step));

        public void GoesOn(params long[] jobs) => command._goesOn = (jobs, cluster);

        public Task<bool> ApproveAsync(string commandLine, string? warning, bool losesData)
        {
            var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            command.Post(() =>
            {
                try
                {
                    answer.SetResult(command.IsApproved(commandLine, warning is null ? Risk.None : losesData ? Risk.Data : Risk.Wreckage, warning));
                }
                catch (Exception exception)
                {
                    answer.SetException(exception);
                }
            });
            // Nobody answers any more once the pipeline is stopped, and what waits has to let go of what it holds.
            return answer.Task.WaitAsync(command.StopToken);
        }
    }
}
