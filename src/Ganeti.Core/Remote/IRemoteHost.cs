namespace Ganeti.Remote;

/// <summary>
/// A host on which programs can be run. One connection serves all callers; it is opened when first needed and opened
/// once more when it has dropped between two commands. Safe to use from several threads.
/// </summary>
public interface IRemoteHost : IAsyncDisposable
{
    /// <summary>The host as the operator named it.</summary>
    string Name { get; }

    /// <summary>Where and as whom it is reached.</summary>
    RemoteEndpoint Endpoint { get; }

    /// <summary>Whether a connection is open at the moment.</summary>
    bool IsConnected { get; }

    /// <summary>Runs a program and collects what it prints. A non-zero exit status is an answer, not an exception.</summary>
    /// <param name="command">The program.</param>
    /// <param name="cancellationToken">Ends the wait at once; the program is sent TERM and its channel is closed.</param>
    /// <exception cref="RemoteException">The connection could not be made, or it was lost before the program ended.</exception>
    Task<RemoteResult> RunAsync(RemoteCommand command, CancellationToken cancellationToken);

    /// <summary>Starts a program and hands over its standard input and output as a pipe of bytes.</summary>
    /// <param name="command">The program; its <see cref="RemoteCommand.StandardInput"/> is not used.</param>
    /// <param name="cancellationToken">Ends the opening only; the pipe lives until it is disposed.</param>
    /// <exception cref="RemoteException">The connection could not be made.</exception>
    Task<IRemotePipe> OpenPipeAsync(RemoteCommand command, CancellationToken cancellationToken);
}

/// <summary>The standard input and output of a running remote program.</summary>
public interface IRemotePipe : IAsyncDisposable
{
    /// <summary>Writes bytes and flushes them.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RemoteException">The program or the connection is gone.</exception>
    Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Reads what has arrived, at least one byte; 0 when the program has ended.</summary>
    /// <param name="buffer">Where to put it.</param>
    /// <param name="cancellationToken">Ends the wait; bytes that arrive later are kept for the next read.</param>
    /// <exception cref="RemoteException">The connection was lost.</exception>
    Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>What the program has printed on standard error so far (the last 64 KiB), as text.</summary>
    string ErrorText { get; }

    /// <summary>The exit status once the program has ended, else null.</summary>
    int? ExitStatus { get; }
}

/// <summary>Makes connections to hosts; the SSH library behind it is not visible.</summary>
public interface IRemoteTransport
{
    /// <summary>Works out where a host is reached, as whom and with what, from the configuration of OpenSSH's client.</summary>
    /// <param name="destination">What is asked for.</param>
    /// <param name="cancellationToken">Ends the attempt at once.</param>
    /// <exception cref="GanetiException">The configuration can't be understood, or the host's name is none.</exception>
    Task<RemoteEndpoint> ResolveAsync(RemoteDestination destination, CancellationToken cancellationToken);

    /// <summary>Prepares a host and connects to it.</summary>
    /// <param name="endpoint">Where and as whom.</param>
    /// <param name="via">
    /// A host of this transport through whose connection the new one is tunnelled, whatever way the endpoint has, or null. The
    /// tunnel follows when that host's connection is reopened.
    /// </param>
    /// <param name="cancellationToken">Ends the attempt at once.</param>
    /// <exception cref="RemoteException">It could not be reached, is not who it should be, or refused the login.</exception>
    Task<IRemoteHost> ConnectAsync(RemoteEndpoint endpoint, IRemoteHost? via, CancellationToken cancellationToken);
}
