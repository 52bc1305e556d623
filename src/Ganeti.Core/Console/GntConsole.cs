using Ganeti.Luxi;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>Where a guest's console is, as <c>gnt-instance console --show-cmd</c> says it. Nothing is opened.</summary>
/// <remarks>The members are those of Ganeti's <c>objects.InstanceConsole</c>.</remarks>
public sealed class GntConsole : GntObject
{
    private const int VncBasePort = 5900;

    /// <summary>The guest.</summary>
    [LuxiField("name")]
    public string? InstanceName { get; set; }

    /// <summary>The node that the guest runs on.</summary>
    [LuxiField("pnode")]
    public string? Node { get; set; }

    /// <summary>How it is reached.</summary>
    public GntConsoleKind? Kind { get; set; }

    /// <summary>The kind as Ganeti printed it.</summary>
    public string? KindText { get; set; }

    /// <summary>The host to connect to: the node, or the one address that the hypervisor listens on there.</summary>
    public string? Host { get; set; }

    /// <summary>The TCP port, or null for the protocol's own.</summary>
    public int? Port { get; set; }

    /// <summary>The user to log in as, for kind <c>ssh</c>.</summary>
    public string? User { get; set; }

    /// <summary>The VNC display's number, for kind <c>vnc</c>.</summary>
    public int? Display { get; set; }

    /// <summary>The program to run on the node with its arguments, for kind <c>ssh</c>.</summary>
    public string[]? Command { get; set; }

    /// <summary>What there is to say instead of an address, for kind <c>msg</c>.</summary>
    public string? Message { get; set; }

    /// <summary>Derived: the program and arguments to open it with from here, for kind <c>ssh</c>: <c>ssh -t root@node …</c>.</summary>
    public string[]? Argv => Kind == GntConsoleKind.ssh && Command is not null
        ? ["ssh", "-t", "-e", "none", .. Port is { } port and not 22 ? new[] { "-p", $"{port}" } : [], $"{User}@{Host}", ShellQuote.Display(Command)]
        : null;

    /// <summary>Derived: the same as a line to type, or an URL for kinds <c>vnc</c> and <c>spice</c>.</summary>
    public string? CommandLine => Kind switch
    {
        GntConsoleKind.ssh when Argv is { } argv => ShellQuote.Display(argv),
        GntConsoleKind.vnc or GntConsoleKind.spice => $"{Kind}://{(Host?.Contains(':', StringComparison.Ordinal) == true ? $"[{Host}]" : Host)}:{Port}/",
        _ => null,
    };

    internal override string? Key => InstanceName;

    [LuxiField("console", Live = true)]
    internal GntParameters? Answer { get; set; }

    [LuxiField("hypervisor")]
    internal string? Hypervisor { get; set; }

    [LuxiField("hvparams")]
    internal GntParameters? HypervisorParameters { get; set; }

    [LuxiField("network_port")]
    internal int? NetworkPort { get; set; }

    internal override void Complete()
    {
        if (Answer is null)
        {
            CompleteFromConfiguration();
        }
        else
        {
            CompleteFromAnswer(Answer);
        }

        // Listening on all of its addresses.
        Host = Host is "0.0.0.0" or "::" ? Node : Host;
    }

    // Ganeti 3.0 says nothing of a VNC console: its one half sends the display as a number, where its other half expects text. This is what
    // GetInstanceConsole in lib/hypervisor/hv_kvm would have said.
    private void CompleteFromConfiguration()
    {
        string? Parameter(string name) => HypervisorParameters?.GetValueOrDefault(name) is string { Length: > 0 } value ? value : null;
        if (Hypervisor is "kvm" or "xen-hvm" && NetworkPort > VncBasePort && Parameter("vnc_bind_address") is { } address)
        {
            (Kind, KindText, Host, Port, Display) = (GntConsoleKind.vnc, "vnc", address, NetworkPort, NetworkPort - VncBasePort);
        }
        else
        {
            Message ??= "The guest's node says nothing about a console.";
        }
    }

    private void CompleteFromAnswer(GntParameters answer)
    {

        KindText = answer.GetValueOrDefault("kind") as string;
        Kind = KindText is null ? null : LuxiSetters.ToEnum<GntConsoleKind>(KindText);
        Host = answer.GetValueOrDefault("host") as string;
        Port = (int?)LuxiSetters.ToLong(answer.GetValueOrDefault("port"));
        User = answer.GetValueOrDefault("user") as string;
        Display = (int?)LuxiSetters.ToLong(answer.GetValueOrDefault("display"));
        Message = answer.GetValueOrDefault("message") as string;
        Command = answer.GetValueOrDefault("command") switch
        {
            // Ready for a shell.
            string line => ["sh", "-c", line],
            object?[] argv => Array.ConvertAll(argv, LuxiSetters.ToText).OfType<string>().ToArray(),
            _ => null,
        };
    }
}

/// <summary>How a console is reached, spelled as Ganeti has it.</summary>
/// <remarks>The words are Ganeti's <c>CONS_*</c> constants.</remarks>
public enum GntConsoleKind
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>By a program on the node, over SSH: the serial line.</summary>
    ssh = 1,

    /// <summary>By VNC: the screen.</summary>
    vnc = 2,

    /// <summary>By SPICE: the screen.</summary>
    spice = 3,

    /// <summary>Not at all; the message says why.</summary>
    msg = 4,
}
