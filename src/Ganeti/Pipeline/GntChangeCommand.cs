using System.Collections.Concurrent;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Host;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that change something, or watch what changes it: asks beforehand what has to be asked.</summary>
public abstract class GntChangeCommand : GntClusterCommand
{
    private bool _yesToAll;
    private bool _noToAll;
    private string? _brokenOff;

    /// <summary>What may be lost by the change, for what has to be asked.</summary>
    private protected enum Risk
    {
        /// <summary>Nothing.</summary>
        None,

        /// <summary>A guest stops, or its connections are cut.</summary>
        Stop,

        /// <summary>Data is lost.</summary>
        Data,

        /// <summary>Work stops half-way and leaves things as they are then.</summary>
        Wreckage,
    }

    /// <summary>Whether questions about stopping guests and losing data are answered by <c>-Force</c>.</summary>
    private protected virtual bool IsForced => false;

    /// <summary>Shows the operator how a repair goes.</summary>
    private protected IRepairView RepairView => new PipelineRepairView(this);

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
            Risk.Stop => wasAsked || confirm is false || Preference == ConfirmImpact.None,
            _ => wasAsked,
        };
        return isAnswered || Asking(
            () => ShouldContinue($"{warning ?? action} Go on?", Caption(risk), hasSecurityImpact: false, ref _yesToAll, ref _noToAll),
            warning ?? question,
            risk == Risk.Stop ? "-Confirm:$false or -Force" : "-Force");
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

    /// <summary>Whether nothing is to be changed.</summary>
    private protected bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var bound)
        ? bound is SwitchParameter { IsPresent: true }
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    /// <summary>Waits for work of which something may be left when the operator leaves; that is said then.</summary>
    private protected T AwaitTelling<T>(Func<CancellationToken, Task<T>> work, string brokenOff)
    {
        _brokenOff = brokenOff;
        try
        {
            var result = Await(work);
            _brokenOff = null;
            return result;
        }
        catch (GanetiException)
        {
            _brokenOff = null;
            throw;
        }
    }

    private protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (_brokenOff is { } text)
        {
            _brokenOff = null;
            SayToHost(text);
        }
    }

    /// <summary>Says what goes on without the operator: the streams of a stopped pipeline are closed, but the host is still there.</summary>
    private protected void SayToHost(string text)
    {
        try
        {
            Host?.UI?.WriteLine(text);
        }
        catch (Exception exception) when (exception is InvalidOperationException or HostException or NotImplementedException)
        {
            // A host without a screen.
        }
    }

    private bool IsConfirmedByPreference
    {
        get
        {
            var impact = ((CmdletAttribute)Attribute.GetCustomAttribute(GetType(), typeof(CmdletAttribute))!).ConfirmImpact;
            return Preference != ConfirmImpact.None && impact >= Preference;
        }
    }

    private ConfirmImpact Preference => LanguagePrimitives.TryConvertTo<ConfirmImpact>(GetVariableValue("ConfirmPreference"), out var set) ? set : ConfirmImpact.High;

    private static string Caption(Risk risk) => risk switch
    {
        Risk.Data => "Data may be lost",
        Risk.Wreckage => "Work stops half-way",
        _ => "Service is interrupted",
    };

    // A host that can't ask says so in one of these ways; pwsh whose input is at its end by the last one.
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

    private sealed class PipelineRepairView(GntChangeCommand command) : IRepairView
    {
        // A transfer tells of each read; a job keeps every record.
        private static readonly TimeSpan Beat = TimeSpan.FromSeconds(0.25);

        private readonly ConcurrentDictionary<string, (string Phase, long At)> _last = new(StringComparer.Ordinal);

        public void Progress(string activity, string status, double? percent, TimeSpan? left)
        {
            // What has a percentage comes again and again.
            var phase = percent is null or >= 100 ? status : string.Empty;
            if (_last.TryGetValue(activity, out var last) && last.Phase == phase && Stopwatch.GetElapsedTime(last.At) < Beat)
            {
                return;
            }

            _last[activity] = (phase, Stopwatch.GetTimestamp());
            command.Post(() => command.WriteProgress(new ProgressRecord(
                activity.GetHashCode(StringComparison.Ordinal) & int.MaxValue,
                activity,
                status)
            {
                PercentComplete = percent is { } done ? (int)done : -1,
                SecondsRemaining = left is { } time ? (int)time.TotalSeconds : -1,
                RecordType = percent >= 100 ? ProgressRecordType.Completed : ProgressRecordType.Processing,
            }));
        }

        public void Say(string text) => command.Post(() =>
        {
            command.WriteVerbose(text);
            command.WriteInformation(new InformationRecord(text, "Ganeti") { Tags = { "GntRepair" } });
        });

        public void Warn(string text) => command.Post(() => command.WriteWarning(text));
    }
}
