using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Nic;

[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class NicChangeTests
{
    public NicChangeTests() => Lab.Require();

    [Fact]
    public void A_card_is_added_changed_and_removed()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine);

        var added = engine.Run($"Add-GntNic {guests.Name} -Network net1 -IPAddress pool -NicName lan -PassThru").Succeeded().One<GntNic>();
        Assert.Equal(("net1", "lan"), (added.NetworkName, added.Name));
        Assert.StartsWith("198.51.100.", added.IPAddress, StringComparison.Ordinal);

        var changed = engine.Run("$input | Set-GntNic -Mac generate -NewName wan -PassThru", added).Succeeded().One<GntNic>();
        Assert.Equal("wan", changed.Name);
        Assert.NotEqual(added.Mac, changed.Mac);

        var taken = engine.Run($"Set-GntNic {guests.Name} 0 -IPAddress '' -Network '' -Link gntbr -PassThru").Succeeded().One<GntNic>();
        Assert.Equal((null, null, "gntbr"), (taken.IPAddress, taken.NetworkName, taken.Link));

        engine.Run($"Get-GntNic {guests.Name} | Remove-GntNic").Succeeded();
        Assert.Empty(engine.Run($"Get-GntNic {guests.Name}").Succeeded().Output);
    }

    [Fact]
    public void Of_two_cards_the_one_whose_job_failed_is_not_written()
    {
        using var engine = Lab.Connected();
        using var guests = new Guests(engine);
        engine.Run($"Add-GntNic {guests.Name} -Link gntbr; Add-GntNic {guests.Name} -Link gntbr").Succeeded();

        var outcome = engine.Run($"Set-GntNic {guests.Name} 0 -Mac 11:22 -PassThru; Set-GntNic {guests.Name} 1 -Mac generate -PassThru");

        Assert.Single(outcome.Errors);
        Assert.Equal(1, outcome.One<GntNic>().Index);
    }

    [Fact]
    public void A_network_from_the_pipeline_of_objects_is_taken_as_it_is()
    {
        using var engine = Lab.Connected();

        engine.Run("Add-GntNic vm1 -Network (Get-GntNetwork net1) -WhatIf").Succeeded();

        Assert.Contains("gnt-instance modify --net=add:network=net1 vm1.lab.example", engine.Host.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_that_is_not_there_is_an_error_and_nothing_is_submitted()
    {
        using var engine = Lab.Connected();
        var before = Lab.LastJob(engine);

        engine.Run("Remove-GntNic vm1 7").FailedWith("PartNotFound");

        Assert.Equal(before, Lab.LastJob(engine));
    }

    [Fact]
    public void A_card_that_is_changed_in_a_running_guest_asks()
    {
        using var engine = Lab.Connected();

        Assert.Contains("connections", engine.Run("Get-GntInstance vm3 | Get-GntNic | Set-GntNic -Link other -Hotplug").FailedWith("ConfirmationImpossible").Error.ToString(), StringComparison.Ordinal);
    }
}
