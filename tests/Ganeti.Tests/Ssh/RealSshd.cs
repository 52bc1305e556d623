using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ganeti.Remote;
using Ganeti.Ssh;

namespace Ganeti.Tests.Ssh;

/// <summary>An OpenSSH server of our own on 127.0.0.1, an ordinary child process with its own keys and configuration.</summary>
/// <remarks>Logins have an empty home, so that what the developer's shell does at its start makes no difference.</remarks>
public sealed class RealSshd : IAsyncDisposable
{
    private const string Program = "/usr/sbin/sshd";

    private readonly StringBuilder _log = new();
    private readonly bool _withPassword;
    private Process? _process;

    private RealSshd(string folder, int port, string configuration, bool withPassword)
    {
        _withPassword = withPassword;
        Folder = folder;
        Port = port;
        File.WriteAllText(
            InFolder("config"),
            $"""
            ListenAddress 127.0.0.1
            Port {port}
            AuthorizedKeysFile {InFolder("authorized_keys")}
            StrictModes no
            PidFile none
            UsePAM {(withPassword ? "yes" : "no")}
            PermitRootLogin yes
            PasswordAuthentication yes
            LogLevel VERBOSE
            MaxStartups 100
            SetEnv HOME={folder}
            {configuration}
            {string.Concat(HostKeys(folder).Select(f => $"HostKey {f}\n"))}
            """);
    }

    public string Folder { get; }

    public int Port { get; }

    public string UserKey => InFolder("user");

    public string KnownHostsFile => InFolder("known_hosts");

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Starts a server; its host key stands in <see cref="KnownHostsFile"/>.</summary>
    /// <param name="configuration">Further lines for sshd_config; the first of two equal settings wins.</param>
    /// <param name="keyTypes">The types of its host keys.</param>
    public static Task<RealSshd> StartAsync(string configuration = "", params string[] keyTypes) => StartAsync(_ => configuration, keyTypes);

    /// <summary>Starts a server whose configuration depends on what is in its folder: keys by then.</summary>
    public static Task<RealSshd> StartAsync(Func<string, string> configuration, params string[] keyTypes) => StartAsync(configuration, null, keyTypes);

    /// <summary>Starts a server that knows a password of the user, which it alone sees: its /etc/shadow and PAM rules are its own.</summary>
    /// <param name="password">The password.</param>
    /// <param name="configuration">Further lines for sshd_config.</param>
    public static Task<RealSshd> StartWithPasswordAsync(string password, string configuration = "") => StartAsync(
        folder =>
        {
            Assert.SkipUnless(Environment.UserName == "root", "only root can give a server files of its own");
            var hash = RunTool("openssl", "passwd", "-6", password).Trim();
            File.WriteAllText(Path.Combine(folder, "shadow"), $"{Environment.UserName}:{hash}:19000:0:99999:7:::\n");
            File.WriteAllText(
                Path.Combine(folder, "pam"),
                "auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n");
            return configuration;
        },
        password,
        []);

    private static async Task<RealSshd> StartAsync(Func<string, string> configuration, string? password, string[] keyTypes)
    {
        Require();
        Directory.CreateDirectory("/run/sshd");
        var folder = Directory.CreateTempSubdirectory("gnt-sshd-").FullName;
        foreach (var type in keyTypes.Length == 0 ? ["ed25519"] : keyTypes)
        {
            KeyGen("-t", type, "-f", Path.Combine(folder, $"host_{type}"));
        }

        KeyGen("-t", "ed25519", "-f", Path.Combine(folder, "user"));
        File.Copy(Path.Combine(folder, "user.pub"), Path.Combine(folder, "authorized_keys"));

        var sshd = new RealSshd(folder, FreePort(), configuration(folder), password is not null);
        sshd.WriteKnownHosts($"[127.0.0.1]:{sshd.Port}");
        await sshd.StartAsync();
        return sshd;
    }

