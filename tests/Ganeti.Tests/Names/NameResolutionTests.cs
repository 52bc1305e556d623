using Ganeti.Commands;

namespace Ganeti.Tests.Names;

[Trait("Kind", "unit")]
public sealed class NameResolutionTests
{
    private static readonly GntInstance[] Rows = [.. new[] { "vm1.a.example", "vm1.b.example", "vm2.a.example", "vm2" }.Select(name => new GntInstance { Name = name })];

    private static (string?[] Names, GanetiException[] Errors) Resolve(params string[] names)
    {
        var (rows, errors) = NameResolution.Resolve([.. names.Select(name => new NamePattern(name))], Rows, GanetiError.InstanceNotFound);
        return ([.. rows.Select(row => row.Name)], [.. errors]);
    }

    [Fact]
    public void A_short_name_that_means_several_is_an_error_that_names_them()
    {
        var (names, errors) = Resolve("vm1", "vm1.a");

        Assert.Equal(["vm1.a.example"], names);
        var error = Assert.Single(errors);
        Assert.Equal(("NameAmbiguous", "vm1"), (error.Error.Id, error.Target));
        Assert.Contains("vm1.a.example, vm1.b.example", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_to_the_letter_counts_more_than_those_that_continue_it() => Assert.Equal(["vm2"], Resolve("VM2").Names);

    [Fact]
    public void What_is_meant_twice_is_there_once_in_the_clusters_order() =>
        Assert.Equal(["vm1.a.example", "vm2.a.example", "vm2"], Resolve("vm2", "vm[12].a*", "*.a.example").Names);

    [Fact]
    public void A_wildcard_that_matches_nothing_is_silence_and_a_literal_an_error_with_the_next_step()
    {
        var (names, errors) = Resolve("x*", "x");

        Assert.Empty(names);
        Assert.Equal("There is no instance 'x'.", Assert.Single(errors).Message);
        Assert.Contains("Get-GntInstance", errors[0].RecommendedAction, StringComparison.Ordinal);
    }
}
