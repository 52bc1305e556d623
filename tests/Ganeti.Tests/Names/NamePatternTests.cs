using System.Text.RegularExpressions;
using CsCheck;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Names;

[Trait("Kind", "unit")]
public sealed class NamePatternTests
{
    [Theory]
    [InlineData("vm1", "vm1.lab.example", true)]
    [InlineData("vm1.lab", "vm1.lab.example", true)]
    [InlineData("vm1.lab.example", "vm1.lab.example", true)]
    [InlineData("VM1", "vm1.lab.example", true)]
    [InlineData("vm1", "vm11.lab.example", false)]
    [InlineData("vm1.la", "vm1.lab.example", false)]
    [InlineData("m1", "vm1", false)]
    [InlineData("vm1.", "vm1", false)]
    [InlineData("vm1", "vm1", true)]
    [InlineData("vm.1", "vmx1", false)]
    [InlineData("", "vm1", false)]
    public void A_literal_is_the_whole_name_or_a_part_before_a_dot(string pattern, string name, bool matches)
    {
        var named = new NamePattern(pattern);

        Assert.False(named.IsWildcard);
        Assert.Equal(matches, named.IsMatch(name));
    }

    [Theory]
    [InlineData("vm*", "vm1.lab.example", true)]
    [InlineData("*", "anything", true)]
    [InlineData("vm?", "vm1", true)]
    [InlineData("vm?", "vm1.lab.example", false)]
    [InlineData("*.example", "vm1.lab.example", true)]
    [InlineData("vm[1-3]", "vm2", true)]
    [InlineData("vm[1-3]", "vm4", false)]
    [InlineData("vm[13]*", "vm3.lab", true)]
    [InlineData("vm[]]", "vm]", true)]
    [InlineData("vm[a-]", "vm-", true)]
    [InlineData("vm[^1]", "vm^", true)]
    [InlineData("vm[^1]", "vm2", false)]
    [InlineData("vm[\\d]", "vm1", false)]
    [InlineData("vm[\\d]", "vmd", true)]
    [InlineData("VM*", "vm1", true)]
    [InlineData("v.*", "vm1", false)]
    [InlineData("*+", "vm1", false)]
    [InlineData("*(", "vm(", true)]
    public void A_wildcard_means_what_it_means_in_PowerShell(string pattern, string name, bool matches)
    {
        var named = new NamePattern(pattern);

        Assert.True(named.IsWildcard);
        Assert.Equal(matches, named.IsMatch(name));
    }

    [Theory]
    [InlineData("vm`*", "vm*")]
    [InlineData("vm`[1`]", "vm[1]")]
    [InlineData("vm``", "vm`")]
    [InlineData("vm[", "vm[")]
    [InlineData("vm[]", "vm[]")]
    [InlineData("vm`", "vm`")]
    public void What_is_escaped_or_open_is_literal(string pattern, string name)
    {
        var named = new NamePattern(pattern);

        Assert.False(named.IsWildcard);
        Assert.True(named.IsMatch(name));
        Assert.False(named.IsMatch(name + "x"));
    }

    [Fact]
    public void No_name_never_matches() => Assert.False(new NamePattern("*").IsMatch(null));

    [Fact]
    public void A_literal_always_matches_itself_and_never_what_is_longer() => Gen.String[1, 12].Where(name => !name.Contains('\n', StringComparison.Ordinal)).Sample(
        name =>
        {
            var literal = new NamePattern(NamePattern.Escape(name));
            return !literal.IsWildcard && literal.IsMatch(name) && literal.IsMatch(name + ".lab.example") && !literal.IsMatch(name + "x") && !literal.IsMatch("x" + name);
        },
        iter: Soak.Times(2000),
        threads: 1);

    [Fact]
    public void Any_text_is_a_pattern() => Gen.String[Gen.Char["`*?[]^-\\.|(){}$+ab12é\n"], 0, 12].Sample(
        text => new NamePattern(text).IsMatch(text) || true,
        iter: Soak.Times(2000),
        threads: 1);

    // PCRE is the master's engine: what is written must mean the same with every other engine too. grep -P is PCRE.
    [Fact]
    public void The_master_understands_the_same_by_it()
    {
        string[] names = ["vm1", "vm1.lab.example", "vm11", "vm-1", "vm^", "vm]", "vm\\", "vm.1", "vmd", "vm(1)", "vm{2}", "vm|3", "a_b", "web+1", "[lockset]", "vm é"];
        string[] patterns = ["vm1", "VM1", "vm*", "vm?", "vm[1-3]*", "vm[^1]", "vm[]]", "vm[\\d]", "vm\\", "vm.1", "vm(1)", "vm{2}", "vm|3", "a_b", "web+1", "*[*", "`[lockset`]", "*é", "vm[!-~]", "vm[a-]*"];
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(file, names);
            foreach (var pattern in patterns.Select(text => new NamePattern(text)))
            {
                using var grep = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("grep", ["-P", "--", pattern.RegularExpression, file])
                {
                    RedirectStandardOutput = true,
                    Environment = { ["LC_ALL"] = "C.UTF-8" },
                })!;
                var matched = grep.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
                grep.WaitForExit();

                Assert.Equal(names.Where(pattern.IsMatch), matched);
                Assert.Equal(names.Where(pattern.IsMatch), names.Where(name => Regex.IsMatch(name, pattern.RegularExpression)));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }
}
