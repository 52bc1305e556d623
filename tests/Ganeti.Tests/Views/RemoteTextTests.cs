using CsCheck;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Views;

[Trait("Kind", "unit")]
public sealed class RemoteTextTests
{
    [Theory]
    [InlineData("vm1", "vm1")]
    [InlineData("a\tb\nc", "a\tb\nc")]
    [InlineData("\u001b[31mred", "␛[31mred")]
    [InlineData("\r\0\a", "␍␀␇")]
    [InlineData("x\u007f", "x\\u007f")]
    [InlineData("\u009b31m", "\\u009b31m")]
    [InlineData("a\u202eb", "a\\u202eb")]
    [InlineData("é漢😀", "é漢😀")]
    [InlineData("", "")]
    public void What_could_steer_a_terminal_is_shown_as_a_picture_of_it(string text, string shown) => Assert.Equal(shown, RemoteText.Printable(text));

    [Fact]
    public void No_control_character_is_left_of_any_text() =>
        Gen.String.Sample(text => RemoteText.Printable(text).All(c => !char.IsControl(c) || c is '\n' or '\t'), iter: Soak.Times(1000), threads: 1);
}
