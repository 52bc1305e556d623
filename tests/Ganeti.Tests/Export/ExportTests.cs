using System.Management.Automation;
using System.Security.Cryptography;
using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Export;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class ExportTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"ganeti-export-{Guid.NewGuid():N}");

    public ExportTests() => Lab.Require();

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public void A_guest_exported_and_imported_under_another_name_has_the_same_data_and_another_MAC()
    {
        using var guest = new Guest("exp1", "noop+packed", 8);
        using var engine = Lab.Connected();
        guest.Fill();

        var export = engine.Run("Get-GntInstance exp1 | Export-GntInstance -TargetNode h2 -PassThru").Succeeded().One<GntExport>();

        Assert.Equal(("exp1.lab.example", "h2.lab.example", "h1.lab.example", true), (export.Name, export.Node, export.SourceNode, export.IsComplete));
        var disk = Assert.Single(export.Disks!);
        Assert.Equal((GntPayloadKind.Gzip, GntPayloadKind.Mbr, 8L << 20), (disk.Kind, disk.InnerKind, disk.Size));
        Assert.Equal(disk.DumpSize, export.Size);
        Assert.Equal(DateTimeOffset.Now, export.Created!.Value, TimeSpan.FromMinutes(1));
        try
        {
            var made = engine.Run("Get-GntExport exp1 | Import-GntInstance -Name exp2.lab.example -Node h3 -DiskTemplate file -NoNameCheck -PassThru").Succeeded().One<GntInstance>();

            Assert.Equal(("exp2.lab.example", "h3.lab.example", "noop+packed", GntAdminState.down), (made.Name, made.PrimaryNode, made.OS, made.AdminState));
            Assert.Equal(Sum("h1", "exp1"), Sum("h3", "exp2"));
            Assert.NotEqual(engine.Run("(Get-GntInstance exp1).Nics.Mac").One<string>(), Assert.Single(made.Nics!).Mac);
        }
        finally
        {
            Lab.Exec("h1", "gnt-instance", "remove", "-f", "exp2.lab.example");
        }

        engine.Run("Get-GntExport exp1 | Remove-GntExport -Force").Succeeded();
        Assert.Empty(engine.Run("Get-GntExport exp1*").Succeeded().Output);
    }

    [Fact]
    public void A_running_guest_whose_disks_have_no_snapshots_is_not_stopped_for_nothing()
    {
        using var guest = new Guest("exp1", "noop+default", 4, start: true);
        using var engine = Lab.Connected();
        var before = LastJob(engine);

        engine.Run("Export-GntInstance exp1 h2 -Force").FailedWith("StateWrong");
        engine.Run("Export-GntInstance exp1 h2 -NoShutdown").FailedWith("StateWrong");
        engine.Run("Export-GntInstance exp1 h2 -LongSleep").FailedWith("ConfirmationImpossible");
        engine.Run("Export-GntInstance exp1 h2 -LongSleep -WhatIf").Succeeded();

        Assert.Equal(before, LastJob(engine));
        Assert.Contains("gnt-backup export -n h2.lab.example --long-sleep exp1.lab.example; gnt-instance startup exp1.lab.example", engine.Host.Text, StringComparison.Ordinal);
        Assert.Equal(GntInstanceStatus.running, engine.Run("(Get-GntInstance exp1).Status").One<GntInstanceStatus>());

        engine.Run("Export-GntInstance exp1 h2 -LongSleep -Force").Succeeded();

        Assert.Equal(GntInstanceStatus.running, engine.Run("(Get-GntInstance exp1).Status").One<GntInstanceStatus>());
    }

    [Fact]
    public void A_guest_that_does_not_fit_is_refused_before_anything_is_submitted()
    {
        using var guest = new Guest("exp1", "noop+default", 200_000);
        using var engine = Lab.Connected();
        var before = LastJob(engine);

        var error = engine.Run("Export-GntInstance exp1 h2").FailedWith("SpaceInsufficient").Error;

        Assert.Equal(ErrorCategory.ResourceUnavailable, error.CategoryInfo.Category);
        Assert.Contains("195.3 GiB", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, LastJob(engine));
        engine.Run("Export-GntInstance exp1 h2 -IgnoreSpace -WhatIf").Succeeded();
    }

    [Theory]
    [InlineData("-NoShutdown -ShutdownTimeout 5")]
    [InlineData("-NoShutdown -Remove")]
    [InlineData("-NoShutdown -LongSleep")]
    [InlineData("-IgnoreRemoveFailures")]
    [InlineData("-ZeroingTimeout 5")]
    [InlineData("-NoWait -PassThru")]
    public void Switches_that_contradict_each_other_are_refused(string switches)
    {
        using var engine = Lab.Connected();

        engine.Run($"Export-GntInstance vm4 h1 {switches}").FailedWith("ParameterInvalid");
    }

    [Fact]
    public void Exports_are_found_by_name_guest_and_node_and_removal_says_what_goes()
    {
        using var guest = new Guest("exp1", "noop+default", 4);
        using var engine = Lab.Connected(new RecordingHost { Answer = "No" });
        engine.Run("Export-GntInstance exp1 h3").Succeeded();

        foreach (var script in new[] { "Get-GntExport exp1", "Get-GntExport exp*", "Get-GntInstance exp1 | Get-GntExport", "Get-GntNode h3 | Get-GntExport", "Get-GntExport exp1 -Node h3", "Get-GntExport exp1 | Get-GntExport" })
        {
            Assert.Equal("h3.lab.example/exp1.lab.example", engine.Run(script).Succeeded().One<GntExport>().Id);
        }

        Assert.Empty(engine.Run("Get-GntExport exp* -Node h1").Succeeded().Output);
        engine.Run("Get-GntExport exp1 -Node h1").FailedWith("ExportNotFound");
        Assert.Equal("nosuch", engine.Run("Get-GntExport nosuch").FailedWith("ExportNotFound").Error.TargetObject);
        engine.Run("Remove-GntExport nosuch -Force").FailedWith("ExportNotFound");
        engine.Run("Import-GntInstance exp1").FailedWith("EntityExists");
        Assert.Contains("exp1.lab.example", engine.Run("TabExpansion2 'Get-GntExport e' | ForEach-Object CompletionMatches | ForEach-Object CompletionText").Of<string>());

        engine.Run("Get-GntExport exp1 | Remove-GntExport").Succeeded();
        Assert.Matches("4 MiB of .* on h3.lab.example", Assert.Single(engine.Host.Questions));
        Assert.Single(engine.Run("Get-GntExport exp1").Output);

        engine.Run("Remove-GntExport exp1 -Force").Succeeded();
        engine.Run("Get-GntExport exp1").FailedWith("ExportNotFound");
    }

    [Fact]
    public void A_node_that_does_not_answer_is_one_error_and_the_others_exports_are_there()
    {
        using var guest = new Guest("exp1", "noop+default", 4);
        using var engine = Lab.Connected();
        engine.Run("Export-GntInstance exp1 h2").Succeeded();
        Lab.Script("stop-daemon", "h3", "ganeti-noded");
        try
        {
            var outcome = engine.Run("Get-GntExport").FailedWith("NodeDaemonSilent");

            Assert.Equal("h3.lab.example", outcome.Error.TargetObject);
            Assert.Equal("exp1.lab.example", outcome.One<GntExport>().Name);
        }
        finally
        {
            Lab.Script("start-daemon", "h3", "ganeti-noded");
        }
    }

    [Fact]
    public void A_node_that_never_had_an_export_has_no_folder_for_them_and_is_no_error()
    {
        using var engine = Lab.Connected();
        Lab.Exec("h3", "mv", "/var/lib/ganeti/export", "/var/lib/ganeti/export.away");
        try
        {
            Assert.Contains(engine.Run("Get-GntExport -Verbose").Succeeded().Verbose, line => line.StartsWith("h3.lab.example has no folder for exports", StringComparison.Ordinal));
        }
        finally
        {
            Lab.Exec("h3", "mv", "/var/lib/ganeti/export.away", "/var/lib/ganeti/export");
        }
    }

    [Fact]
    public void A_copy_is_planned_made_and_leaves_no_export()
    {
        using var guest = new Guest("exp1", "noop+default", 4, start: true);
        using var engine = Lab.Connected();
        guest.Fill();
        const string Copy = "Copy-GntInstance exp1 exp2.lab.example -Node h2 -NoNameCheck -LongSleep -Start";

        var steps = engine.Run($"{Copy} -Plan").Succeeded().Of<GntPlanStep>();
        Assert.Equal(["gnt-backup export", "gnt-instance startup", "gnt-backup import", "gnt-instance startup", "gnt-backup remove"], steps.Select(step => string.Join(' ', step.CommandLine!.Split(' ').Take(2))));
        engine.Run(Copy).FailedWith("ConfirmationImpossible");
        Assert.Empty(engine.Run("Get-GntInstance exp2*").Output);
        try
        {
            var copy = engine.Run($"{Copy} -Force -PassThru").Succeeded().One<GntInstance>();

            Assert.Equal(("exp2.lab.example", "h2.lab.example", GntInstanceStatus.running), (copy.Name, copy.PrimaryNode, copy.Status));
            Assert.Equal(GntInstanceStatus.running, engine.Run("(Get-GntInstance exp1).Status").One<GntInstanceStatus>());
            Assert.Equal(Sum("h1", "exp1"), Sum("h2", "exp2"));
            Assert.Empty(engine.Run("Get-GntExport exp*").Succeeded().Output);
            engine.Run($"{Copy} -Force").FailedWith("EntityExists");
        }
        finally
        {
            Lab.Exec("h1", "gnt-instance", "remove", "-f", "exp2.lab.example");
        }
    }

    [Fact]
    public void A_copy_that_would_take_the_place_of_a_backup_asks_about_data()
    {
        using var guest = new Guest("exp1", "noop+default", 4);
        using var engine = Lab.Connected();
        engine.Run("Export-GntInstance exp1 h3").Succeeded();

        var error = engine.Run("Copy-GntInstance exp1 exp2.lab.example -Node h2 -NoNameCheck -Confirm:$false").FailedWith("ConfirmationImpossible").Error;

        Assert.Contains("h3.lab.example is lost", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fetched_export_is_what_the_node_has_and_fetching_again_does_nothing()
    {
        using var guest = new Guest("exp1", "noop+default", 8);
        using var engine = Lab.Connected();
        guest.Fill();
        engine.Run("Export-GntInstance exp1 h2").Succeeded();

        var folder = engine.Run($"Save-GntExport exp1 -Path '{_folder}' -PassThru").Succeeded().One<DirectoryInfo>();

        var dump = engine.Run("(Get-GntExport exp1).Disks.FileName").One<string>();
        Assert.Equal(["SHA256SUMS", "config.ini", dump], folder.GetFiles().Select(file => file.Name).OrderBy(name => name == dump).ThenBy(name => name, StringComparer.Ordinal));
        Assert.Equal(Sum("h1", "exp1"), HashOf(Path.Combine(folder.FullName, dump)));
        Assert.Contains($"{HashOf(Path.Combine(folder.FullName, dump))}  {dump}", File.ReadAllText(Path.Combine(folder.FullName, "SHA256SUMS")), StringComparison.Ordinal);
        Assert.Contains("exp1.lab.example", File.ReadAllText(Path.Combine(folder.FullName, "config.ini")), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder.FullName, dump)));
        }

        var outcome = engine.Run($"Save-GntExport exp1 '{_folder}' -Verbose").Succeeded();
        Assert.Contains(outcome.Verbose, line => line.EndsWith("already, whole.", StringComparison.Ordinal));
        Assert.DoesNotContain(outcome.Verbose, line => line.Contains("dd ", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_there_of_a_broken_off_transfer_is_continued_and_a_damaged_part_is_found_out()
    {
        using var guest = new Guest("exp1", "noop+default", 8);
        using var engine = Lab.Connected();
        guest.Fill();
        var dump = engine.Run("(Export-GntInstance exp1 h2 -PassThru).Disks.FileName").Succeeded().One<string>();
        engine.Run($"Save-GntExport exp1 '{_folder}'").Succeeded();
        var file = Path.Combine(_folder, "exp1.lab.example", dump);
        var whole = File.ReadAllBytes(file);

        BreakOff(file, whole[..5_000_000]);
        var outcome = engine.Run($"Save-GntExport exp1 '{_folder}' -Verbose").Succeeded();

        Assert.Equal(whole, File.ReadAllBytes(file));
        Assert.Contains(outcome.Progress, record => record.PercentComplete >= 59);

        BreakOff(file, [1, 2, 3]);
        engine.Run($"Save-GntExport exp1 '{_folder}'").FailedWith("ChecksumMismatch");
        Assert.False(File.Exists(file) || File.Exists($"{file}.part") || File.Exists(Path.Combine(_folder, "exp1.lab.example", "config.ini")));

        engine.Run($"Save-GntExport exp1 '{_folder}'").Succeeded();
        Assert.Equal(whole, File.ReadAllBytes(file));

        // Of an export before, that was broken off: Ganeti may have named its dump alike, and it is as long.
        BreakOff(file, []);
        File.WriteAllBytes(file, new byte[whole.Length]);
        File.AppendAllText(Path.Combine(_folder, "exp1.lab.example", "config.ini.part"), "\n# another\n");
        engine.Run($"Save-GntExport exp1 '{_folder}'").Succeeded();
        Assert.Equal(whole, File.ReadAllBytes(file));

        static void BreakOff(string file, byte[] received)
        {
            File.Delete(file);
            File.WriteAllBytes($"{file}.part", received);
            var description = Path.Combine(Path.GetDirectoryName(file)!, "config.ini");
            File.Move(description, $"{description}.part");
        }
    }

    [Fact]
    public void Another_export_of_the_guest_takes_the_place_of_a_saved_one_only_when_told_to()
    {
        using var guest = new Guest("exp1", "noop+default", 4);
        using var engine = Lab.Connected();
        engine.Run($"Export-GntInstance exp1 h2; Save-GntExport exp1 '{_folder}'").Succeeded();
        Thread.Sleep(1100);
        engine.Run("Export-GntInstance exp1 h2").Succeeded();

        engine.Run($"Save-GntExport exp1 '{_folder}'").FailedWith("SavedCopyExists");
        engine.Run($"Save-GntExport exp1 '{_folder}' -Force").Succeeded();

        Assert.Equal(3, Directory.GetFiles(Path.Combine(_folder, "exp1.lab.example")).Length);
    }

    [Fact]
    public async Task A_transfer_goes_on_after_its_link_was_cut_and_Ctrl_C_leaves_a_part_that_is_continued()
    {
        using var guest = new Guest("exp1", "noop+default", 400);
        using var engine = Lab.Connected();
        guest.Fill();
        engine.Run("Export-GntInstance exp1 h2").Succeeded();
        var dump = engine.Run("(Get-GntExport exp1).Disks.FileName").One<string>();
        var part = Path.Combine(_folder, "exp1.lab.example", $"{dump}.part");

        using (var stopped = engine.Shell($"Save-GntExport exp1 '{_folder}'"))
        {
            var running = stopped.BeginInvoke();
            await Lab.EventuallyAsync(() => File.Exists(part) && new FileInfo(part).Length > 20_000_000, "some of it is here");
            var clock = System.Diagnostics.Stopwatch.StartNew();
            stopped.Stop();
            Assert.True(clock.Elapsed < Lab.AtOnce);
            Assert.True(running.IsCompleted);
        }

        Assert.False(File.Exists(Path.Combine(_folder, "exp1.lab.example", "config.ini")));
        await Lab.EventuallyAsync(() => CanOpen(part), "the part is let go");
        var had = new FileInfo(part).Length;
        using var shell = engine.Shell($"Save-GntExport exp1 '{_folder}'");
        var saving = shell.BeginInvoke();
        await Lab.EventuallyAsync(() => !File.Exists(part) || new FileInfo(part).Length > had + 20_000_000, "more of it is here");
        Assert.True(had <= 400L << 20);
        Lab.Exec("h2", "pkill", "sshd");
        Lab.Script("start-daemon", "h2", "sshd");
        shell.EndInvoke(saving);

        Assert.Empty(shell.Streams.Error);
        Assert.Equal(Sum("h1", "exp1"), HashOf(Path.Combine(_folder, "exp1.lab.example", dump)));
    }

    private static bool CanOpen(string file)
    {
        try
        {
            using var open = File.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static long LastJob(PowerShellEngine engine) => engine.Run("Get-GntJob").Succeeded().Of<GntJob>().Max(job => job.Id!.Value);

    private static string Sum(string node, string guest) => Lab.Exec(node, "sh", "-c", $"sha256sum /srv/ganeti/file-storage/{guest}.lab.example/*").Split(' ')[0];

    private static string HashOf(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexString(SHA256.HashData(stream)).ToLowerInvariant();
    }

    /// <summary>A guest of its own on h1, whose disk is a file; taken away with its exports.</summary>
    private sealed class Guest : IDisposable
    {
        private readonly string _name;

        internal Guest(string name, string os, int mebibytes, bool start = false)
        {
            _name = $"{name}.lab.example";
            Lab.Exec("h1", ["gnt-instance", "add", "-t", "file", "--disk", $"0:size={mebibytes}M", "--net", "0:mode=bridged,link=gntbr", "--no-name-check", "--no-ip-check", "--no-install", "-o", os, "-H", "fake", "-B", "memory=64M", "-n", "h1", "--no-start", _name]);
            if (start)
            {
                Lab.Exec("h1", "gnt-instance", "startup", _name);
            }
        }

        /// <summary>Writes a boot sector, and what does not repeat.</summary>
        internal void Fill() => Lab.Exec("h1", "sh", "-c", "for disk in /srv/ganeti/file-storage/$1/*; do size=$(stat -c %s \"$disk\"); { head -c 510 /dev/zero; printf '\\125\\252'; openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null; } | head -c \"$size\" >\"$disk.new\"; cat \"$disk.new\" >\"$disk\"; rm \"$disk.new\"; done", "sh", _name);

        public void Dispose()
        {
            Lab.Exec("h1", "gnt-instance", "remove", "-f", _name);
            Lab.Exec("h1", "gnt-backup", "remove", _name);
        }
    }
}
