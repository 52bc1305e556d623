using System.Text.RegularExpressions;
using Ganeti.Luxi;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Cluster;

/// <summary>Text that wants to be a command, an option, a line or an order to the terminal is text, on every way in and out.</summary>
[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class HostileTextTests : IDisposable
{
    private const string Mark = "/tmp/gnt-executed";

    private static readonly string[] Texts =
    [
        "it's", "a b", "a\nb", "\"", $"$(touch {Mark})", $"`touch {Mark}`", $"; touch {Mark} #", $"'; touch {Mark}; '", $"| touch {Mark}", $"&& touch {Mark}", $"\ntouch {Mark}\n",
        "-rf", "--help", "--", "-", "..", "/", "a\0b", "\u001b[2J\u001b]0;owned\a", "\u009b2J", "a\rb", "a\u202eb", "\u2066x", "%s%n", "*", "~root", "\\", "${IFS}", "é漢😀", "a,b=c", "\ud83d",
    ];

    private readonly PowerShellEngine _engine;

    public HostileTextTests()
    {
        Lab.Require();
        _engine = Lab.Connected();
        _engine.Set("texts", Texts);
    }

    public void Dispose() => _engine.Dispose();

    [Theory]
    [InlineData("a guest's name", "Get-GntInstance -Name $_")]
    [InlineData("a new guest's name", "New-GntInstance -Name $_ -OS noop+default -Hypervisor fake -NoInstall -NoNic -NoNameCheck -WhatIf")]
    [InlineData("a guest's new name", "Rename-GntInstance vm4 -NewName $_ -NoNameCheck -Force")]
    [InlineData("a node's name", "Get-GntNode -Name $_; Get-GntHistory -Node $_")]
    [InlineData("a field", "Get-GntInstance vm1 -Field $_ -ConfigurationOnly")]
    [InlineData("a device", "Get-BlockHolder h3 $_")]
    [InlineData("an export", "Get-GntExport -Name $_")]
    [InlineData("a copy's name", "Copy-GntInstance vm4 $_ -Plan; Copy-GntInstance vm4 $_ -WhatIf")]
    [InlineData("an export to save", "Save-GntExport $_ -WhatIf")]
    [InlineData("a network", "Get-GntNetwork -Name $_; Get-GntInstance -Network $_")]
    [InlineData("a cluster", "Get-GntNode -Cluster $_")]
    [InlineData("a host", "Connect-GntCluster -Name $_ -Timeout 1 -KnownHostsFile /dev/null")]
    [InlineData("a user", "Connect-GntCluster h1 -User $_ -Timeout 5")]
    [InlineData("a jump host", "Connect-GntCluster h1 -JumpHost $_ -Timeout 1")]
    [InlineData("a configuration file", "Connect-GntCluster h1 -ConfigFile $_ -Timeout 2")]
    [InlineData("a known_hosts file", "Connect-GntCluster h1 -KnownHostsFile $_ -Timeout 2")]
    public void Text_on_its_way_in_is_never_executed_and_never_raw_on_the_screen(string what, string script)
    {
        Assert.NotEmpty(what);
        var outcome = Try(script);

        // What is refused says why by an id of the registry or of PowerShell's own binding.
        Assert.DoesNotContain(outcome.Errors, error => error.FullyQualifiedErrorId.StartsWith("Unexpected", StringComparison.Ordinal));
        Assert.Null(outcome.Terminating);
    }

    // A job for each text.
    [Theory]
    [Trait("Pace", "long")]
    [InlineData("a definition", "Get-GntOs -Name $_; Set-GntOs -Name $_ -Hidden -WhatIf")]
    public void Text_on_a_long_way_in_is_never_executed_and_never_raw_on_the_screen(string what, string script) =>
        Text_on_its_way_in_is_never_executed_and_never_raw_on_the_screen(what, script);

    [Fact]
    [Trait("Pace", "long")]
    public void Tags_are_as_Ganeti_takes_them_and_what_it_refuses_is_one_error_each()
    {
        _engine.Set("texts", Texts.Append("web").ToArray());
        var outcome = Try("Add-GntTag $_ -Instance vm4");

        Assert.All(outcome.Errors, error => Assert.Contains(error.FullyQualifiedErrorId.Split(',')[0], (string[])["InputInvalid", "ParameterInvalid", "LuxiRequestRefused", "JobFailed", "ParameterArgumentValidationError"]));
        var kept = Lab.Exec("h1", "gnt-instance", "list-tags", "vm4").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            Assert.Contains("web", kept);
            Assert.All(kept, tag => Assert.Matches("^[\\w.+*/:@-]+$", tag));
            Assert.Equal(kept.Length, Texts.Length + 1 - outcome.Errors.Count);
        }
        finally
        {
            _engine.Run("Get-GntTag -Instance vm4 | Remove-GntTag -Confirm:$false");
        }
    }

    [Fact]
    [Trait("Pace", "long")]
    public void Parameters_of_an_operating_system_come_back_as_they_went()
    {
        try
        {
            foreach (var text in Texts.Where(text => !text.Contains('\ud83d') || text.Length > 1))
            {
                _engine.Set("text", text);
                var set = _engine.Run("Set-GntInstance vm4 -OSParameter @{ hostile = $text } -PassThru");
                if (set.Errors.Count == 0)
                {
                    Assert.Equal(text, set.One<GntInstance>().OSParameters!["hostile"]);
                }
            }

            AssertUnharmed();
        }
        finally
        {
            _engine.Run("Set-GntInstance vm4 -OSParameter @{ hostile = $null }");
        }
    }

    [Fact]
    public async Task A_job_about_such_texts_is_shown_and_steers_nothing()
    {
        var connection = _engine.Run("Connect-GntCluster h1").Succeeded().One<GntConnection>();
        var id = (long)(await connection.Luxi.TellAsync(
            "SubmitJob",
            writer => LuxiJson.WriteValue(writer, new object?[]
            {
                new GntParameters
                {
                    ["OP_ID"] = "OP_TAGS_SET",
                    ["kind"] = "instance",
                    ["name"] = "vm4.lab.example",
                    ["tags"] = Texts.Where(text => text.All(char.IsAscii)).Cast<object?>().ToArray(),
                    ["reason"] = Array.Empty<object?>(),
                },
            }),
            LuxiJson.ReadValue,
            TestContext.Current.CancellationToken))!;

        var outcome = Try("$_ | Out-Null", $"Wait-GntJob {id} -Verbose; Get-GntJob {id}; Watch-GntJob {id}");

        Assert.Contains(outcome.Errors, error => error.Exception is GntJobException && error.Exception.Message.Contains("invalid characters", StringComparison.Ordinal));
        Assert.Contains(_engine.Run($"(Get-GntJob {id}).Operations.Parameters.tags").Output, tag => $"{tag}".Contains("[2J", StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_node_says_is_shown_and_steers_nothing()
    {
        const string Evil = "\u001b[2J\u202e\a";
        Lab.Exec("h3", "sh", "-c", "mkdir -p /var/lib/ganeti-powershell; printf '1795460000.0\\t{\"Id\":\"x\",\"Operator\":\"%s\",\"Cmdlet\":\"c\",\"Event\":\"%s\",\"Message\":\"%s\"}\\n' \"$1\" \"$1\" \"$1\" >/var/lib/ganeti-powershell/history; mkdir -p \"/var/lib/ganeti/export/$1\" '/var/lib/ganeti/export/$(touch " + Mark + ")'; printf '[instance]\\nname = %s\\n' \"$1\" >\"/var/lib/ganeti/export/$1/config.ini\"; printf 'printf \"%s\" >&2' \"$1\" >/root/.bashrc", "sh", Evil);
        try
        {
            Try("$_ | Out-Null", "Get-GntHistory h3; Get-GntExport -Node h3; Get-BlockHolder h3 nosuch");

            Lab.Exec("h3", "sh", "-c", "echo '; exit 3' >>/root/.bashrc");
            var outcome = Try("$_ | Out-Null", "Get-GntHistory h3");
            Assert.Contains("␛[2J", Assert.Single(outcome.Errors).Exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            Lab.Exec("h3", "sh", "-c", "rm -rf /var/lib/ganeti-powershell/history /root/.bashrc /var/lib/ganeti/export/*");
        }
    }

    [Fact]
    public void Exports_and_folders_of_such_names_are_saved_in_their_place_and_nowhere_else()
    {
        const string Make = """
            for name; do
              mkdir -p "/var/lib/ganeti/export/$name" && cd "/var/lib/ganeti/export/$name" && printf data >disk.snap &&
                printf '[export]\nversion = 0\nsource = h3\n[instance]\nname = vm4.lab.example\ndisk_count = 1\ndisk0_dump = disk.snap\ndisk0_size = 1\ndisk0_ivname = disk/0\nnic_count = 0\n' >config.ini
            done
            """;
        // What a file system takes at all.
        string[] names = [.. Texts.Where(text => text.Length > 0 && text is not (".." or "." or "/") && !text.Contains('/', StringComparison.Ordinal) && !text.Contains('\0', StringComparison.Ordinal) && !char.IsSurrogate(text[^1])), "plain"];
        var folder = Directory.CreateTempSubdirectory("gnt-hostile-").FullName;
        var inner = Directory.CreateDirectory(Path.Combine(folder, "inner")).FullName;
        Lab.Exec("h3", ["sh", "-c", Make, "sh", .. names]);
        try
        {
            _engine.Set("inner", inner);
            // In a path, PowerShell has meanings of its own for these two.
            string[] folders = [.. names.Where(name => !name.Contains('\\', StringComparison.Ordinal) && !name.Contains('`', StringComparison.Ordinal))];
            _engine.Set("folders", folders);
            Try("$_ | Out-Null", "Get-GntExport -Node h3 | Save-GntExport -Path $inner");
            Assert.True(File.Exists(Path.Combine(inner, "plain", "disk.snap")));

            // A folder of such a name has it, and only it.
            Try("$_ | Out-Null", "foreach ($name in $folders) { Save-GntExport plain -Path \"$inner/to$name\" }");
            Assert.All(folders, name => Assert.True(File.Exists(Path.Combine(inner, "to" + name, "plain", "config.ini")), name));
            Assert.Equal([inner], Directory.GetFileSystemEntries(folder));
            Assert.All(Directory.GetFileSystemEntries(inner), entry => Assert.Contains(Path.GetFileName(entry), names.Concat(names.Select(name => "to" + name))));
        }
        finally
        {
            Lab.Exec("h3", "sh", "-c", "rm -rf /var/lib/ganeti/export/* /var/lib/ganeti/export/.[!.]*");
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void What_a_job_logs_is_shown_and_steers_nothing()
    {
        const string Evil = "\u001b[2J\u001b]0;owned\a\u202e $(touch " + Mark + ") `touch " + Mark + "`";
        const string Hook = "/etc/ganeti/hooks/instance-modify-post.d";
        Lab.Exec("h1", "sh", "-c", "mkdir -p \"$1\"; printf '#!/bin/sh\\ncat <<\"END\"\\n%s\\nEND\\nexit 1\\n' \"$2\" >\"$1/hostile\"; chmod 755 \"$1/hostile\"", "sh", Hook, Evil);
        try
        {
            var id = _engine.Run("Set-GntInstance vm4 -VCpu 2 -NoWait").Succeeded().One<GntJob>().Id;
            Try("$_ | Out-Null", $"Watch-GntJob {id}; Wait-GntJob {id} -Verbose; Get-GntJob {id}; (Get-GntJob {id}).Operations; (Get-GntJob {id}).Operations.Log");

            Assert.Contains("[2J", _engine.Host.Text + string.Concat(_engine.Run($"(Get-GntJob {id}).Operations.Log | ForEach-Object {{ \"$_\" }}").Output), StringComparison.Ordinal);
        }
        finally
        {
            Lab.Exec("h1", "rm", "-rf", Hook);
            _engine.Run("Set-GntInstance vm4 -VCpu 1").Succeeded();
        }
    }

    [Fact]
    public void What_a_known_hosts_file_says_is_shown_and_steers_nothing()
    {
        var file = Path.GetTempFileName();
        try
        {
            var lines = File.ReadAllLines(Path.Combine(Environment.GetEnvironmentVariable("GANETI_LAB_HOME")!, ".ssh", "known_hosts")).Where(line => line.StartsWith("h2,", StringComparison.Ordinal));
            File.WriteAllLines(file, lines.Select(line => $"h1 {line.Split(' ', 2)[1]} \u001b[2J\u202e\a$(touch {Mark})").Append("\u001b[2J").Append("h1 ssh-ed25519 \u001b[2J"));

            Assert.Contains(Try("$_ | Out-Null", $"Connect-GntCluster h1 -KnownHostsFile '{file}'").Errors, error => error.FullyQualifiedErrorId.StartsWith("HostKeyChanged", StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Does something with each text, all of whose streams go to the screen.</summary>
    private Outcome Try(string script, string once = "")
    {
        // The errors are shown as PowerShell shows them, and kept.
        var outcome = _engine.Run($"$texts | ForEach-Object {{ {script} }} 2>&1 | Out-Default; $shown = $Error.Count; {once}");
        var all = outcome with { Errors = [.. _engine.Run("$Error").Output.Select(item => item.BaseObject).OfType<System.Management.Automation.ErrorRecord>().Concat(outcome.Errors).Distinct()] };
        _engine.Set("once", outcome.Output);
        _engine.Run("$once | Out-Default; $Error.Clear()");
        AssertUnharmed();
        Assert.All(all.Errors, error => AssertHarmless(error.Exception.Message));
        return all;
    }

    private void AssertUnharmed()
    {
        // Colours are the views' own.
        AssertHarmless(Regex.Replace(_engine.Host.Text, "\u001b\\[[0-9;]*m", string.Empty));
        Assert.False(File.Exists(Mark));
        foreach (var node in new[] { "h1", "h2", "h3" })
        {
            Assert.Equal("no\n", Lab.Exec(node, "sh", "-c", $"test -e {Mark} && echo yes || echo no"));
        }
    }

    private static void AssertHarmless(string text)
    {
        var raw = text.IndexOfAny([.. Enumerable.Range(0, 0xa0).Select(code => (char)code).Where(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')), '\u202e', '\u2066']);
        Assert.True(raw < 0, $"raw on the screen: …{text[Math.Max(0, raw - 200)..Math.Min(text.Length, raw + 50)].Replace("\u001b", "<ESC>", StringComparison.Ordinal)}…");
    }
}