    /// <summary>Where a real server can't be started the test is skipped, but fails where it must run.</summary>
    public static void Require()
    {
        if (!File.Exists(Program))
        {
            Assert.SkipWhen(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")), $"{Program} is not installed");
            Assert.Fail($"{Program} is not installed, and must be where CI is set");
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static void KeyGen(params string[] arguments) => RunTool("ssh-keygen", ["-q", "-N", "", .. arguments]);

    public static string RunTool(string program, params string[] arguments)
    {
        var (status, output, error) = Run(program, arguments);
        Assert.True(status == 0, $"{program} {string.Join(' ', arguments)}: {error}");
        return output;
    }

    /// <summary>Runs a tool whose exit status may say that it has found nothing.</summary>
    public static string TryRunTool(string program, params string[] arguments) => Run(program, arguments).Output;

    private static (int Status, string Output, string Error) Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    public string InFolder(string name) => Path.Combine(Folder, name);

    public string PublicHostKey(string type = "ed25519") => string.Join(' ', File.ReadAllText(InFolder($"host_{type}.pub")).Split(' ').Take(2));

    public string Fingerprint(string type = "ed25519") => RunTool("ssh-keygen", "-lf", InFolder($"host_{type}.pub")).Split(' ')[1];

    public void WriteKnownHosts(params string[] names) =>
        File.WriteAllLines(
            KnownHostsFile,
            names.SelectMany(name => HostKeys(Folder)
                .Select(file => $"{name} {string.Join(' ', File.ReadAllText($"{file}.pub").Split(' ').Take(2)).Trim()}")));

    private static IEnumerable<string> HostKeys(string folder) =>
        Directory.GetFiles(folder, "host_*").Where(file => !file.EndsWith(".pub", StringComparison.Ordinal));

    /// <summary>What the real ssh says that logs in here with the same key, and nothing of the developer's own.</summary>
    public async Task<(int Status, string Error)> SshAsync(params string[] options)
    {
        using var ssh = Process.Start(new ProcessStartInfo(
            "ssh",
            [
                .. options,
                "-F", "none", "-o", "GlobalKnownHostsFile=none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
                "-i", UserKey, "-p", $"{Port}", "127.0.0.1", "true",
            ])
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
        ssh.StandardInput.Close();
        var error = await ssh.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await ssh.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (ssh.ExitCode, error);
    }

    public RemoteEndpoint Endpoint => new()
    {
        Host = "127.0.0.1",
        Port = Port,
        User = Environment.UserName,
        IdentityFiles = [UserKey],
        KnownHostsFiles = [KnownHostsFile],
    };

    public Task<IRemoteHost> ConnectAsync(Func<RemoteEndpoint, RemoteEndpoint>? change = null, IRemoteHost? via = null) =>
        new SshTransport().ConnectAsync(change?.Invoke(Endpoint) ?? Endpoint, via, TestContext.Current.CancellationToken);

    public async Task StartAsync()
    {
        string[] program = [Program, "-D", "-e", "-f", InFolder("config")];
        string[] alone =
        [
            "unshare", "--mount", "sh", "-c", "mount --bind \"$1/shadow\" /etc/shadow && mount --bind \"$1/pam\" /etc/pam.d/sshd && shift && exec \"$@\"", "sh", Folder,
            .. program,
        ];
        var command = _withPassword ? alone : program;
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        _process.ErrorDataReceived += (_, e) =>
        {
            lock (_log)
            {
                _log.AppendLine(e.Data);
            }
        };
        _process.BeginErrorReadLine();

        for (var tries = 0; ; tries++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException) when (tries < 500 && !_process.HasExited)
            {
                await Task.Delay(10);
            }
            catch (SocketException e)
            {
                throw new InvalidOperationException($"sshd did not start: {Log}", e);
            }
        }
    }

    /// <summary>Kills the listener and every connection's process, as a power cut does for those who look from outside.</summary>
    public void Kill()
    {
        foreach (var process in Descendants())
        {
            Signal(process, "KILL");
        }

        _process?.WaitForExit(TimeSpan.FromSeconds(5));
        _process?.Dispose();
        _process = null;
    }

    /// <summary>Stops the whole server, and lets it go on when disposed.</summary>
    public IDisposable Stall() => Stop(Descendants());

    /// <summary>Stops the connections that are open, but not the listener: new ones work.</summary>
    public IDisposable StallConnections() => Stop(Descendants().Where(process => process != _process!.Id));

    private static Stalled Stop(IEnumerable<int> processes)
    {
        var stopped = processes.Where(IsSshd).ToList();
        stopped.ForEach(process => Signal(process, "STOP"));
        return new Stalled(stopped);
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Task.Yield();
        Directory.Delete(Folder, recursive: true);
    }

    private static bool IsSshd(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").StartsWith("sshd", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    // It may have ended meanwhile; that is as good.
    private static void Signal(int process, string name) =>
        TryRunTool("kill", "-s", name, process.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private List<int> Descendants()
    {
        if (_process is null || _process.HasExited)
        {
            return [];
        }

        List<int> found = [_process.Id];
        for (var i = 0; i < found.Count; i++)
        {
            try
            {
                found.AddRange(File.ReadAllText($"/proc/{found[i]}/task/{found[i]}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return found;
    }

    private sealed class Stalled(List<int> processes) : IDisposable
    {
        public void Dispose() => processes.ForEach(process => Signal(process, "CONT"));
    }
}
