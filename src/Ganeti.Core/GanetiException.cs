namespace Ganeti;

/// <summary>
/// Something that went wrong in a way the operator can be told about: what happened, to what, why, and what to do next.
/// Everything the module throws on purpose is one of these.
/// </summary>
public class GanetiException : Exception
{
    /// <summary>Creates an empty exception.</summary>
    public GanetiException()
        : this(GanetiError.Unexpected, "An unexpected error occurred.")
    {
    }

    /// <summary>Creates an exception with a message only.</summary>
    /// <param name="message">What happened, to what, and why.</param>
    public GanetiException(string message)
        : this(GanetiError.Unexpected, message)
    {
    }

    /// <summary>Creates an exception with a message and its cause.</summary>
    /// <param name="message">What happened, to what, and why.</param>
    /// <param name="innerException">The cause.</param>
    public GanetiException(string message, Exception? innerException)
        : this(GanetiError.Unexpected, message, innerException)
    {
    }

    internal GanetiException(GanetiError error, string message, Exception? innerException = null)
        : base(RemoteText.Printable(message), innerException)
    {
        Error = error;
    }

    /// <summary>The kind of error: its id and category, from the one registry.</summary>
    public GanetiError Error { get; }

    /// <summary>What the operator should do next, or null where there is nothing to advise.</summary>
    public string? RecommendedAction { get; init; }

    /// <summary>The object or name that the error is about, or null.</summary>
    public object? Target { get; init; }
}
