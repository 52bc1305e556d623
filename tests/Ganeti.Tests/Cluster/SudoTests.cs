using System.Management.Automation;
using System.Security.Cryptography;
using Ganeti.Remote;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Cluster;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class SudoTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public SudoTests() => Lab.Require();

    [Fact]
    public async Task An_operator_with_sudo_reads_guests_changes_one_and_is_root_on_the_nodes()
    {
        using var user = new LabUser("op");
        using var engine = new PowerShellEngine();

        var connection = engine.Run("Connect-GntCluster op@h2 -Sudo").Succeeded().One<GntConnection>();

        Assert.Equal(("op", true, "h1.lab.example"), (connection.User, connection.Sudo, connection.Master));
        Assert.Equal(Lab.List("gnt-instance", "name").Select(row => row[0]).Order(), engine.Run("Get-GntInstance").Succeeded().Of<GntInstance>().Select(guest => guest.Name!).Order());
        engine.Run("Get-GntInstance vm4 | Add-GntTag by-sudo").Succeeded();
        Assert.Contains("by-sudo", Lab.List("gnt-instance", "tags", "vm4.lab.example")[0][0], StringComparison.Ordinal);
        engine.Run("Get-GntInstance vm4 | Remove-GntTag by-sudo -Confirm:$false").Succeeded();

        foreach (var name in (string[])["h1.lab.example", "h2.lab.example"])
        {
            var node = await connection.OpenNodeAsync(name, Token);
            Assert.Equal($"0 {name} C UTC\n", (await node.RunAsync(RemoteCommand.Script("echo $(id -u) $(hostname -f) $LC_ALL $TZ"), Token)).OutputText);
            Assert.Equal("op\n", (await node.RunAsync(new RemoteCommand("id", "-un") { AsLogin = true }, Token)).OutputText);
        }
    }

    [Fact]
    public async Task Input_and_arguments_come_through_sudo_unchanged()
    {
        using var user = new LabUser("op");
        using var engine = new PowerShellEngine();
        var connection = engine.Run("Connect-GntCluster op@h1 -Sudo").Succeeded().One<GntConnection>();
        var node = await connection.OpenNodeAsync("h3.lab.example", Token);
        string[] arguments = ["", " ", "-n", "--", "A=1", "$(id)", "`id`", "a'b\"c\\", "x\ny", "\u202e*", "%h \\$HOME"];
        var bytes = RandomNumberGenerator.GetBytes(1024 * 1024);

        var printed = await node.RunAsync(RemoteCommand.Script("printf '%s\\0' \"$@\"", arguments), Token);
        var copied = await node.RunAsync(new RemoteCommand("cat") { StandardInput = bytes }, Token);

        Assert.Equal(arguments, printed.OutputText.Split('\0')[..^1]);
        Assert.True(copied.Output.Span.SequenceEqual(bytes));
        Assert.Equal(7, (await node.RunAsync(RemoteCommand.Script("echo 'sudo: a password is required' >&2; exit 7"), Token)).ExitStatus);
    }

    [Theory]
    [InlineData("h1.lab.example")]
    [InlineData("h2.lab.example")]
    public async Task A_cancelled_command_of_root_ends_and_what_it_has_detached_goes_on(string name)
    {
        using var user = new LabUser("op");
        using var engine = new PowerShellEngine();
        var connection = engine.Run("Connect-GntCluster op@h1 -Sudo").Succeeded().One<GntConnection>();
        var node = await connection.OpenNodeAsync(name, Token);
        var seconds = $"87{RandomNumberGenerator.GetInt32(10000, 99999)}";
        var (command, watchdog) = ($"sleep {seconds}1", $"sleep {seconds}2");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = node.RunAsync(RemoteCommand.Script("setsid sleep \"$2\" >/dev/null 2>&1 </dev/null & sleep \"$1\"", $"{seconds}1", $"{seconds}2"), cancel.Token);
        await Lab.EventuallyAsync(() => IsRunning(command) && IsRunning(watchdog), "the command has started");

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Lab.AtOnce, Token));
        await Lab.EventuallyAsync(() => !IsRunning(command), "the command has ended");
        Assert.True(IsRunning(watchdog));
        Lab.Exec(Short(), "pkill", "-xf", watchdog);
        Assert.Equal(0, (await node.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);

        string Short() => name.Split('.')[0];

        bool IsRunning(string line) => Lab.Exec(Short(), "sh", "-c", "pgrep -xf -u root \"$1\" || :", "sh", line).Length > 0;
    }

    [Fact]
    public async Task Commands_of_root_that_are_cancelled_in_any_moment_all_end()
    {
        using var user = new LabUser("op");
        using var engine = new PowerShellEngine();
        var connection = engine.Run("Connect-GntCluster op@h1 -Sudo").Succeeded().One<GntConnection>();
        var node = await connection.OpenNodeAsync("h2.lab.example", Token);
        var mark = $"sleep 86{RandomNumberGenerator.GetInt32(10000, 99999)}";
        for (var i = 0; i < 24; i++)
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            cancel.CancelAfter(TimeSpan.FromMilliseconds(i * 4));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => node.RunAsync(new RemoteCommand("sleep", mark[6..]), cancel.Token));
        }

        Assert.Equal(0, (await node.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
        await Lab.EventuallyAsync(() => Lab.Exec("h2", "sh", "-c", "pgrep -f \"$1\" || :", "sh", $"[s]{mark[1..]}").Length == 0, "all have ended");
    }

    [Theory]
    [InlineData(null, "op ALL=(root) NOPASSWD: ALL")]
    [InlineData("op ALL=(root) ALL", "op ALL=(root) NOPASSWD: ALL")]
    [InlineData("op ALL=(root) NOPASSWD: /usr/bin/gnt-instance", "op ALL=(root) NOPASSWD: ALL")]
    [InlineData("Defaults:op !authenticate", "op ALL=(root) NOPASSWD: ALL")]
    [InlineData("Defaults:op !authenticate\nop ALL=(root) /usr/bin/gnt-instance", "op ALL=(root) NOPASSWD: ALL")]
    [InlineData("Defaults:op !authenticate\nop elsewhere=(root) ALL", "op ALL=(root) NOPASSWD: ALL")]
    [InlineData("op ALL=(root) NOPASSWD: ALL\nDefaults requiretty", "Defaults:op !requiretty")]
    public void When_sudo_refuses_the_missing_line_is_named(string? line, string missing)
    {
        using var user = new LabUser("op", sudoers: null);
        user.Allow("h1", line ?? string.Empty);
        using var engine = new PowerShellEngine();

        var error = engine.Run("Connect-GntCluster op@h1 -Sudo").FailedWith("SudoRefused").Error;

        Assert.Equal(ErrorCategory.PermissionDenied, error.CategoryInfo.Category);
        Assert.StartsWith("sudo on h1 does not let op run commands as root: ", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains($"'{missing}'", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);

        // What is recommended is what helps.
        user.Allow("h1", line ?? string.Empty, missing);
        engine.Run("Connect-GntCluster op@h1 -Sudo").Succeeded();
    }

    [Fact]
    public void A_host_without_sudo_says_so()
    {
        using var user = new LabUser("op");
        using var engine = new PowerShellEngine();
        Lab.Exec("h1", "mv", "/usr/bin/sudo", "/usr/bin/sudo.away");
        try
        {
            var error = engine.Run("Connect-GntCluster op@h1 -Sudo").FailedWith("SudoRefused").Error;
            Assert.StartsWith("h1 has no sudo", error.Exception.Message, StringComparison.Ordinal);
            Assert.Contains("apt-get install sudo", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }
        finally
        {
            Lab.Exec("h1", "mv", "/usr/bin/sudo.away", "/usr/bin/sudo");
        }

        engine.Run("Connect-GntCluster op@h1 -Sudo").Succeeded();
    }

    [Fact]
    public async Task Sudo_that_refuses_on_one_node_or_from_now_on_is_told_of_that_host()
    {
        using var user = new LabUser("op");
        using var engine = new PowerShellEngine();
        var connection = engine.Run("Connect-GntCluster op@h1 -Sudo").Succeeded().One<GntConnection>();
        user.Allow("h2");
        var (refusing, other) = (await connection.OpenNodeAsync("h2.lab.example", Token), await connection.OpenNodeAsync("h3.lab.example", Token));

        var error = await Assert.ThrowsAsync<Ganeti.Remote.RemoteException>(() => refusing.RunAsync(new RemoteCommand("true"), Token));

        Assert.Equal(("SudoRefused", "h2.lab.example"), (error.Error.Id, error.Host));
        Assert.Equal(0, (await other.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);

        user.Allow("h1");
        Lab.Script("stop-daemon", "h1", "ganeti-luxid");
        Lab.Script("start-daemon", "h1", "ganeti-luxid");
        engine.Run("Get-GntNode -ConfigurationOnly").FailedWith("SudoRefused");
        user.Allow("h1", "op ALL=(root) NOPASSWD: ALL");
        Assert.Equal(3, engine.Run("Get-GntNode -ConfigurationOnly").Succeeded().Output.Count);
    }

    [Theory]
    [InlineData("", "root")]
    [InlineData("gnt-daemons", "op")]
    public async Task The_socket_is_opened_without_sudo_where_the_group_allows_it(string group, string owner)
    {
        using var user = new LabUser("op", group: group);
        using var engine = new PowerShellEngine();

        engine.Run("Connect-GntCluster op@h1 -Sudo").Succeeded();

        Assert.Equal(owner, Lab.Exec("h1", "sh", "-c", "ps -o user= -p \"$(pgrep -d, -x socat)\" | sort -u").Trim());
        Assert.Equal(3, engine.Run("Get-GntNode -ConfigurationOnly").Succeeded().Output.Count);

        engine.Run("Disconnect-GntCluster").Succeeded();
        await Lab.EventuallyAsync(() => Lab.Exec("h1", "sh", "-c", "pgrep -x socat; pgrep -x sudo; :").Length == 0, "nothing is left on the master");
    }

    [Fact]
    public async Task A_member_of_the_sockets_group_needs_no_sudo_for_what_the_master_does()
    {
        using var user = new LabUser("op", sudoers: null, group: "gnt-daemons");
        using var engine = new PowerShellEngine();

        var connection = engine.Run("Connect-GntCluster op@h1").Succeeded().One<GntConnection>();

        Assert.False(connection.Sudo);
        engine.Run("Get-GntInstance vm4 | Add-GntTag by-group").Succeeded();
        engine.Run("Get-GntInstance vm4 | Remove-GntTag by-group -Confirm:$false").Succeeded();
        var node = await connection.OpenNodeAsync("h2.lab.example", Token);
        Assert.Equal("op\n", (await node.RunAsync(new RemoteCommand("id", "-un"), Token)).OutputText);
    }

    [Fact]
    public void Who_is_neither_root_nor_in_the_group_is_told_of_both_and_of_sudo()
    {
        using var user = new LabUser("op");
        using var engine = new PowerShellEngine();

        var error = engine.Run("Connect-GntCluster op@h1").FailedWith("MasterSocketDenied").Error;

        Assert.Equal(ErrorCategory.PermissionDenied, error.CategoryInfo.Category);
        Assert.All(["-Sudo", "-User root", "adduser op gnt-daemons"], way => Assert.Contains(way, error.ErrorDetails.RecommendedAction, StringComparison.Ordinal));
    }

    [Fact]
    public void A_session_with_sudo_and_one_without_share_no_connection()
    {
        using var user = new LabUser("op", group: "gnt-daemons");
        using var plain = new PowerShellEngine();
        using var root = new PowerShellEngine();

        Assert.False(plain.Run("Connect-GntCluster op@h1").Succeeded().One<GntConnection>().Sudo);
        Assert.True(root.Run("Connect-GntCluster op@h1 -Sudo").Succeeded().One<GntConnection>().Sudo);
        Assert.False(plain.Run("Connect-GntCluster op@h1").Succeeded().One<GntConnection>().Sudo);
    }
}
