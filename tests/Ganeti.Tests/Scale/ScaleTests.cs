using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Scale;

/// <summary>A real master with a thousand guests in its configuration (tests/run.sh brings it up beside the other lab).</summary>
[Trait("Kind", "scale")]
public sealed class ScaleTests : IDisposable
{
    private readonly PowerShellEngine _engine = new();

    public ScaleTests()
    {
        if (Environment.GetEnvironmentVariable("GANETI_LAB_NAME") is null)
        {
            const string Reason = "runs in the client network of a lab that was multiplied: lab.sh --name scale multiply 1000, lab.sh --name scale client …";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") is null, Reason);
            Assert.Fail(Reason);
        }

        _engine.Run("$null = Connect-GntCluster h1").Succeeded();
    }

    [Fact]
    public void A_thousand_guests_are_read_whole_and_each_once()
    {
        var guests = _engine.Run("Get-GntInstance -ConfigurationOnly").Succeeded().Of<GntInstance>();

        Assert.Equal(1000, guests.Length);
        Assert.Equal(1000, guests.Distinct().Count());
        Assert.All(guests, guest => Assert.Equal("h1.lab.example", guest.PrimaryNode));
        Assert.All(guests, guest => Assert.NotNull(guest.PrimaryGroup));
        Assert.Contains(guests, guest => guest.Disks is { Length: 2 } disks && disks[1].Size == 2048L * 1024 * 1024);
        Assert.Contains(guests, guest => guest.Nics is { Length: 2 });
    }

    [Fact]
    public void Many_names_are_found_in_one_query()
    {
        var outcome = _engine.Run("(Get-GntInstance 'scale0*' -ConfigurationOnly).Name | Get-GntInstance -ConfigurationOnly -Verbose").Succeeded();

        Assert.InRange(outcome.Of<GntInstance>().Length, 900, 1000);
        Assert.True(outcome.Verbose.Count <= 3, string.Join('\n', outcome.Verbose));
    }

    [Fact]
    public void Live_states_come_for_all_of_them()
    {
        var guests = _engine.Run("Get-GntInstance").Succeeded().Of<GntInstance>();

        Assert.Equal(1000, guests.Length);
        Assert.All(guests, guest => Assert.NotNull(guest.Status));
        Assert.Contains(guests, guest => guest.Status == GntInstanceStatus.ERROR_down);
        Assert.Contains(guests, guest => guest.Status == GntInstanceStatus.ADMIN_down);
    }

    [Fact]
    public void A_pipeline_of_guests_asks_once_and_not_once_a_guest()
    {
        var outcome = _engine.Run("Get-GntInstance 'scale00*' -ConfigurationOnly | Get-GntDisk -Verbose").Succeeded();

        Assert.NotEmpty(outcome.Of<GntDisk>());
        Assert.True(outcome.Verbose.Count <= 2, string.Join('\n', outcome.Verbose));
    }

    public void Dispose() => _engine.Dispose();
}
