using System.Globalization;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace Ganeti.Console;

/// <summary>What the engine sees of this program.</summary>
internal sealed class ConsoleHost(ConsoleUI ui) : PSHost, IHostSupportsInteractiveSession
{
    public override string Name => "Ganeti Console";

    public override Version Version { get; } = typeof(ConsoleHost).Assembly.GetName().Version ?? new Version(0, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => ui;

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    // The language of help and messages, where the invariant culture has none.
    public override CultureInfo CurrentUICulture { get; } = new("en-US");

    /// <summary>The status of <c>exit</c>, once it has been called.</summary>
    public int? ExitStatus { get; private set; }

    public bool IsRunspacePushed => false;

    public Runspace? Runspace { get; set; }

    public override void SetShouldExit(int exitCode) => ExitStatus = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("This console has no nested prompts.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("This console has no nested prompts.");

    public void PushRunspace(Runspace runspace) => throw new NotSupportedException("This console has no remote sessions.");

    public void PopRunspace() => throw new NotSupportedException("This console has no remote sessions.");

    // A native program takes over the terminal: nothing may be drawn into its output.
    public override void NotifyBeginApplication() => ui.Terminal.Progress.Clear();

    public override void NotifyEndApplication()
    {
    }
}
