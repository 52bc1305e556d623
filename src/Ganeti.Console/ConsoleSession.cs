using System.Management.Automation;
using System.Management.Automation.Runspaces;
using SystemConsole = System.Console;

namespace Ganeti.Console;

/// <summary>One run of the console: the engine with its module, then a command, a script or a prompt.</summary>
internal sealed class ConsoleSession
{
    private const int FailureStatus = 1;

    private readonly ConsoleHost host;
    private readonly Interrupt interrupt;
    private readonly ScriptRunner runner;

    private ConsoleSession(ConsoleHost host, Interrupt interrupt, ScriptRunner runner)
    {
        this.host = host;
        this.interrupt = interrupt;
        this.runner = runner;
    }

    public static int Run(ConsoleOptions options)
    {
        using var interrupt = new Interrupt();
        using var terminal = new Terminal(options.NoColor);
        var ui = new ConsoleUI(terminal, new AnswerReader(interrupt), options.NonInteractive);
        var host = new ConsoleHost(ui);
        if (!terminal.HasColor)
        {
            PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
        }

        using var runspace = EngineRunspace.Open(host);
        var runner = new ScriptRunner(runspace, interrupt, ui);
        var session = new ConsoleSession(host, interrupt, runner);
        session.ImportModule(options.Module, ui);
        if (options is { Command: null, File: null, NonInteractive: false } && Terminal.CanAsk)
        {
            return session.RunPrompt(runspace, terminal);
        }

        // Ctrl+C while the module was being imported.
        if (interrupt.Status is { } status)
        {
            return status;
        }

        return options switch
        {
            { File: { } file and not "-" } => session.RunFile(file, options.Arguments, ui),
            { Command: { } command and not "-" } => session.RunScript(command),
            _ => session.RunScript(SystemConsole.In.ReadToEnd()),
        };
    }

    private void ImportModule(string? named, ConsoleUI ui)
    {
        if (ModuleLocation.Find(named) is { } path)
        {
            var import = new Command("Import-Module");
            import.Parameters.Add("Name", path);
            runner.Run(import);
        }
        else
        {
            ui.WriteErrorLine("The Ganeti module was not found. Build it (out/Ganeti), or name it with -Module or GANETI_MODULE.");
        }
    }

    private int RunPrompt(Runspace runspace, Terminal terminal)
    {
        terminal.WritePrompt($"Ganeti console on PowerShell {PSVersionInfo.PSVersion}. Tab completes, 'exit' leaves.{Environment.NewLine}");
        var history = new CommandHistory(CommandHistory.DefaultPath);
        var lines = new LineReader(terminal, interrupt, history, new TabCompletion(runspace, interrupt, terminal));
        new PromptLoop(runner, host, lines, history, terminal).Run();
        return host.ExitStatus ?? (interrupt.Quit.IsCancellationRequested ? interrupt.Status ?? FailureStatus : 0);
    }

    private int RunScript(string script) => string.IsNullOrWhiteSpace(script) ? 0 : Status(runner.Run(script), runner.LastSucceeded);

    private int RunFile(string file, IReadOnlyList<string> arguments, ConsoleUI ui)
    {
        var path = Path.GetFullPath(file);
        if (!File.Exists(path))
        {
            ui.WriteErrorLine($"There is no script file '{file}'.");
            return ConsoleOptions.UsageStatus;
        }

        return Status(runner.Run(ScriptArguments.Text(path, arguments)), succeeded: true);
    }

    private int Status(ScriptRunner.Outcome outcome, bool succeeded) => outcome switch
    {
        ScriptRunner.Outcome.Stopped => interrupt.Status ?? FailureStatus,
        _ when host.ExitStatus is { } status => status,
        ScriptRunner.Outcome.Failed => FailureStatus,
        _ => succeeded ? 0 : FailureStatus,
    };
}
