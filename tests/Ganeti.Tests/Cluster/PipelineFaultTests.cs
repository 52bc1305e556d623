using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Cluster;

/// <summary>One odd item, name or session in a pipeline never hides, moves or loses another.</summary>
[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class PipelineFaultTests
{
    private const string Foreign = "$foreign = [Ganeti.GntInstance]@{ Name = 'elsewhere'; ClusterUuid = 'not-connected' }; ";

    public PipelineFaultTests() => Lab.Require();

    [Fact]
    public void An_object_means_itself_and_not_a_guest_whose_name_begins_alike()
    {
        Lab.Exec("h1", "gnt-instance", "add", "-t", "diskless", "--no-nics", "--no-name-check", "--no-ip-check", "--no-install", "-o", "noop+default", "-H", "fake", "-n", "h1", "--no-start", "vm1");
        try
        {
            using var engine = Lab.Connected();

            Assert.Equal("vm1", engine.Run("Get-GntInstance vm1 | Get-GntInstance").Succeeded().One<GntInstance>().Name);
            Assert.Equal("vm1.lab.example", engine.Run("Get-GntInstance vm1.lab.example | Get-GntInstance").Succeeded().One<GntInstance>().Name);
            Assert.Equal(2, engine.Run("Get-GntInstance vm1* | Get-GntInstance").Succeeded().Output.Count);
        }
        finally
        {
            Lab.Exec("h1", "gnt-instance", "remove", "-f", "vm1");
        }
    }

    [Theory]
    [InlineData("$foreign, $good | Move-GntInstance -TargetNode h1 -WhatIf")]
    [InlineData("Move-GntInstance $foreign, $good -TargetNode h1 -WhatIf")]
    public void A_guest_of_a_cluster_that_is_not_connected_does_not_keep_others_from_moving(string script)
    {
        using var engine = Lab.Connected();

        engine.Run(Foreign + "$good = Get-GntInstance kvm2; " + script).FailedWith("ClusterNotConnected");

        Assert.Contains("gnt-instance migrate -f -n h1 kvm2.lab.example", engine.Host.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_object_among_several_is_one_error_and_the_others_are_read()
    {
        using var engine = Lab.Connected();

        var outcome = engine.Run(Foreign + "Get-GntInstance -Instance $foreign, (Get-GntInstance vm3)").FailedWith("ClusterNotConnected");

        Assert.Equal("vm3.lab.example", outcome.One<GntInstance>().Name);
    }

    [Fact]
    public void A_submission_that_never_left_is_not_called_unknown()
    {
        using var engine = Lab.Connected();
        engine.Run("$guest = Get-GntInstance kvm2").Succeeded();
        Lab.Script("stop-daemon", "h1", "ganeti-luxid");
        try
        {
            engine.Run("Move-GntInstance $guest -TargetNode h1").FailedWith("MasterDaemonNotRunning");
        }
        finally
        {
            Lab.Script("start-daemon", "h1", "ganeti-luxid");
        }

        Assert.Equal("kvm2.lab.example", engine.Run("Get-GntInstance kvm2").Succeeded().One<GntInstance>().Name);
    }

    [Fact]
    public void A_job_that_has_ended_has_ended_whatever_the_limit()
    {
        using var engine = Lab.Connected();
        var job = Lab.Delay(0.1);
        engine.Run($"$job = Wait-GntJob {job}").Succeeded();

        Assert.Equal(GntJobStatus.success, engine.Run("Wait-GntJob $job -Timeout 0").Succeeded().One<GntJob>().Status);
        engine.Run("Wait-GntJob $job -Timeout ([TimeSpan]::MaxValue)").Succeeded();
    }

    [Fact]
    public void Job_numbers_complete()
    {
        using var engine = Lab.Connected();

        var matches = engine.Run("(TabExpansion2 'Get-GntJob 1').CompletionMatches").Succeeded().Output;

        Assert.Contains(matches, match => (string)match.Properties["CompletionText"].Value == "1");
    }

    [Fact]
    public void A_session_that_has_disconnected_stays_so_though_another_is_connected()
    {
        using var other = Lab.Connected();
        using var engine = Lab.Connected();

        engine.Run("Disconnect-GntCluster").Succeeded();

        engine.Run("Get-GntNode").FailedWith("NotConnected");
        other.Run("Get-GntNode -ConfigurationOnly").Succeeded();
    }

    [Fact]
    public void Connecting_again_replaces_a_connection_that_no_longer_answers()
    {
        using var engine = new PowerShellEngine();
        Lab.Exec("h1", "iptables", "-A", "INPUT", "-s", "192.0.2.1", "-j", "DROP");
        try
        {
            // The master can't be reached directly: through h2, whose sshd then ends with all its sessions.
            engine.Run("$null = Connect-GntCluster h2 -Timeout 3").Succeeded();
            Lab.Exec("h2", "pkill", "sshd");

            engine.Run("$null = Connect-GntCluster h3 -Timeout 3").Succeeded();

            Assert.Equal(3, engine.Run("Get-GntNode -ConfigurationOnly").Succeeded().Output.Count);
        }
        finally
        {
            Lab.Exec("h1", "iptables", "-F", "INPUT");
            Lab.Script("start-daemon", "h2", "sshd");
        }
    }
}
