using System.Text;

namespace Ganeti.Remote;

/// <summary>What a remote program did: how it ended and all that it printed.</summary>
public sealed class RemoteResult
{
    /// <summary>The exit status, or null when a signal ended the program.</summary>
    public int? ExitStatus { get; init; }

    /// <summary>The name of the signal that ended the program (without "SIG"), or null.</summary>
    public string? Signal { get; init; }

    /// <summary>Standard output, to the byte.</summary>
    public ReadOnlyMemory<byte> Output { get; init; }

    /// <summary>Standard error, to the byte.</summary>
    public ReadOnlyMemory<byte> Error { get; init; }

    /// <summary>From the request to the last byte.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Standard output as UTF-8 text; bytes that are none become U+FFFD.</summary>
    public string OutputText => Encoding.UTF8.GetString(Output.Span);

    /// <summary>Standard error as UTF-8 text; bytes that are none become U+FFFD.</summary>
    public string ErrorText => Encoding.UTF8.GetString(Error.Span);
}
