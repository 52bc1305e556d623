namespace Ganeti.Remote;

/// <summary>A program to run on a host: an argv list, never shell text.</summary>
public sealed class RemoteCommand
{
    /// <summary>Creates a command.</summary>
    /// <param name="program">The program's name or path.</param>
    /// <param name="arguments">Its arguments; any character but NUL, the remote shell sees them quoted.</param>
    public RemoteCommand(string program, params string[] arguments)
    {
        Argv = [program, .. arguments];
    }

    /// <summary>The program and its arguments.</summary>
    public IReadOnlyList<string> Argv { get; }

    /// <summary>Bytes for the program's standard input; an empty one is at its end at once.</summary>
    public ReadOnlyMemory<byte> StandardInput { get; init; }

    /// <summary>Run it as the login itself, though the others are put behind <c>sudo</c>.</summary>
    public bool AsLogin { get; init; }

    /// <summary>
    /// A command that runs a fixed shell script with values as its positional parameters ($1 …), for steps that must run
    /// together on a node. The script is a constant in the code; values never become part of its text.
    /// </summary>
    /// <param name="script">The script, for a POSIX shell.</param>
    /// <param name="arguments">Its positional parameters.</param>
    public static RemoteCommand Script(string script, params string[] arguments) =>
        new("sh", ["-c", script, "sh", .. arguments]);

    /// <summary>The command as a person would type it, for verbose output and errors; of a script the first line only.</summary>
    public override string ToString() => ShellQuote.Display(Argv.Select(RemoteText.Printable).Select(static argument =>
        argument.IndexOf('\n', StringComparison.Ordinal) is var end and >= 0 ? $"{argument.AsSpan(0, end)} …" : argument));
}
