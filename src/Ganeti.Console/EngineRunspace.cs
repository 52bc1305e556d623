using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Ganeti.Console;

/// <summary>The engine with its own core cmdlets.</summary>
internal static class EngineRunspace
{
    public static Runspace Open(ConsoleHost host)
    {
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        }

        state.Commands.Remove("prompt", typeof(SessionStateFunctionEntry));
        state.Commands.Add(new SessionStateFunctionEntry("prompt", "'GNT> '"));

        // The engine's own pages through cmdlets that only pwsh has.
        state.Commands.Remove("help", typeof(SessionStateFunctionEntry));
        state.Commands.Add(new SessionStateAliasEntry("help", "Get-Help"));

        var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        runspace.Open();
        runspace.SessionStateProxy.InvokeCommand.CommandNotFoundAction = PwshOnly.Explain;
        Runspace.DefaultRunspace = runspace;
        host.Runspace = runspace;
        return runspace;
    }
}
