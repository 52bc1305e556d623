namespace Ganeti.Tests.Hosting;

[Trait("Kind", "engine")]
public sealed class ConsoleTerminalTests
{
    private const string Asking =
        "function f { [CmdletBinding(SupportsShouldProcess, ConfirmImpact='High')] param() if ($PSCmdlet.ShouldProcess('x','y')) { 'di' + 'd' } else { 'di' + 'd not' } }";

    [Fact]
    public async Task Ctrl_C_stops_the_pipeline_and_not_the_process()
    {
        using var terminal = await Start();
        terminal.Enter("'start' + 'ed'; while ($true) {}");
        await terminal.Expect("started");
        terminal.Send(PseudoTerminal.CtrlC);
        await terminal.Expect(PseudoTerminal.Prompt);
        terminal.Enter("'still ' + 'here'; exit 5");
        await terminal.Expect("still here");

        Assert.Equal(5, await terminal.Exit());
    }

    [Fact]
    public async Task Ctrl_C_twice_while_stopping_leaves_the_process_alone_and_what_is_said_at_the_end_is_shown()
    {
        using var terminal = await Start();
        terminal.Enter(
            "function s { [CmdletBinding()] param() process { 'start' + 'ed'; while ($true) { [Threading.Thread]::Sleep(600) } } " +
            "clean { $Host.UI.WriteWarningLine('goes ' + 'on') } }; s");
        await terminal.Expect("started");
        terminal.Send(PseudoTerminal.CtrlC + PseudoTerminal.CtrlC);
        await terminal.Expect("WARNING: goes on");
        await terminal.Expect(PseudoTerminal.Prompt);
        terminal.Enter("exit");

        Assert.Equal(0, await terminal.Exit());
    }

    [Fact]
    public async Task Ctrl_C_at_the_prompt_clears_the_line()
    {
        using var terminal = await Start();
        terminal.Send("'never ' + 'run'" + PseudoTerminal.CtrlC);
        await terminal.Expect("\n");
        await terminal.Expect(PseudoTerminal.Prompt);
        terminal.Enter("'oth' + 'er'; exit");
        var rest = await terminal.Expect("other");

        Assert.DoesNotContain("never run", rest, StringComparison.Ordinal);
        await terminal.Exit();
    }

    [Theory]
    [InlineData("-Command")]
    [InlineData("-File")]
    public async Task Ctrl_C_ends_a_command_or_a_script_with_130(string option)
    {
        using var script = new ScriptFile("'start' + 'ed'; while ($true) { [Threading.Thread]::Sleep(50) }");
        using var terminal = new PseudoTerminal($"{option} {(option == "-File" ? '"' : "\". '")}{script.Path}{(option == "-File" ? '"' : "'\"")}");
        await terminal.Expect("started");
        terminal.Send(PseudoTerminal.CtrlC);

