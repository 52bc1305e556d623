using System.Text;
using CsCheck;
using Ganeti.Luxi;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Luxi;

[Trait("Kind", "unit")]
public sealed class LuxiValueTests
{
    [Fact]
    public void Dates_stay_text_and_numbers_keep_their_kind()
    {
        var value = Assert.IsType<GntParameters>(Parse("""{"a": "2026-11-24T03:00:00Z", "b": 1, "c": 1.0, "d": 9223372036854775807, "e": 92233720368547758080, "f": 1e400}"""));

        Assert.Equal("2026-11-24T03:00:00Z", value["a"]);
        Assert.Equal(1L, value["b"]);
        Assert.Equal(1.0, value["c"]);
        Assert.Equal(long.MaxValue, value["d"]);
        Assert.Equal(92233720368547758080.0, value["e"]);
        Assert.Equal(double.PositiveInfinity, value["f"]);
    }

    [Fact]
    public void What_was_read_is_written_again_as_it_was() => Gen.OneOf(
        Gen.String.Select(text => (object?)text),
        Gen.Long.Select(number => (object?)number),
        Gen.Bool.Select(truth => (object?)truth),
        Gen.Const(() => (object?)null),
        Gen.Long.Array.Select(items => (object?)items.Select(item => (object?)item).ToArray()),
        Gen.Dictionary(Gen.String, Gen.Long)[0, 4].Select(members => (object?)new GntParameters(members))).Sample(
            value =>
            {
                var text = LuxiJson.Write(writer => LuxiJson.WriteValue(writer, value));
                var again = LuxiJson.Write(writer => LuxiJson.WriteValue(writer, Parse(Encoding.UTF8.GetString(text))));
                return text.AsSpan().SequenceEqual(again);
            },
            iter: Soak.Times(500),
            threads: 1);

    [Theory]
    [InlineData("5", 5L)]
    [InlineData("-5", -5L)]
    [InlineData("\"42\"", 42L)]
    [InlineData("\" 42\"", null)]
    [InlineData("\"4k\"", null)]
    [InlineData("2.0", 2L)]
    [InlineData("1e300", null)]
    [InlineData("true", null)]
    [InlineData("null", null)]
    [InlineData("[1]", null)]
    public void A_whole_number_may_come_as_text(string json, long? expected) => Assert.Equal(expected, LuxiSetters.ToLong(Parse(json)));

    [Theory]
    [InlineData("1795460469.25", 1795460469250L)]
    [InlineData("1795460469", 1795460469000L)]
    [InlineData("[1795460469, 250000]", 1795460469250L)]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    [InlineData("null", null)]
    [InlineData("[1795460469]", null)]
    [InlineData("[null, null]", null)]
    [InlineData("\"N/A\"", null)]
    [InlineData("1e300", null)]
    [InlineData("[9223372036854775807, 0]", null)]
    public void A_time_is_seconds_or_seconds_and_microseconds_and_0_is_never(string json, long? milliseconds) =>
        Assert.Equal(milliseconds, LuxiSetters.ToTime(Parse(json))?.ToUnixTimeMilliseconds());

    [Theory]
    [InlineData("last-resort", GntAllocationPolicy.last_resort)]
    [InlineData("preferred", GntAllocationPolicy.preferred)]
    [InlineData("Preferred", GntAllocationPolicy.Unrecognized)]
    [InlineData("1", GntAllocationPolicy.Unrecognized)]
    [InlineData("", GntAllocationPolicy.Unrecognized)]
    [InlineData("preferred, unallocable", GntAllocationPolicy.Unrecognized)]
    public void A_word_is_the_member_spelled_as_Ganeti_prints_it(string text, GntAllocationPolicy expected) =>
        Assert.Equal(expected, LuxiSetters.ToEnum<GntAllocationPolicy>(text));

    [Fact]
    public void Every_enum_that_is_read_has_Unrecognized_as_zero() =>
        Assert.All(
            typeof(GntObject).Assembly.GetExportedTypes().Where(type => type.IsEnum && type != typeof(GntRestartType) && type != typeof(GntJobPriority)),
            type => Assert.Equal("Unrecognized", Enum.GetName(type, 0)));

    [Fact]
    public void Names_of_members_are_shared_between_replies()
    {
        using var one = LuxiJson.Reader(Encoding.UTF8.GetBytes("""{"kvm_path": 1}"""), LuxiNames.Shared);
        using var two = LuxiJson.Reader(Encoding.UTF8.GetBytes("""{"kvm_path": 2}"""), LuxiNames.Shared);
        one.Read();
        two.Read();

        Assert.Same(((GntParameters)LuxiJson.ReadValue(one)!).Keys.Single(), ((GntParameters)LuxiJson.ReadValue(two)!).Keys.Single());
    }

    private static object? Parse(string json)
    {
        using var reader = LuxiJson.Reader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        return LuxiJson.ReadValue(reader);
    }
}
