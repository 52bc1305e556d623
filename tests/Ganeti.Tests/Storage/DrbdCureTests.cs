using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Storage;

[Trait("Kind", "storage")]
[Collection(nameof(MirrorLab))]
public sealed class DrbdCureTests : IClassFixture<DrbdCureTests.Stray>
{
    private static readonly Lazy<(PowerShellEngine Engine, GntConnection Connection)> Shared = new(MirrorLab.Connected);

    private readonly PowerShellEngine _engine;

    public DrbdCureTests()
    {
        MirrorLab.Require();
        _engine = Shared.Value.Engine;
        if (!StrayMirror.State("g1", 60).StartsWith("60: cs:Connected", StringComparison.Ordinal))
        {
            // One that failed may have left it.
            StrayMirror.Up();
        }
    }

    [Fact]
    public void What_would_be_done_is_shown_with_its_node_and_nothing_is_done()
    {
        Assert.Contains("g2.lab.example: drbdsetup disconnect --force ipv4:198.51.100.12:11990 ipv4:198.51.100.11:11990", WhatIf($"Disconnect-DrbdDevice {StrayMirror.There}"), StringComparison.Ordinal);
        Assert.Contains("g2.lab.example: drbdsetup detach 61", WhatIf($"Dismount-DrbdDisk {StrayMirror.There}"), StringComparison.Ordinal);
        Assert.Contains("g2.lab.example: drbdsetup down resource61", WhatIf($"Disable-DrbdDevice {StrayMirror.There} -Force"), StringComparison.Ordinal);
        Assert.Contains("g1.lab.example: drbdsetup pause-sync 60", WhatIf($"Suspend-DrbdResync {StrayMirror.Here}"), StringComparison.Ordinal);
        var rate = WhatIf($"Set-DrbdDevice {StrayMirror.Here} -ResyncRate 8MB");
        Assert.Contains("g1.lab.example: drbdsetup disk-options 60 --c-max-rate=8192", rate, StringComparison.Ordinal);
        Assert.Contains("g2.lab.example: drbdsetup disk-options 61 --c-max-rate=8192", rate, StringComparison.Ordinal);
        Assert.Contains("g1.lab.example: drbdsetup net-options ipv4:198.51.100.11:11990 ipv4:198.51.100.12:11990 --verify-alg=md5 && drbdsetup verify 60", WhatIf($"Start-DrbdVerify {StrayMirror.Here}"), StringComparison.Ordinal);

        Assert.StartsWith("60: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----", StrayMirror.State("g1", 60), StringComparison.Ordinal);
    }

