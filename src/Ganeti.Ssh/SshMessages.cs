using System.Text;
using Renci.SshNet.Messages.Connection;

namespace Ganeti.Ssh;

/// <summary>Opens a channel that runs a program (RFC 4254, 6.1).</summary>
internal sealed class SessionChannel : ChannelOpenInfo
{
    public override string ChannelType => "session";
}

/// <summary>Opens a channel to a TCP port that the other side can reach (RFC 4254, 7.2).</summary>
internal sealed class TunnelChannel(string host, int port) : ChannelOpenInfo
{
    public override string ChannelType => "direct-tcpip";

    internal string Host => host;

    internal int Port => port;

    protected override void SaveData()
    {
        WriteBinaryString(Encoding.UTF8.GetBytes(host));
        Write((uint)port);
        WriteBinaryString("127.0.0.1"u8.ToArray());
        Write(0u);
    }
}

/// <summary>Starts a program in a channel (RFC 4254, 6.5).</summary>
internal sealed class ExecRequest : RequestInfo
{
    private readonly byte[] _commandLine;

    internal ExecRequest(string commandLine)
    {
        _commandLine = Encoding.UTF8.GetBytes(commandLine);
        WantReply = true;
    }

    public override string RequestName => "exec";

    protected override int BufferCapacity => base.BufferCapacity + 4 + _commandLine.Length;

    protected override void SaveData()
    {
        base.SaveData();
        WriteBinaryString(_commandLine);
    }
}

/// <summary>Sends a signal to the channel's program (RFC 4254, 6.9).</summary>
internal sealed class SignalRequest : RequestInfo
{
    private readonly string _name;

    internal SignalRequest(string name)
    {
        _name = name;
        WantReply = true;
    }

    public override string RequestName => "signal";

    protected override void SaveData()
    {
        base.SaveData();
        WriteBinaryString(Encoding.ASCII.GetBytes(_name));
    }
}

/// <summary>Asks for an answer, any answer; OpenSSH says that it does not know the request, and so that it is alive.</summary>
internal sealed class AliveRequest : GlobalRequestMessage
{
    private static readonly byte[] Name = "keepalive@openssh.com"u8.ToArray();

    protected override int BufferCapacity => 1 + 4 + Name.Length + 1;

    protected override void SaveData()
    {
        WriteBinaryString(Name);
        Write(true);
    }
}

/// <summary>The requests that a server makes about a channel.</summary>
internal static class ChannelRequests
{
    // What SSH.NET hands over begins with the want-reply flag; the request's own fields follow (RFC 4254, 6.10).
    internal static bool WantsReply(ChannelRequestMessage request) => request.RequestData is [not 0, ..];

    internal static int? ExitStatus(ChannelRequestMessage request) =>
        request.RequestName == "exit-status" && request.RequestData.Length >= 5
            ? System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(request.RequestData.AsSpan(1))
            : null;

    internal static string? Signal(ChannelRequestMessage request)
    {
        if (request.RequestName != "exit-signal" || request.RequestData.Length < 5)
        {
            return null;
        }

        var length = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(request.RequestData.AsSpan(1));
        return length <= request.RequestData.Length - 5 ? Encoding.ASCII.GetString(request.RequestData, 5, (int)length) : null;
    }
}
