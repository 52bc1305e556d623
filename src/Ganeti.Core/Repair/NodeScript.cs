using Ganeti.Remote;

namespace Ganeti;

/// <summary>A script that changes something on a node: a fixed text in a file beside the code that uses it, which takes its values as arguments.</summary>
internal sealed class NodeScript
{
    private static readonly Lazy<string> Safeguard = new(() => Read("Repair.safeguard.sh"));

    private readonly Lazy<string> _text;

    /// <param name="room">The folder that it is in.</param>
    /// <param name="name">Its name without the extension.</param>
    internal NodeScript(string room, string name) => _text = new Lazy<string>(() => $"# {name}\ngnt_source=$1\nshift\n{Safeguard.Value}\n{Read($"{room}.{name}.sh")}");

    /// <summary>The command that runs it.</summary>
    internal RemoteCommand With(params string[] arguments) => RemoteCommand.Script(_text.Value, [Safeguard.Value, .. arguments]);

    /// <summary>The command that runs it and gives it something to read, which is told to nobody.</summary>
    internal RemoteCommand With(ReadOnlyMemory<byte> input, params string[] arguments) => new("sh", ["-c", _text.Value, "sh", Safeguard.Value, .. arguments]) { StandardInput = input };

    private static string Read(string name)
    {
        using var stream = typeof(NodeScript).Assembly.GetManifestResourceStream($"Ganeti.{name}")!;
        return new StreamReader(stream).ReadToEnd();
    }
}
