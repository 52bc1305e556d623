namespace Ganeti.Remote;

/// <summary>A host could not be reached, is not who it should be, refused the login, or a command on it could not be run.</summary>
public sealed class RemoteException : GanetiException
{
    /// <summary>Creates an empty exception.</summary>
    public RemoteException()
    {
    }

    /// <summary>Creates an exception with a message only.</summary>
    /// <param name="message">What happened, to what, and why.</param>
    public RemoteException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and its cause.</summary>
    /// <param name="message">What happened, to what, and why.</param>
    /// <param name="innerException">The cause.</param>
    public RemoteException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal RemoteException(GanetiError error, string host, string message, Exception? innerException = null)
        : base(error, message, innerException)
    {
        Host = host;
        Target = host;
    }

    /// <summary>The host.</summary>
    public string? Host { get; }

    /// <summary>The exit status of the command that failed, or null.</summary>
    public int? ExitStatus { get; init; }

    /// <summary>What the failed command printed on standard error, or null.</summary>
    public string? StandardError { get; init; }
}
