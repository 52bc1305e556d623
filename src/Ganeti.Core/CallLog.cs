namespace Ganeti;

/// <summary>
/// Who is told of the calls that an operation makes. It flows with the asynchronous work, so that two runspaces on one
/// connection each hear of their own calls only.
/// </summary>
internal interface ICallLog
{
    /// <summary>A remote command has ended.</summary>
    void CommandRan(string host, Remote.RemoteCommand command, int? exitStatus, TimeSpan duration);

    /// <summary>Something went another way than the operator may think.</summary>
    void Warn(string message);

    /// <summary>A call to the master daemon has ended; the reply is empty when none came.</summary>
    void LuxiCalled(string method, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> reply, TimeSpan duration);
}

internal static class CallLog
{
    private static readonly AsyncLocal<ICallLog?> Flowing = new();

    internal static ICallLog? Current
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }
}
