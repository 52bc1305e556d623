using System.Diagnostics;

namespace Ganeti.Tests.Ssh;

/// <summary>OpenSSH's own agent, with keys of the test.</summary>
internal sealed class RealAgent : IDisposable
{
    private readonly Process _process;
    private readonly string _folder = Directory.CreateTempSubdirectory("gnt-agent-").FullName;

    public RealAgent()
    {
        Socket = Path.Combine(_folder, "agent");
        _process = Process.Start(new ProcessStartInfo("ssh-agent", ["-D", "-a", Socket])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,

            // Who is asked to confirm says no.
            Environment = { ["SSH_ASKPASS"] = "/bin/false", ["SSH_ASKPASS_REQUIRE"] = "force", ["DISPLAY"] = "none" },
        })!;
        for (var tries = 0; !File.Exists(Socket) && tries < 500; tries++)
        {
            Thread.Sleep(10);
        }
    }

    public string Socket { get; }

    public void Add(string file, params string[] options)
    {
        using var add = Process.Start(new ProcessStartInfo("ssh-add", ["-q", .. options, file])
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
            Environment = { ["SSH_AUTH_SOCK"] = Socket },
        })!;
        add.StandardInput.Close();
        var error = add.StandardError.ReadToEnd();
        add.WaitForExit();
        Assert.True(add.ExitCode == 0, error);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
