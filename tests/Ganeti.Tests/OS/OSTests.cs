using Ganeti.Tests.Cluster;

namespace Ganeti.Tests.OS;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class OSTests
{
    public OSTests() => Lab.Require();

    [Fact]
    public void Definitions_are_read_by_name_pattern_variant_and_guest()
    {
        using var engine = Lab.Connected();

        var all = engine.Run("Get-GntOs").Succeeded().Of<GntOs>();
        Assert.Equal(["busy", "noop", "tiny"], all.Select(os => os.Name));
        Assert.All(all, os => Assert.Equal((GntOsStatus.valid, true, false, false, true), (os.Status, os.IsAvailable, os.IsHidden, os.IsBlacklisted, os.IsTrusted)));
        Assert.Equal(["h1.lab.example", "h2.lab.example", "h3.lab.example"], all[0].Nodes!.Select(node => node.Node));
        Assert.Equal(["noop+default", "noop+packed"], all[1].FullNames);
        Assert.Equal([20], all[1].ApiVersions!);
        Assert.Equal("noop", engine.Run("Get-GntOs noop+default").Succeeded().One<GntOs>().Name);
        Assert.Equal("noop", engine.Run("Get-GntInstance vm1, vm2 -ConfigurationOnly | Get-GntOs").Succeeded().One<GntOs>().Name);
        Assert.Equal("noop", engine.Run("Get-GntOs n* | Get-GntOs").Succeeded().One<GntOs>().Name);
        Assert.Equal("nosuch", engine.Run("Get-GntOs nosuch").FailedWith("OsNotFound").Error.TargetObject);
        Assert.Contains("noop+packed", engine.Run("(TabExpansion2 'Get-GntOs noop').CompletionMatches.CompletionText").Of<string>());
    }

    [Fact]
    public void A_definition_that_a_node_has_not_or_not_right_says_so()
    {
        using var engine = Lab.Connected();
        Lab.Exec("h2", "mv", "/usr/share/ganeti/os/tiny", "/tmp/tiny");
        Lab.Exec("h3", "sh", "-c", "echo 99 >/usr/share/ganeti/os/tiny/ganeti_api_version");
        try
        {
            var os = engine.Run("Get-GntOs tiny").Succeeded().One<GntOs>();

            Assert.Equal((GntOsStatus.partial_valid, false, false), (os.Status, os.IsValid, os.IsAvailable));
            Assert.Equal([true, false, false], os.Nodes!.Select(node => node.IsValid!.Value));
            Assert.Equal("OS not found", os.Nodes![1].Message);
            Assert.Contains("API version mismatch", os.Nodes[2].Message, StringComparison.Ordinal);
            Assert.DoesNotContain("tiny", engine.Run("(Get-GntOs -Available).Name").Of<string>());
        }
        finally
        {
            Lab.Exec("h2", "mv", "/tmp/tiny", "/usr/share/ganeti/os/tiny");
            Lab.Exec("h3", "sh", "-c", "echo 20 >/usr/share/ganeti/os/tiny/ganeti_api_version");
        }
    }

    [Fact]
    public void What_the_cluster_has_for_a_definition_is_set_and_taken_back()
    {
        using var engine = Lab.Connected();
        try
        {
            var set = engine.Run("Set-GntOs tiny -Hidden -Blacklisted -HypervisorParameter @{ kvm = @{ acpi = $false } } -PassThru").Succeeded().One<GntOs>();

            Assert.Equal((true, true, false), (set.IsHidden, set.IsBlacklisted, set.IsAvailable));
            Assert.Equal(false, ((GntParameters)((GntParameters)set.HypervisorParameters!["tiny"]!)["kvm"]!)["acpi"]);
        }
        finally
        {
            engine.Run("Get-GntOs tiny | Set-GntOs -Hidden:$false -Blacklisted:$false -HypervisorParameter @{ kvm = $null }").Succeeded();
        }

        var back = engine.Run("Get-GntOs tiny").Succeeded().One<GntOs>();
        Assert.Equal((false, false, 0), (back.IsHidden, back.IsBlacklisted, back.HypervisorParameters!.Count));
        engine.Run("Set-GntOs nosuch -Hidden").FailedWith("OsNotFound");
        engine.Run("Set-GntOs tiny").FailedWith("ParameterInvalid");
        engine.Run("Set-GntOs tiny -HypervisorParameter @{ acpi = $false }").FailedWith("ParameterInvalid");
        engine.Run("Set-GntOs tiny+default -OSParameter @{ a = 'b' } -WhatIf").Succeeded();
        Assert.Contains("gnt-os modify -O a=b tiny+default", engine.Host.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_of_its_scripts_are_set_and_secret_ones_are_seen_by_nobody()
    {
        using var engine = Lab.Connected();
        // A definition that has variants takes parameters for one of them only.
        engine.Run("Set-GntOs tiny -OSParameter @{ dist = 'bookworm' }").FailedWith("JobFailed");
        engine.Run("Set-GntOs tiny+default -PrivateOSParameter @{ token = $null }").FailedWith("ParameterInvalid");

        var outcome = engine.Run("Set-GntOs tiny+default -OSParameter @{ dist = 'bookworm' } -PrivateOSParameter @{ token = 'geheim' } -PassThru -Debug -Verbose").Succeeded();
        try
        {
            var os = outcome.One<GntOs>();

            Assert.Equal(["dist", "token"], os.Parameters!.Select(parameter => parameter.Name));
            Assert.Equal("bookworm", ((GntParameters)os.OSParameters!["tiny+default"]!)["dist"]);
            Assert.Contains("geheim", Lab.Exec("h1", "cat", "/var/lib/ganeti/config.data"), StringComparison.Ordinal);
            Assert.DoesNotContain([.. outcome.Debug, .. outcome.Verbose], line => line.Contains("geheim", StringComparison.Ordinal));
        }
        finally
        {
            engine.Run("Set-GntOs tiny+default -OSParameter @{ dist = $null } -PrivateOSParameter @{ token = '' }").Succeeded();
        }

        Assert.Empty(engine.Run("Get-GntOs tiny").Succeeded().One<GntOs>().OSParameters!);
    }
}
