using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace Ganeti.Console;

/// <summary>Runs one pipeline at a time to its end or to Ctrl+C, its output and errors on their way through Out-Default.</summary>
internal sealed class ScriptRunner(Runspace runspace, Interrupt interrupt, ConsoleUI ui)
{
    /// <summary>How the last pipeline ended.</summary>
    public enum Outcome
    {
        Completed,
        Failed,
        Stopped,
    }

    /// <summary>The engine's <c>$?</c>: whether the last statement succeeded.</summary>
    public bool LastSucceeded => runspace.SessionStateProxy.GetVariable("?") is not false;

    /// <summary>Runs what the user gave, which becomes part of the history and sets <c>$?</c>.</summary>
    public Outcome Run(string script)
    {
        using var pipeline = runspace.CreatePipeline(script, addToHistory: true);
        return Run(pipeline);
    }

    /// <summary>Runs a command of the console's own.</summary>
    public Outcome Run(Command command)
    {
        using var pipeline = runspace.CreatePipeline();
        pipeline.Commands.Add(command);
        return Run(pipeline);
    }

    /// <summary>What a command of the console's own gives, as text; null if it fails.</summary>
    public string? Evaluate(string command)
    {
        using var pipeline = runspace.CreatePipeline(command);
        using var watch = interrupt.Watch(pipeline.StopAsync);
        try
        {
            return pipeline.Invoke().FirstOrDefault()?.ToString();
        }
        catch (RuntimeException)
        {
            return null;
        }
    }

    private Outcome Run(Pipeline pipeline)
    {
        pipeline.Commands.Add(OutDefault());
        using var watch = interrupt.Watch(pipeline.StopAsync);
        try
        {
            pipeline.Invoke();
            return pipeline.PipelineStateInfo.State == PipelineState.Stopped ? Outcome.Stopped : Outcome.Completed;
        }
        catch (PipelineStoppedException)
        {
            return Outcome.Stopped;
        }
        catch (IncompleteParseException)
        {
            // The engine's own record lacks the place, without which its view shows nothing at all.
            Parser.ParseInput(pipeline.Commands[0].CommandText, out _, out var errors);
            Report(new ParseException(errors).ErrorRecord);
            return Outcome.Failed;
        }
        catch (RuntimeException exception)
        {
            Report(exception.ErrorRecord);
            return Outcome.Failed;
        }
        finally
        {
            ui.Terminal.Progress.Clear();
        }
    }

    /// <summary>Shows what ended a pipeline as the engine shows any error.</summary>
    private void Report(ErrorRecord error)
    {
        // Written to the error stream by a pipeline of ours, the record would lose the place where it happened.
        using var pipeline = runspace.CreatePipeline();
        pipeline.Commands.Add("Out-Default");
        ui.ShowsError = true;
        try
        {
            pipeline.Invoke(new[] { error });
        }
        finally
        {
            ui.ShowsError = false;
        }
    }

    /// <summary>Errors take the same way as output, so that both appear in the order in which they were written.</summary>
    private static Command OutDefault() => new("Out-Default")
    {
        MergeUnclaimedPreviousCommandResults = PipelineResultTypes.Error | PipelineResultTypes.Output,
    };
}
