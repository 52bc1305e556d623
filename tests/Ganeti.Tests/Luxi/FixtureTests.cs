using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Luxi;

[Trait("Kind", "unit")]
public sealed class FixtureTests
{
    [Fact]
    public void Every_fixture_is_named_by_a_test()
    {
        var tests = string.Concat(Directory.GetFiles(Repository.At("tests", "Ganeti.Tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(File.ReadAllText));

        Assert.All(
            Directory.GetFiles(Repository.At("tests", "fixtures")).Select(file => Path.GetFileName(file)).Where(file => file != "README.md"),
            file => Assert.True(tests.Contains($"\"{file}\"", StringComparison.Ordinal), $"No test reads tests/fixtures/{file}."));
    }
}
