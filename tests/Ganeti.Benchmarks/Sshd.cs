using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Ganeti.Remote;

namespace Ganeti.Benchmarks;

/// <summary>Real OpenSSH servers on as many ports of 127.0.0.1 as hosts are wanted, and the ssh_config that names them n1, n2, ….</summary>
internal sealed class Sshd : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gnt-bench-").FullName;
    private readonly Process[] _processes;
    private readonly int[] _ports;

    public Sshd(int hosts)
    {
        _ports = [.. Enumerable.Range(0, hosts).Select(_ => FreePort())];
        Run("ssh-keygen", "-q", "-N", string.Empty, "-t", "ed25519", "-f", At("host"));
        Run("ssh-keygen", "-q", "-N", string.Empty, "-t", "ed25519", "-f", At("user"));
        Directory.CreateDirectory("/run/sshd");
        File.WriteAllText(At("sshd_config"), $"""
            ListenAddress 127.0.0.1
            HostKey {At("host")}
            AuthorizedKeysFile {At("user.pub")}
            StrictModes no
            PidFile none
            UsePAM no
            MaxStartups 200
            SetEnv HOME={_folder}
            """);
        var key = string.Join(' ', File.ReadAllText(At("host.pub")).Split(' ').Take(2));
        File.WriteAllLines(At("known_hosts"), _ports.Select(port => $"[127.0.0.1]:{port} {key}"));
        File.WriteAllText(Config, $"""
            Host *
              HostName 127.0.0.1
              User {Environment.UserName}
              IdentityFile {At("user")}
              IdentitiesOnly yes
              IdentityAgent none
              UserKnownHostsFile {At("known_hosts")}
              GlobalKnownHostsFile none
              BatchMode yes
              ControlPath {At("master-%n")}
            {string.Join('\n', _ports.Select((port, i) => $"Host n{i + 1}\n  Port {port}"))}
            """);
        // One listens on 16 ports at most.
        _processes = [.. _ports.Chunk(16).Select(ports => Process.Start(new ProcessStartInfo(
            "/usr/sbin/sshd", ["-D", "-f", At("sshd_config"), .. ports.SelectMany(port => new[] { "-p", $"{port}" })]))!)];
        foreach (var port in _ports)
        {
            Await(port);
        }
    }

    public string Config => At("ssh_config");

    public RemoteEndpoint Endpoint(int host) => new()
    {
        Host = "127.0.0.1",
        Port = _ports[host],
        User = Environment.UserName,
        IdentityFiles = [At("user")],
        KnownHostsFiles = [At("known_hosts")],
    };

    /// <summary>Runs a program to its end.</summary>
    public static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} has failed");
        }
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private string At(string name) => Path.Combine(_folder, name);

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Await(int port)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var client = new TcpClient();
                client.Connect("127.0.0.1", port);
                return;
            }
            catch (SocketException) when (tries < 500)
            {
                Thread.Sleep(10);
            }
        }
    }
}
