using System.Diagnostics;
using Ganeti.Remote;
using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

/// <summary>Repairs by a login that is not root, through sudo.</summary>
[Trait("Kind", "storage")]
[Trait("Pace", "long")]
[Collection(nameof(MirrorLab))]
public sealed class SudoRepairTests
{
    public SudoRepairTests() => MirrorLab.Require();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mirrors_are_reset_and_volumes_made_and_removed_by_a_login_that_sudo_makes_root()
    {
        await GiveSudoAsync();
        using var user = new LabUser("op");
        using var engine = new PowerShellEngine();
        Assert.Equal(("op", true), engine.Run("Connect-GntCluster op@g1 -Sudo").Succeeded().One<GntConnection>() is var connection ? (connection.User, connection.Sudo) : default);

        var side = engine.Run("Get-DrbdDevice -Instance vm1").Succeeded().Of<DrbdDevice>().First(side => side is { Node: "g2.lab.example", DiskIndex: 0 });
        engine.Run($"Reset-DrbdConnection -Node g2 -Minor {side.Minor} -Hold 5 -Confirm:$false").Succeeded();
        Assert.Empty(engine.Run("Get-DrbdConnectionReset").Succeeded().Output);
        engine.Run($"Wait-DrbdDevice -Node g2 -Minor {side.Minor}").Succeeded();
        Assert.Empty(engine.Run("Get-DrbdDevice -Instance vm1 -Problem").Succeeded().Output);

        Assert.Equal("kvmvg/by.sudo", engine.Run("New-LvmVolume g2 kvmvg/by.sudo -Size 8MB -PassThru").Succeeded().One<LvmVolume>().FullName);
        engine.Run("Remove-LvmVolume g2 kvmvg/by.sudo -Force").Succeeded();
        Assert.DoesNotContain("by.sudo", Lab.Exec("g2", "lvs", "--noheadings", "-o", "name"), StringComparison.Ordinal);
        Assert.Contains(engine.Run("Get-BlockDevice g2").Succeeded().Of<BlockDevice>(), device => device.Serial == "LAB2DISKA001");

        var history = engine.Run("Get-GntHistory g2").Succeeded().Of<GntHistoryEntry>();
        Assert.Contains(history, entry => entry is { Cmdlet: "Reset-DrbdConnection", Event: GntHistoryEvent.Done });
        Assert.Contains(history, entry => entry is { Cmdlet: "Remove-LvmVolume", Event: GntHistoryEvent.Done });
    }

    /// <summary>The machines have none; it is this machine's own.</summary>
    private static async Task GiveSudoAsync()
    {
        using var tar = Process.Start(new ProcessStartInfo("tar", ["-C", "/", "-cf", "-", "usr/bin/sudo", "usr/libexec/sudo", "etc/pam.d/sudo", "etc/sudo.conf", "etc/sudoers"]) { RedirectStandardOutput = true })!;
        using var files = new MemoryStream();
        await tar.StandardOutput.BaseStream.CopyToAsync(files, Token);
        await tar.WaitForExitAsync(Token);
        Assert.SkipUnless(tar.ExitCode == 0, "this machine has no sudo to give");
        var (engine, connection) = MirrorLab.Connected();
        using var ending = engine;
        foreach (var node in MirrorLab.Nodes)
        {
            var host = await connection.OpenNodeAsync(node, Token);
            var result = await host.RunAsync(new RemoteCommand("tar", "-xf", "-", "-C", "/") { StandardInput = files.ToArray() }, Token);
            Assert.True(result.ExitStatus == 0, result.ErrorText);
            await MirrorLab.RunAsync(connection, node, "mkdir", "-p", "/etc/sudoers.d");
        }
    }
}
