using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using BenchmarkDotNet.Attributes;
using Ganeti.Luxi;
using Ganeti.Remote;
using Ganeti.Ssh;

namespace Ganeti.Benchmarks;

/// <summary>
/// All guests of a cluster: what the master's answer alone costs, what the cmdlet makes of it, and what a user would type
/// instead. Runs in a lab's client network (tests/bench.sh).
/// </summary>
public class ReadInstances
{
    private RemoteEndpoint _endpoint = null!;
    private IRemoteHost _host = null!;
    private LuxiChannel _channel = null!;
    private byte[] _request = null!;
    private Runspace _runspace = null!;

    [GlobalSetup]
    public async Task ConnectAsync()
    {
        var transport = new SshTransport();
        _endpoint = await transport.ResolveAsync(RemoteDestination.Parse("h1"), CancellationToken.None);
        _host = await transport.ConnectAsync(_endpoint, via: null, CancellationToken.None);
        _channel = new LuxiChannel(await _host.OpenPipeAsync(new RemoteCommand("socat", "-", $"UNIX-CONNECT:{LuxiClient.QuerySocket}"), CancellationToken.None));
        _request = LuxiJson.Write(writer => LuxiJson.WriteValue(writer, new Dictionary<string, object?>
        {
            ["method"] = "Query",
            ["args"] = new object?[] { "instance", LuxiModel<GntInstance>.Configuration.Select(field => field.Name).ToArray(), null },
            ["version"] = 3_000_000,
        }));

        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([Path.Combine(Repository(), "out", "Ganeti", "Ganeti.psd1")]);
        _runspace = RunspaceFactory.CreateRunspace(state);
        _runspace.Open();
        Invoke("Connect-GntCluster h1");
    }

    [GlobalCleanup]
    public async Task DisconnectAsync()
    {
        _runspace.Dispose();
        await _channel.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Benchmark(Baseline = true, Description = "the raw query's bytes over the same kind of pipe")]
    public async Task<int> RawQuery() => (await _channel.ExchangeAsync(_request, CancellationToken.None)).Length;

    [Benchmark(Description = "Get-GntInstance -ConfigurationOnly")]
    public int Cmdlet() => Invoke("Get-GntInstance -ConfigurationOnly");

    [Benchmark(Description = "Get-GntInstance (live fields too)")]
    public int LiveCmdlet() => Invoke("Get-GntInstance");

    [Benchmark(Description = "ssh h1 gnt-instance list (text, 6 fields)")]
    public int SshGntInstanceList()
    {
        using var ssh = Process.Start(new ProcessStartInfo("ssh", ["-o", $"UserKnownHostsFile={_endpoint.KnownHostsFiles[0]}", "root@h1", "gnt-instance", "list", "--no-headers"])
        {
            RedirectStandardOutput = true,
        })!;
        var text = ssh.StandardOutput.ReadToEnd();
        ssh.WaitForExit();
        return ssh.ExitCode == 0 && text.Length > 0 ? text.Length : throw new InvalidOperationException("gnt-instance list failed");
    }

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ganeti.sln")))
        {
            folder = Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar)) ?? throw new InvalidOperationException("not inside the repository");
        }

        return folder;
    }

    private int Invoke(string script)
    {
        using var shell = PowerShell.Create(_runspace);
        var output = shell.AddScript(script).Invoke();
        return shell.HadErrors ? throw new InvalidOperationException(shell.Streams.Error[0].ToString()) : output.Count;
    }
}