    [Fact]
    public void What_would_make_it_worse_is_refused()
    {
        Refused($"Disable-DrbdDevice {StrayMirror.Here}", "is Primary");
        Refused($"Disable-DrbdDevice {StrayMirror.There}", "would go on without a mirror");
        Refused("Get-DrbdDevice g1 | Where-Object InstanceName -like 'kvm1*' | Disable-DrbdDevice -Force", "kvm1.lab.example uses it");
        _engine.Run($"Disconnect-DrbdDevice {StrayMirror.There}").Succeeded();
        Refused($"Connect-DrbdDevice {StrayMirror.There}", "no guest's disk");
        StrayMirror.Connect();
        _engine.Run($"Wait-DrbdDevice {StrayMirror.Here} -Timeout 60").Succeeded();

        Assert.Contains("both its sides", _engine.Run("Dismount-DrbdDisk vm1").Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Contains("no minor 77", _engine.Run("Disconnect-DrbdDevice -Node g1 -Minor 77").FailedWith("DrbdDeviceNotFound").Error.ToString(), StringComparison.Ordinal);
        _engine.Run("Enable-DrbdDevice -Node g1 -Minor 60").FailedWith("DrbdDeviceNotFound");
        _engine.Run($"Set-DrbdDevice {StrayMirror.Here}").FailedWith("ParameterInvalid");
    }

    [Fact]
    public void A_side_loses_its_disk_and_gets_it_back_and_the_last_good_copy_is_kept()
    {
        var away = _engine.Run($"Dismount-DrbdDisk {StrayMirror.There} -PassThru").Succeeded();
        Assert.Equal(DrbdDiskState.Diskless, away.One<DrbdDevice>().DiskState);
        // Nobody's disk: no watcher would bring it back.
        Assert.Empty(away.Warnings);
        Refused($"Dismount-DrbdDisk {StrayMirror.Here}", "only good copy");
        Refused($"Suspend-DrbdResync {StrayMirror.There}", "without a disk");

        Assert.Contains("-BackingDevice", _engine.Run($"Mount-DrbdDisk {StrayMirror.There}").FailedWith("ParameterInvalid").Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        var refused = _engine.Run($"Mount-DrbdDisk {StrayMirror.There} -BackingDevice {StrayMirror.Data} -MetaDevice {StrayMirror.Data}");
        Assert.NotEmpty(refused.Errors);
        _engine.Run($"Mount-DrbdDisk {StrayMirror.There} -BackingDevice {StrayMirror.Data} -MetaDevice {StrayMirror.Meta}; Wait-DrbdDevice {StrayMirror.Here} -Timeout 60").Succeeded();
        Assert.Contains("ds:UpToDate/UpToDate", StrayMirror.State("g2", 61), StringComparison.Ordinal);

        // A Primary can do without a disk, but not without the other side then.
        _engine.Run($"Dismount-DrbdDisk {StrayMirror.Here}").Succeeded();
        Refused($"Disconnect-DrbdDevice {StrayMirror.There}", "it would have no data");
        Refused($"Disable-DrbdDevice {StrayMirror.There} -Force", "the only good data");
        _engine.Run($"Mount-DrbdDisk {StrayMirror.Here} -BackingDevice {StrayMirror.Data} -MetaDevice {StrayMirror.Meta}; Wait-DrbdDevice {StrayMirror.Here} -Timeout 60").Succeeded();
    }

    [Fact]
    public void A_resync_is_slowed_down_held_back_waited_for_and_let_go_on()
    {
        Assert.Equal(
            [(0L, 1L << 20), (0L, 1L << 20)],
            _engine.Run($"Set-DrbdDevice {StrayMirror.Here} -ResyncController Fixed -ResyncRate 1MB -PassThru").Succeeded().Of<DrbdDevice>().Select(side => ((long)side.Options!["c-plan-ahead"]!, (long)side.Options["resync-rate"]!)));
        try
        {
            StrayMirror.On("g2", "drbdsetup invalidate 61");
            var late = _engine.Run($"Wait-DrbdDevice {StrayMirror.Here} -Timeout 8");
            Assert.Contains("SyncSource", late.FailedWith("DrbdWaitTimeout").Error.ToString(), StringComparison.Ordinal);
            Assert.Contains(late.Progress, progress => progress.PercentComplete is > 0 and < 100);

            Assert.Contains("r--u--", StrayMirror.State("g1", 60) + _engine.Run($"Suspend-DrbdResync {StrayMirror.Here} -PassThru").Succeeded().One<DrbdDevice>().Flags, StringComparison.Ordinal);
            Assert.Contains("cs:PausedSyncS", StrayMirror.State("g1", 60), StringComparison.Ordinal);
            Assert.Contains("Resume-DrbdResync", _engine.Run($"Wait-DrbdDevice {StrayMirror.Here}").FailedWith("DrbdWaitHopeless").Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            // It is this side that holds it back, not the other.
            Assert.Contains("is so already", string.Join(' ', _engine.Run($"Resume-DrbdResync {StrayMirror.There} -Verbose").Succeeded().Verbose), StringComparison.Ordinal);
            _engine.Run($"Resume-DrbdResync {StrayMirror.Here}").Succeeded();

            // The one that receives decides: with the controller again, and quick.
            _engine.Run($"Set-DrbdDevice {StrayMirror.There} -ResyncController Dynamic -ResyncRate 100MB -MinimumResyncRate 20MB").Succeeded();
            Assert.Equal(2, _engine.Run($"Get-DrbdDevice g1 -Minor 60 -Peer | Wait-DrbdDevice -Timeout 120 -PassThru").Succeeded().Of<DrbdDevice>().Length);
        }
        finally
        {
            StrayMirror.On("g1", "drbdsetup resume-sync 60 2>/dev/null; :");
        }
    }

    [Fact]
    [Trait("Pace", "long")]
    public void Differences_are_found_checked_again_and_said_to_lie_where_they_are()
    {
        StrayMirror.On("g2", $"dd if=/dev/urandom of={StrayMirror.Data} bs=4k count=5 seek=1000 oflag=direct conv=notrunc 2>/dev/null");

        var outcome = _engine.Run($"Get-DrbdDevice g1 -Minor 60 -Peer | Start-DrbdVerify").Succeeded();

        var result = outcome.One<DrbdVerifyResult>();
        Assert.Equal((DrbdVerifyOutcome.Different, 5 * 4096L, 0L, "md5", 64L << 20), (result.Outcome, result.Differences, result.InFlight, result.Algorithm, result.Size));
        Assert.Equal([1000 * 4096L], result.Ranges!.Select(range => range.Start));
        // An algorithm that stayed on one side would keep the two apart when Ganeti activates the other one anew.
        Assert.DoesNotContain("verify-alg", StrayMirror.On("g1", "drbdsetup show 60") + StrayMirror.On("g2", "drbdsetup show 61"), StringComparison.Ordinal);
        Assert.Equal("0", StrayMirror.On("g1", "ls /run/ganeti-powershell/undo 2>/dev/null | wc -l").Trim());
        Assert.Contains(_engine.Run("Get-GntHistory g1").Succeeded().Of<GntHistoryEntry>(), entry => entry.Event == GntHistoryEvent.Done && entry.Message!.Contains("Different, 20480 bytes differ at 4096000+20480", StringComparison.Ordinal));

        // Cut apart and connected again, the side that is not in use takes over what is marked.
        _engine.Run($"Disconnect-DrbdDevice {StrayMirror.There}").Succeeded();
        StrayMirror.Connect();
        _engine.Run($"Wait-DrbdDevice {StrayMirror.Here} -Timeout 60").Succeeded();
        Assert.Equal(DrbdVerifyOutcome.Identical, _engine.Run($"Start-DrbdVerify {StrayMirror.There} -Window 1h").Succeeded().One<DrbdVerifyResult>().Outcome);
        Assert.Equal(DrbdVerifyOutcome.Skipped, _engine.Run($"Start-DrbdVerify {StrayMirror.There} -Window 0").Succeeded().One<DrbdVerifyResult>().Outcome);
    }

    [Fact]
    public void A_side_that_is_held_open_is_not_taken_down_and_it_is_said_by_whom()
    {
        StrayMirror.On("g1", "setsid sleep 1000 >/dev/null 2>&1 </dev/drbd60 & echo $! >/run/holder; sleep 1");
        try
        {
            var outcome = _engine.Run($"Disable-DrbdDevice {StrayMirror.Here} -Force");
            Assert.Contains("(sleep)", outcome.FailedWith("DrbdDeviceHeld").Error.ToString(), StringComparison.Ordinal);
            Assert.Contains("kill ", outcome.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            Assert.Contains(" cs:Connected ro:Primary/Secondary", StrayMirror.State("g1", 60), StringComparison.Ordinal);
        }
        finally
        {
            StrayMirror.On("g1", "kill $(cat /run/holder)");
        }
    }

    [Fact]
    [Trait("Pace", "long")]
    public void A_guests_mirror_is_cut_apart_and_comes_back_whatever_it_has_lost()
    {
        try
        {
            // An earlier client that died may have left it paused.
            Lab.Exec("g1", "gnt-cluster", "watcher", "continue");
            Assert.Contains("watcher", Assert.Single(_engine.Run("Get-DrbdDevice g1 | Where-Object { $_.InstanceName -like 'vm1*' -and $_.DiskIndex -eq 0 } | Disconnect-DrbdDevice").Succeeded().Warnings), StringComparison.Ordinal);

            // On an emulated machine its five minutes are soon over; and while it is paused nobody has to be warned of it.
            Lab.Exec("g1", "gnt-cluster", "watcher", "pause", "1h");
            var cut = _engine.Run("Disconnect-DrbdDevice vm1 -PassThru").Succeeded();
            // Of each mirror the side that is not in use.
            Assert.Equal([("g1.lab.example", DrbdConnectionState.StandAlone), ("g1.lab.example", DrbdConnectionState.StandAlone)], cut.Of<DrbdDevice>().Select(side => (side.Node!, side.ConnectionState!.Value)));
            Assert.Empty(cut.Warnings);

            Assert.Contains("is so already", string.Join(' ', _engine.Run("Get-DrbdDevice g1 | Where-Object InstanceName -like 'vm1*' | Disconnect-DrbdDevice -Verbose").Succeeded().Verbose), StringComparison.Ordinal);
            Assert.Equal(["DrbdWaitHopeless", "DrbdWaitHopeless"], _engine.Run("Wait-DrbdDevice vm1").Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
            Assert.Contains("gnt-instance activate-disks vm1.lab.example", WhatIf("Connect-DrbdDevice vm1"), StringComparison.Ordinal);

            var back = _engine.Run("Connect-DrbdDevice vm1 -PassThru").Succeeded();
            Assert.Equal(4, back.Of<DrbdDevice>().Count(side => side.IsConnected));

            var entries = _engine.Run("Get-GntHistory -Instance vm1").Succeeded().Of<GntHistoryEntry>();
            Assert.Contains(entries, entry => entry is { Cmdlet: "Disconnect-DrbdDevice", Event: GntHistoryEvent.Step, Message: not null } && entry.Message.StartsWith("drbdsetup disconnect --force", StringComparison.Ordinal));
            Assert.Contains(entries, entry => entry is { Cmdlet: "Connect-DrbdDevice", Event: GntHistoryEvent.Done, Node: "g2.lab.example" });

            // Without a disk, and down: Ganeti gives each what it lacks.
            _engine.Run("Get-DrbdDevice g1 | Where-Object { $_.InstanceName -like 'vm1*' -and $_.DiskIndex -eq 0 } | Dismount-DrbdDisk").Succeeded();
            _engine.Run("Get-DrbdDevice g1 | Where-Object { $_.InstanceName -like 'vm1*' -and $_.DiskIndex -eq 1 } | Disable-DrbdDevice -Force").Succeeded();
            Refused("Get-DrbdDevice g2 | Where-Object { $_.InstanceName -like 'vm1*' -and $_.DiskIndex -eq 0 } | Dismount-DrbdDisk", "only good copy");
            _engine.Run("Enable-DrbdDevice vm1; Wait-DrbdDevice vm1 -Timeout 120").Succeeded();
            Assert.All(_engine.Run("Get-DrbdDevice -Instance vm1").Succeeded().Of<DrbdDevice>(), side => Assert.False(side.IsDegraded));
        }
        finally
        {
            Lab.Exec("g1", "gnt-cluster", "watcher", "continue");
            Lab.Exec("g1", "gnt-instance", "activate-disks", "vm1");
        }
    }

    [Fact]
    [Trait("Pace", "long")]
    public void Split_brain_is_seen_and_connecting_is_refused()
    {
        var (one, other) = (_engine.Run("Get-DrbdDevice g1 | Where-Object { $_.InstanceName -like 'vm1*' -and $_.DiskIndex -eq 0 }").Succeeded().One<DrbdDevice>(), default(DrbdDevice));
        other = _engine.Run("$input | Get-DrbdDevice -Peer", one).One<DrbdDevice>();
        _engine.Run("$input | Disconnect-DrbdDevice", other).Succeeded();
        try
        {
            StrayMirror.On("g1", "drbdsetup disconnect --force \"$2\" \"$3\" 2>/dev/null; drbdsetup primary \"$1\" && dd if=/dev/urandom of=/dev/drbd$1 bs=4k count=1 oflag=direct 2>/dev/null && drbdsetup secondary \"$1\"", Minor(one), $"ipv4:{one.LocalAddress}:{one.Port}", $"ipv4:{one.PeerAddress}:{one.Port}");
            StrayMirror.On("g2", "dd if=/dev/urandom of=/dev/drbd$1 bs=4k count=1 oflag=direct 2>/dev/null", Minor(other));

            Assert.Contains("split brain", _engine.Run("$input | Connect-DrbdDevice", one).FailedWith("DrbdSplitBrain").Error.ToString(), StringComparison.Ordinal);
            // Now the kernel's log has it: nothing is even tried.
            var job = _engine.Run("Get-GntJob").Of<GntJob>().Max(job => job.Id);
            _engine.Run("$input | Connect-DrbdDevice", one).FailedWith("DrbdSplitBrain");
            Assert.DoesNotContain(_engine.Run("Get-GntJob").Of<GntJob>().Where(after => after.Id > job), after => after.Operations!.Any(operation => operation.OpId == "OP_INSTANCE_ACTIVATE_DISKS"));
        }
        finally
        {
            // What was written on g1 is given up: its side is made anew from the other.
            StrayMirror.On("g1", "drbdsetup down resource$1; drbdmeta --force /dev/drbd$1 v08 \"$2\" flex-external create-md >/dev/null 2>&1; gnt-instance activate-disks vm1", Minor(one), one.MetaDevice!);
            _engine.Run("Wait-DrbdDevice vm1 -Timeout 120").Succeeded();
        }

        static string Minor(DrbdDevice side) => side.Minor!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private string WhatIf(string script)
    {
        var before = _engine.Host.Text.Length;
        _engine.Run($"{script} -WhatIf").Succeeded();
        return _engine.Host.Text[before..];
    }

    private void Refused(string script, string why)
    {
        var outcome = _engine.Run(script);
        Assert.True(outcome.Errors.Count == 1, $"{script}: {string.Join('\n', outcome.Errors)}");
        Assert.Contains(why, outcome.FailedWith("DrbdStateWrong").Error.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(outcome.Error.ErrorDetails.RecommendedAction);
    }

    /// <summary>The mirror that is nobody's, for all of these tests.</summary>
    public sealed class Stray : IDisposable
    {
        public Stray()
        {
            MirrorLab.Require();
            StrayMirror.Up();
        }

        public void Dispose() => StrayMirror.Down();
    }
}
