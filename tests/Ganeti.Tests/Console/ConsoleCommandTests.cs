namespace Ganeti.Tests.Hosting;

[Trait("Kind", "engine")]
public sealed class ConsoleCommandTests
{
    private const string Asking =
        "function f { [CmdletBinding(SupportsShouldProcess, ConfirmImpact='High')] param() if ($PSCmdlet.ShouldProcess('x','y')) { 'did' } }; ";

    [Fact]
    public void Output_of_a_command_goes_to_standard_output()
    {
        var result = ConsoleProgram.Run("-Command", "1..3 | ForEach-Object { $_ * 2 }");

        Assert.Equal(["2", "4", "6"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(0, result.Status);
    }

    [Fact]
    public void All_that_follows_the_command_option_is_the_command()
    {
        var result = ConsoleProgram.Run("-c", "'a'", "-eq", "'a'");

        Assert.Equal("True\n", result.Output);
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("'fine'; exit 0", 0)]
    [InlineData("throw 'bad'", 1)]
    [InlineData("No-SuchCommand", 1)]
    [InlineData("'before'; false", 1)]
    [InlineData("false; 'after'", 0)]
    [InlineData("if (", 1)]
    public void The_exit_status_of_a_command_tells_how_it_ended(string command, int status) =>
        Assert.Equal(status, ConsoleProgram.Run("-Command", command).Status);

    [Fact]
    public void Errors_go_to_standard_error_and_the_pipeline_goes_on()
    {
        var result = ConsoleProgram.Run("-Command", "No-SuchCommand; 'after'");

        Assert.Equal("after\n", result.Output);
        Assert.Contains("No-SuchCommand", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', result.Errors);
        Assert.Equal(0, result.Status);
    }

    [Fact]
    public void A_terminating_error_is_shown_as_an_error()
    {
        var result = ConsoleProgram.Run("-Command", "'first line'\nthrow 'very bad'");

        Assert.Equal("first line\n", result.Output);
        Assert.Contains("very bad", result.Errors, StringComparison.Ordinal);
        Assert.Contains("2 |", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'never run'; if (1) {", "Missing closing '}'")]
    [InlineData("'never run'; 1 + ]", "You must provide a value expression")]
    public void A_syntax_error_is_shown_with_its_place(string command, string message)
    {
        var result = ConsoleProgram.Run("-Command", command);

        Assert.Empty(result.Output);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
        Assert.Contains("1 |", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_script_file_takes_named_and_positional_arguments()
    {
        using var script = new ScriptFile("param($Name, [switch]$Flag, [switch]$Off, $Rest) \"$Name|$Flag|$Off|$Rest\"");

        var result = ConsoleProgram.Run("-File", script.Path, "-Name", "it's $x", "-Flag", "-Off:$false", "-1");

        Assert.Equal("it's $x|True|False|-1\n", result.Output);
    }

    [Theory]
    [InlineData("exit 9", 9)]
    [InlineData("throw 'x'", 1)]
    [InlineData("false", 0)]
    [InlineData("'fine'", 0)]
    public void The_exit_status_of_a_script_file_is_its_own(string text, int status)
    {
        using var script = new ScriptFile(text);

        Assert.Equal(status, ConsoleProgram.Run("-File", script.Path).Status);
    }

    [Fact]
    public void A_script_on_standard_input_is_run_as_a_whole()
    {
        var result = ConsoleProgram.RunWithInput("function f {\n  'in f'\n}\nf\nexit 3\n");

        Assert.Equal("in f\n", result.Output);
        Assert.Equal(3, result.Status);
    }

    [Theory]
    [InlineData("-")]
    [InlineData("-Command", "-")]
    [InlineData("-File", "-")]
    public void A_dash_stands_for_standard_input(params string[] arguments) =>
        Assert.Equal("2\n", ConsoleProgram.RunWithInput("1 + 1", arguments).Output);

    [Theory]
    [InlineData("-Bogus")]
    [InlineData("-File")]
    [InlineData("-File", "/no/such/script.ps1")]
    public void A_wrong_command_line_is_status_64(params string[] arguments)
    {
        var result = ConsoleProgram.Run(arguments);

        Assert.Equal(64, result.Status);
        Assert.NotEmpty(result.Errors);
    }

    [Theory]
    [InlineData("-NonInteractive", "-Command")]
    [InlineData("-nonInteractive", "-COMMAND")]
    [InlineData("-Command")]
    public void A_question_that_nobody_can_answer_is_an_error(params string[] options)
    {
        var result = ConsoleProgram.Run([.. options, Asking + "f"]);

        Assert.Empty(result.Output);
        Assert.Contains("can't ask", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_mandatory_parameter_fails_instead_of_hanging()
    {
        var result = ConsoleProgram.Run("-NonInteractive", "-Command", "function g { param([Parameter(Mandatory)] $Name) 'ran' }; g");

        Assert.Empty(result.Output);
        Assert.Equal(1, result.Status);
    }

    [Fact]
    public void Redirected_output_is_plain_and_120_columns_wide()
    {
        var result = ConsoleProgram.Run("-Command", "[pscustomobject]@{ A = 'a' * 70; B = 'b' * 48 }; $PSStyle.Foreground.Red + 'red'");

        // The engine leaves the last column free, as it does in pwsh.
        Assert.Contains(new string('a', 70) + " " + new string('b', 48) + "\n", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("\nred", result.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain('\e', result.Output);
    }

    [Fact]
    public void Streams_carry_the_prefixes_that_pwsh_gives_them()
    {
        var result = ConsoleProgram.Run("-Command",
            "function f { [CmdletBinding()] param() $PSCmdlet.WriteWarning('w'); $PSCmdlet.WriteVerbose('v'); $PSCmdlet.WriteInformation('i', @()) }; f -Verbose -InformationAction Continue");

        Assert.Equal("WARNING: w\nVERBOSE: v\ni\n", result.Output);
    }

    [Fact]
    public void Progress_is_not_shown_where_there_is_no_terminal()
    {
        var result = ConsoleProgram.Run("-Command",
            "$Host.UI.WriteProgress(1, [Management.Automation.ProgressRecord]::new(1, 'Moving', 'step')); [Threading.Thread]::Sleep(400); 'end'");

        Assert.Equal("end\n", result.Output);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public void A_cmdlet_that_only_pwsh_has_is_named_as_such()
    {
        var result = ConsoleProgram.Run("-Command", "1 | Format-Table; select a; Get-Command Select-Object");

        Assert.Contains("Format-Table: This console has the PowerShell engine's core cmdlets only", result.Errors, StringComparison.Ordinal);
        Assert.Contains("Select-Object: This console has the PowerShell engine's core cmdlets only", result.Errors, StringComparison.Ordinal);
        Assert.Contains("'Select-Object' is not recognized", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-Help Where-Object")]
    [InlineData("help Where-Object")]
    public void Help_of_the_engine_is_there(string command)
    {
        var result = ConsoleProgram.Run("-Command", command);

        Assert.Contains("Where-Object [-Property]", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public void The_module_is_imported()
    {
        var result = ConsoleProgram.Run("-Command", "(Get-Module Ganeti).Name; (Get-Command -Module Ganeti).Count -gt 0");

        Assert.Equal("Ganeti\nTrue\n", result.Output);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public void Another_module_is_imported_when_it_is_named()
    {
        using var script = new ScriptFile(string.Empty);
        var module = Path.ChangeExtension(script.Path, ".psm1");
        File.WriteAllText(module, "function Get-Thing { 'thing' }");

        Assert.Equal("thing\n", ConsoleProgram.Run("-Module", module, "-Command", "Get-Thing").Output);
    }
}