        Assert.Equal(130, await terminal.Exit());
    }

    [Fact]
    public async Task Tab_completes_a_command()
    {
        using var terminal = await Start();
        terminal.Send("Get-Modu\t");
        await terminal.Expect("Get-Module");
    }

    [Fact]
    public async Task Tab_lists_what_is_ambiguous_with_tooltips_and_goes_through_it()
    {
        using var terminal = await Start();
        terminal.Send("Where-Object -CNotM");
        await terminal.Expect("-CNotM");
        terminal.Send("\u0015Where-Object -CL\t");
        await terminal.Expect("CLike");
        await terminal.Expect("[switch] CLike");
        terminal.Send("\t");
        await terminal.Expect("Where-Object -CLT");
        terminal.Send("\t");
        await terminal.Expect("Where-Object -CLE");
        terminal.Send("\e[Z");
        await terminal.Expect("Where-Object -CLT");
    }

    [Theory]
    [InlineData("'x'.Substr", "'x'.Substring(")]
    [InlineData("cat /etc/hostna", "cat /etc/hostname")]
    [InlineData("$env:XDG_STATE_HO", "$env:XDG_STATE_HOME")]
    public async Task Tab_completes_members_paths_and_variables(string typed, string completed)
    {
        using var terminal = await Start();
        terminal.Send(typed + "\t");
        await terminal.Expect(completed);
    }

    [Fact]
    public async Task History_comes_back_with_the_up_key_and_in_the_next_session()
    {
        using var terminal = await Start();
        terminal.Enter("$n++; \"count $n\"");
        await terminal.Expect("count 1");
        await terminal.Expect(PseudoTerminal.Prompt);
        terminal.Send(PseudoTerminal.Up + "\r");
        await terminal.Expect("count 2");
        terminal.Enter("exit");
        await terminal.Exit();

        Assert.Equal(["$n++; \"count $n\"", "exit"], await File.ReadAllLinesAsync(terminal.HistoryFile, TestContext.Current.CancellationToken));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(terminal.HistoryFile) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task An_unfinished_command_goes_on_in_the_next_line()
    {
        using var terminal = await Start();
        terminal.Enter("function g {");
        await terminal.Expect(">> ");
        terminal.Enter("'of two ' + 'lines' }");
        await terminal.Expect(PseudoTerminal.Prompt);
        terminal.Enter("g");
        await terminal.Expect("of two lines");
    }

    [Fact]
    public async Task A_confirmation_is_asked_and_the_answer_counts()
    {
        using var terminal = await Start();
        terminal.Enter(Asking);
        await terminal.Expect(PseudoTerminal.Prompt);
        terminal.Enter("f");
        await terminal.Expect("[?] Help (default is \"Y\"): ");
        terminal.Enter("?");
        await terminal.Expect("N - ");
        await terminal.Expect("(default is \"Y\"): ");
        terminal.Enter("n");
        await terminal.Expect("did not");
    }

    [Fact]
    public async Task Ctrl_C_at_a_question_stops_the_pipeline_that_asks()
    {
        using var terminal = await Start();
        terminal.Enter(Asking);
        await terminal.Expect(PseudoTerminal.Prompt);
        terminal.Enter("f; 'go' + 'es on'");
        await terminal.Expect("(default is \"Y\"): ");
        terminal.Send(PseudoTerminal.CtrlC);
        var rest = await terminal.Expect(PseudoTerminal.Prompt);

        Assert.DoesNotContain("did", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("goes on", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_mandatory_parameters_are_asked_for_and_secrets_are_not_shown()
    {
        using var terminal = await Start();
        terminal.Enter("function g { param([Parameter(Mandatory)] [string] $Name, [Parameter(Mandatory)] [string[]] $List, [Parameter(Mandatory)] [securestring] $Secret) \"$Name $($List.Count) $($Secret.Length)\" }");
        await terminal.Expect(PseudoTerminal.Prompt);
        terminal.Enter("g");
        await terminal.Expect("Name: ");
        terminal.Enter("vm1");
        await terminal.Expect("List[0]: ");
        terminal.Enter("a");
        await terminal.Expect("List[1]: ");
        terminal.Enter(string.Empty);
        await terminal.Expect("Secret: ");
        terminal.Enter("hidden");
        var rest = await terminal.Expect("vm1 1 6");

        Assert.DoesNotContain("hidden", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_is_drawn_below_the_output_and_erased_at_the_end()
    {
        using var terminal = await Start();
        terminal.Enter(
            "foreach ($i in 1..8) { foreach ($k in 1, 2) { $r = [Management.Automation.ProgressRecord]::new($k, \"Moving vm$k\", 'copying'); " +
            "$r.PercentComplete = 50; $r.SecondsRemaining = 75; $Host.UI.WriteProgress(1, $r) }; [Threading.Thread]::Sleep(100) }; 'do' + 'ne'");
        await terminal.Expect("Moving vm1: copying [██████████          ] 50% 1:15 left");
        await terminal.Expect("Moving vm2: copying");
        await terminal.Expect("done");

        Assert.Matches("\e\\[2A\r\e\\[J", terminal.Raw);
    }

    [Fact]
    public async Task Ctrl_D_on_an_empty_line_leaves()
    {
        using var terminal = await Start();
        terminal.Send(PseudoTerminal.CtrlD);

        Assert.Equal(0, await terminal.Exit());
    }

    [Fact]
    public async Task The_users_prompt_function_and_an_open_line_are_respected()
    {
        using var terminal = await Start();
        terminal.Enter("function prompt { \"`e[32mmine`e[0m: \" }; $Host.UI.Write('op' + 'en')");
        await terminal.Expect("open\r\n");
        await terminal.Expect("mine: ");
    }

    private static async Task<PseudoTerminal> Start()
    {
        var terminal = new PseudoTerminal();
        await terminal.Expect(PseudoTerminal.Prompt);
        return terminal;
    }
}
