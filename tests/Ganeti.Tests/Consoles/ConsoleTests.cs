using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Consoles;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class ConsoleTests
{
    public ConsoleTests() => Lab.Require();

    [Fact]
    public void A_guest_without_a_console_says_so()
    {
        using var engine = Lab.Connected();

        var console = engine.Run("Get-GntInstance vm1 | Get-GntConsole").Succeeded().One<GntConsole>();

        Assert.Equal((GntConsoleKind.msg, "Console not available for fake hypervisor", null), (console.Kind, console.Message, console.CommandLine));
        engine.Run("Get-GntConsole nosuch").FailedWith("InstanceNotFound");
        Assert.Equal(2, engine.Run("Get-GntConsole kvm*").Succeeded().Output.Count);
    }

    [Fact]
    public void A_serial_console_is_a_program_on_the_node_and_a_screen_an_address()
    {
        using var engine = Lab.Connected();
        var node = engine.Run("(Get-GntInstance kvm2).PrimaryNode").One<string>();
        Lab.Exec("h1", "gnt-instance", "modify", "-H", "serial_console=true", "kvm2");
        try
        {
            var serial = engine.Run("Get-GntConsole kvm2").Succeeded().One<GntConsole>();
            Assert.Equal((GntConsoleKind.ssh, node, "root"), (serial.Kind, serial.Host, serial.User));
            Assert.EndsWith("kvm-console-wrapper", serial.Command![0], StringComparison.Ordinal);
            Assert.Contains(string.Join(' ', serial.Command), Lab.Exec("h1", "gnt-instance", "console", "--show-cmd", "kvm2"), StringComparison.Ordinal);
            Assert.StartsWith($"ssh -t -e none root@{node} ", serial.CommandLine, StringComparison.Ordinal);
            Assert.Equal(["ssh", "-t", "-e", "none", $"root@{node}", string.Join(' ', serial.Command)], serial.Argv!);

            Lab.Exec("h1", "gnt-instance", "modify", "-H", "serial_console=false,vnc_bind_address=0.0.0.0", "kvm2");
            var screen = engine.Run("Get-GntConsole kvm2").Succeeded().One<GntConsole>();
            var port = engine.Run("(Get-GntInstance kvm2).NetworkPort").One<int>();
            Assert.Equal((GntConsoleKind.vnc, node, port, port - 5900, $"vnc://{node}:{port}/"), (screen.Kind, screen.Host, screen.Port, screen.Display, screen.CommandLine));
        }
        finally
        {
            Lab.Exec("h1", "gnt-instance", "modify", "-H", "serial_console=default,vnc_bind_address=default", "kvm2");
        }
    }

    [Fact]
    public void A_guest_that_was_started_frozen_goes_on_and_one_that_runs_is_left_alone()
    {
        using var engine = Lab.Connected();
        Lab.Exec("h1", "gnt-instance", "shutdown", "--timeout=0", "kvm2");
        Lab.Exec("h1", "gnt-instance", "startup", "--paused", "kvm2");

        engine.Run("Resume-GntInstance kvm2 -WhatIf").Succeeded();
        Assert.Equal("paused (prelaunch)", StatusOf(engine, "kvm2"));

        var resumed = engine.Run("Get-GntInstance kvm2 | Resume-GntInstance -PassThru").Succeeded().One<GntInstance>();
        Assert.Equal(GntInstanceStatus.running, resumed.Status);
        Assert.Equal("running", StatusOf(engine, "kvm2"));

        Assert.Contains("not frozen", engine.Run("Resume-GntInstance kvm2").FailedWith("StateWrong").Error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("fake", engine.Run("Resume-GntInstance vm1").FailedWith("StateWrong").Error.Exception.Message, StringComparison.Ordinal);
        engine.Run("Resume-GntInstance nosuch").FailedWith("InstanceNotFound");
    }

    [Fact]
    public async Task A_guest_that_a_job_holds_is_not_touched()
    {
        using var engine = Lab.Connected();
        var to = engine.Run("(Get-GntInstance kvm1).PrimaryNode").One<string>() == "h1.lab.example" ? "h2" : "h1";
        var job = engine.Run($"Move-GntInstance kvm1 -TargetNode {to} -NoWait").Succeeded().One<GntJob>();
        await Lab.EventuallyAsync(() => engine.Run($"(Get-GntJob {job.Id}).Status").One<GntJobStatus>() == GntJobStatus.running, "the guest is moving");
        try
        {
            Assert.Contains($"{job.Id}", engine.Run("Resume-GntInstance kvm1").FailedWith("ResourcesTemporarilyUnavailable").Error.Exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            engine.Run($"Wait-GntJob {job.Id}").Succeeded();
        }
    }

    private static string StatusOf(PowerShellEngine engine, string guest)
    {
        var node = engine.Run($"(Get-GntInstance {guest} -ConfigurationOnly).PrimaryNode").One<string>().Split('.')[0];
        return Lab.Exec(node, "sh", "-c", "echo info status | socat -t 1 - UNIX-CONNECT:/run/ganeti/kvm-hypervisor/ctrl/$1.lab.example.monitor | tr -d '\\r' | sed -n 's/^VM status: //p'", "sh", guest).Trim();
    }
}
