using Ganeti.Luxi;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Luxi;

/// <summary>Replies of a real master, see tests/fixtures/README.md.</summary>
internal static class LuxiFixture
{
    public static string PathOf(string file) => Repository.At("tests", "fixtures", file);

    public static GntParameters Read(string file)
    {
        using var reader = LuxiJson.Reader(File.ReadAllBytes(PathOf(file)));
        reader.Read();
        return Assert.IsType<GntParameters>(LuxiJson.ReadValue(reader));
    }

    /// <summary>The recorded reply itself.</summary>
    public static GntParameters Reply(string file) => Assert.IsType<GntParameters>(Read(file)["reply"]);

    /// <summary>The recorded result, a query's or any other.</summary>
    public static GntParameters Result(string file) => Assert.IsType<GntParameters>(Reply(file)["result"]);

    public static object?[] Items(object? list) => Assert.IsType<object?[]>(list);

    /// <summary>A query's cells by field, a dictionary a row.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, object?[]>> Rows(GntParameters result)
    {
        var names = Items(result["fields"]).Select(field => (string)((GntParameters)field!)["name"]!).ToArray();
        return [.. Items(result["data"]).Select(row => Items(row).Select((cell, i) => (names[i], Items(cell))).ToDictionary(pair => pair.Item1, pair => pair.Item2))];
    }
}
