using System.Management.Automation;
using System.Management.Automation.Host;

namespace Ganeti.Commands;

/// <summary>
/// The base of the cmdlets that change something by jobs: asks, submits as objects come, waits for all together at the end.
/// </summary>
public abstract class GntSubmitCommand : GntJobWaitCommand
{
    private readonly Dictionary<(GntConnection, long), Submission> _submissions = [];
    private readonly List<Submission> _inOrder = [];
    private bool _yesToAll;
    private bool _noToAll;

    /// <summary>Write the job at once and do not wait for it.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Before or after other jobs that wait: Low, Normal, High.</summary>
    [Parameter]
    public GntJobPriority? Priority { get; set; }

    /// <summary>Let Ganeti check whether it could be done, and change nothing. What speaks against it is an error.</summary>
    [Parameter]
    public SwitchParameter DryRun { get; set; }

    /// <summary>What may be lost by the change, for what has to be asked.</summary>
    private protected enum Risk
    {
        /// <summary>Nothing.</summary>
        None,

        /// <summary>A guest stops, or its connections are cut.</summary>
        Stop,

        /// <summary>Data is lost.</summary>
        Data,
    }

    /// <summary>Whether questions about stopping guests and losing data are answered by <c>-Force</c>.</summary>
    private protected virtual bool IsForced => false;

    /// <summary>Asks for a change, submits its jobs, and has them waited for.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="subject">What is changed: the target of errors.</param>
    /// <param name="chain">The jobs.</param>
    /// <param name="risk">What may be lost.</param>
    /// <param name="warning">What is lost, as a sentence; for the question.</param>
    /// <returns>Whether they were submitted.</returns>
    private protected bool Submit(GntConnection connection, object subject, JobChain chain, Risk risk = Risk.None, string? warning = null)
    {
        chain.With(Priority is { } priority ? (int)priority : null, DryRun ? true : null);
        if (!IsApproved(chain.ToString(), DryRun ? Risk.None : risk, warning))
        {
            return false;
        }

        var ids = Submit(connection, chain);
        if (NoWait)
        {
            WriteObject(Submitted(connection, ids), enumerateCollection: true);
            return true;
        }

        var submission = new Submission(connection, subject, ids.Count);
        _inOrder.Add(submission);
        foreach (var id in ids)
        {
            _submissions[(connection, id)] = submission;
            WaitFor(connection, id, subject);
        }

        return true;
    }

    /// <summary>Whether the operator wants it: by <c>-WhatIf</c>, <c>-Confirm</c>, <c>-Force</c>, or the answer to a question.</summary>
    private protected bool IsApproved(string action, Risk risk = Risk.None, string? warning = null)
    {
        var confirm = MyInvocation.BoundParameters.TryGetValue("Confirm", out var bound) ? bound is SwitchParameter { IsPresent: true } : default(bool?);
        if (IsForced && confirm is null && !IsWhatIf)
        {
            WriteVerbose($"Performing the operation \"{MyInvocation.MyCommand.Name}\" on target \"{action}\".");
            return true;
        }

        var question = $"Run '{action}'?{(warning is null ? string.Empty : $" {warning}")}";
        if (!Asking(() => ShouldProcess(action, question, MyInvocation.MyCommand.Name), question, "-Confirm:$false"))
        {
            return false;
        }

        var wasAsked = confirm ?? IsConfirmedByPreference;
        var isAnswered = IsForced || risk switch
        {
            Risk.None => true,
            Risk.Stop => wasAsked || confirm is false,
            _ => wasAsked,
        };
        return isAnswered || Asking(
            () => ShouldContinue($"{warning ?? action} Go on?", risk == Risk.Data ? "Data may be lost" : "Service is interrupted", hasSecurityImpact: false, ref _yesToAll, ref _noToAll),
            warning ?? question,
            risk == Risk.Data ? "-Force" : "-Confirm:$false or -Force");
    }

    /// <summary>What to write for <c>-PassThru</c> of the changes that have succeeded, in their order.</summary>
    private protected virtual void WriteChanged(GntConnection connection, IReadOnlyList<object> subjects)
    {
    }

    private protected override void Ended(GntConnection connection, GntJob job)
    {
        if (_submissions.TryGetValue((connection, job.Id ?? 0), out var submission) && job.Status == GntJobStatus.success)
        {
            submission.Left--;
            foreach (var follower in job.FollowingJobIds)
            {
                submission.Left++;
                _submissions[(connection, follower)] = submission;
            }

            Succeeded(submission.Subject, job);
        }
    }

    /// <summary>Called for each job that has succeeded.</summary>
    private protected virtual void Succeeded(object subject, GntJob job)
    {
    }

    /// <inheritdoc/>
    private protected override void End()
    {
        WaitForAll();
        ForEach(_inOrder.Where(submission => submission.Left == 0).GroupBy(submission => submission.Connection), changed =>
            WriteChanged(changed.Key, [.. changed.Select(submission => submission.Subject)]));
    }

    /// <summary>Does something for each item; whatever is wrong with one, or with its cluster, does not keep the others from it.</summary>
    private protected void Each<TItem>(IEnumerable<TItem> items, Action<TItem> action)
    {
        foreach (var item in items)
        {
            try
            {
                action(item);
            }
            catch (GanetiException exception)
            {
                WriteError(exception, item);
            }
        }
    }

    /// <summary>Refuses switches that contradict each other, before anything else.</summary>
    private protected void RefuseTogether(bool areTogether, string one, string other, string why)
    {
        if (areTogether)
        {
            Refuse($"{one} does not go with {other}: {why}.", "Leave one of them away");
        }
    }

    /// <summary>Refuses parameters that make the whole call pointless.</summary>
    private protected void Refuse(string why, string next) => ThrowTerminatingError(Pipeline.ErrorRecords.From(new GanetiException(GanetiError.ParameterInvalid, why)
    {
        RecommendedAction = $"{next}; see Get-Help {MyInvocation.MyCommand.Name} -Full.",
    }));

    private protected static bool? OnlyIf(bool isSet) => isSet ? true : null;

    /// <summary>Whole seconds, as Ganeti counts them; never less than was asked for.</summary>
    private protected static long? Seconds(TimeSpan? duration) => duration is { } time ? (long)Math.Ceiling(time.TotalSeconds) : null;

    private bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var bound)
        ? bound is SwitchParameter { IsPresent: true }
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    private bool IsConfirmedByPreference
    {
        get
        {
            var preference = LanguagePrimitives.TryConvertTo<ConfirmImpact>(GetVariableValue("ConfirmPreference"), out var set) ? set : ConfirmImpact.High;
            var impact = ((CmdletAttribute)Attribute.GetCustomAttribute(GetType(), typeof(CmdletAttribute))!).ConfirmImpact;
            return preference != ConfirmImpact.None && impact >= preference;
        }
    }

    // A host that can't ask says so in one of these ways; the last is pwsh's own, when its input has ended.
    private static bool Asking(Func<bool> ask, string question, string answerBeforehand)
    {
        try
        {
            return ask();
        }
        catch (Exception exception) when (exception is PSInvalidOperationException or HostException or NotImplementedException or NullReferenceException)
        {
            throw new GanetiException(GanetiError.ConfirmationImpossible, $"{question} (This host can't ask: {exception.Message})", exception)
            {
                RecommendedAction = $"Answer beforehand with {answerBeforehand}.",
            };
        }
    }

    private sealed class Submission(GntConnection connection, object subject, int jobs)
    {
        internal GntConnection Connection { get; } = connection;

        internal object Subject { get; } = subject;

        internal int Left { get; set; } = jobs;
    }
}
