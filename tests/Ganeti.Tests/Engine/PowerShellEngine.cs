using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Ganeti.Tests.Engine;

/// <summary>A real PowerShell engine with the module imported as its users import it: from out/Ganeti, by its manifest.</summary>
internal sealed class PowerShellEngine : IDisposable
{
    public PowerShellEngine(RecordingHost? host = null, bool import = true)
    {
        Host = host ?? new RecordingHost();
        Runspace = RunspaceFactory.CreateRunspace(Host, InitialSessionState.CreateDefault2());
        Runspace.Open();
        if (import)
        {
            Run($"Import-Module '{Repository.Manifest}'").Succeeded();
        }
    }

    public RecordingHost Host { get; }

    public Runspace Runspace { get; }

    /// <summary>Runs a script to its end; a terminating error is the last of the errors.</summary>
    /// <param name="script">The script.</param>
    /// <param name="input">Objects piped into it.</param>
    public Outcome Run(string script, params object[] input)
    {
        using var shell = Shell(script);
        Exception? terminating = null;
        var output = new PSDataCollection<PSObject>();
        try
        {
            shell.Invoke(input, output);
        }
        catch (RuntimeException exception)
        {
            terminating = exception;
        }

        return Outcome.Of(shell, output, terminating);
    }

    /// <summary>A script that the test starts and stops itself.</summary>
    public PowerShell Shell(string script)
    {
        var shell = PowerShell.Create(Runspace);
        shell.AddScript(script);
        return shell;
    }

    /// <summary>What the screen shows of what a script writes.</summary>
    public string Shown(string script, params object[] input)
    {
        var before = Host.Text.Length;
        Run($"{script} | Out-Default", input).Succeeded();
        return Host.Text[before..];
    }

    public void Set(string variable, object? value) => Runspace.SessionStateProxy.SetVariable(variable, value);

    public void Dispose() => Runspace.Dispose();
}

/// <summary>What a script has written.</summary>
internal sealed record Outcome(
    IReadOnlyList<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Verbose,
    IReadOnlyList<string> Debug,
    IReadOnlyList<InformationRecord> Information,
    IReadOnlyList<ProgressRecord> Progress,
    Exception? Terminating)
{
    /// <summary>The only error.</summary>
    public ErrorRecord Error => Assert.Single(Errors);

    public static Outcome Of(PowerShell shell, IEnumerable<PSObject> output, Exception? terminating)
    {
        IEnumerable<ErrorRecord> last = terminating is RuntimeException { ErrorRecord: { } record } && !shell.Streams.Error.Contains(record) ? [record] : [];
        return new Outcome(
            [.. output],
            [.. shell.Streams.Error, .. last],
            [.. shell.Streams.Warning.Select(warning => warning.Message)],
            [.. shell.Streams.Verbose.Select(line => line.Message)],
            [.. shell.Streams.Debug.Select(line => line.Message)],
            [.. shell.Streams.Information],
            [.. shell.Streams.Progress],
            terminating);
    }

    public Outcome Succeeded()
    {
        Assert.True(Errors.Count == 0 && Terminating is null, string.Join('\n', Errors.Select(error => $"{error.FullyQualifiedErrorId}: {error}\n{error.Exception}")) + Terminating);
        return this;
    }

    public Outcome FailedWith(string errorId)
    {
        Assert.Equal(errorId, Error.FullyQualifiedErrorId.Split(',')[0]);
        return this;
    }

    /// <summary>The objects themselves.</summary>
    public T[] Of<T>() => [.. Output.Select(item => Assert.IsType<T>(item.BaseObject))];

    /// <summary>The only object.</summary>
    public T One<T>() => Assert.Single(Of<T>());
}
