using System.Net.Sockets;
using System.Reflection;
using System.Runtime.CompilerServices;
using Renci.SshNet;
using Renci.SshNet.Messages;

namespace Ganeti.Ssh;

/// <summary>The few doors into SSH.NET that it keeps closed; nothing else here uses what is not public.</summary>
/// <remarks>
/// SSH.NET's <see cref="SshClient"/> can't open a channel without blocking a thread, can't end a program's empty input, does not
/// hand over its socket, and so can't be stopped while a link is stalled. Its <see cref="Session"/> (key exchange, ciphers,
/// logins, framing, and events for every message that arrives) can do all we need with two things that are internal: being made with
/// a socket of ours, and sending a message. The package's version is pinned and loaded privately; a test opens these doors.
/// </remarks>
internal static class SshNet
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    /// <summary>Makes a session that will speak over a socket that is connected already.</summary>
    internal static Session CreateSession(ConnectionInfo info, Socket socket)
    {
        var constructor = typeof(Session).GetConstructors(Hidden).Single();
        var servicesType = constructor.GetParameters()[1].ParameterType;
        var connectorType = servicesType.GetMethod("CreateConnector")!.ReturnType;
        var library = typeof(Session).Assembly;
        var services = Activator.CreateInstance(library.GetType("Renci.SshNet.ServiceFactory", throwOnError: true)!, nonPublic: true)!;

        var connector = (SocketServices)DispatchProxy.Create(connectorType, typeof(SocketServices));
        connector.Answers["Connect"] = socket;
        var ours = (SocketServices)DispatchProxy.Create(servicesType, typeof(SocketServices));
        ours.Inner = services;
        ours.Answers["CreateConnector"] = connector;

        var socketFactory = servicesType.GetMethod("CreateSocketFactory")!.Invoke(services, null);
        return (Session)constructor.Invoke([info, ours, socketFactory]);
    }

    /// <summary>Sends a message; blocks while the link takes no more or keys are being exchanged anew.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SendMessage")]
    internal static extern void SendMessage(Session session, Message message);
}

/// <summary>Stands before one of SSH.NET's internal interfaces: some calls have a fixed answer, the others go to the original.</summary>
internal class SocketServices : DispatchProxy
{
    internal object? Inner { get; set; }

    internal Dictionary<string, object> Answers { get; } = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        Answers.TryGetValue(targetMethod!.Name, out var answer)
            ? answer
            : targetMethod.Invoke(Inner, BindingFlags.DoNotWrapExceptions, null, args, null);
}
