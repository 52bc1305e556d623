using System.Net.Sockets;
using System.Runtime.Loader;
using Ganeti.Remote;
using Ganeti.Ssh;
using Renci.SshNet;

namespace Ganeti.Tests.Ssh;

public sealed class SshNetTests
{
    [Fact]
    [Trait("Kind", "unit")]
    public void The_doors_into_the_library_open()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var info = new ConnectionInfo("127.0.0.1", "nobody", new NoneAuthenticationMethod("nobody"));

        using var session = SshNet.CreateSession(info, socket);

        // It speaks over the socket it was given, which is connected to nobody.
        Assert.Throws<SocketException>(session.Connect);
        Assert.Throws<Renci.SshNet.Common.SshConnectionException>(() => SshNet.SendMessage(session, new AliveRequest()));
    }

    [Fact]
    [Trait("Kind", "server")]
    public async Task The_transport_works_in_a_load_context_of_its_own()
    {
        await using var sshd = await RealSshd.StartAsync();
        var context = new PrivateContext(typeof(SshTransport).Assembly.Location);
        var type = context.LoadFromAssemblyPath(typeof(SshTransport).Assembly.Location).GetType(typeof(SshTransport).FullName!)!;
        Assert.NotEqual(typeof(SshTransport), type);

        var transport = (IRemoteTransport)Activator.CreateInstance(type)!;
        await using var host = await transport.ConnectAsync(sshd.Endpoint, null, TestContext.Current.CancellationToken);
        var result = await host.RunAsync(new RemoteCommand("echo", "here"), TestContext.Current.CancellationToken);

        Assert.Equal("here\n", result.OutputText);
    }

    /// <summary>Loads what lies beside the transport, but shares the module's own assembly.</summary>
    private sealed class PrivateContext(string transport) : AssemblyLoadContext("a private context")
    {
        protected override System.Reflection.Assembly? Load(System.Reflection.AssemblyName assemblyName)
        {
            var file = Path.Combine(Path.GetDirectoryName(transport)!, $"{assemblyName.Name}.dll");
            return assemblyName.Name != "Ganeti.Core" && File.Exists(file) ? LoadFromAssemblyPath(file) : null;
        }
    }
}
