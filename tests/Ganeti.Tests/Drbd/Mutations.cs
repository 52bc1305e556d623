using CsCheck;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Drbd;

/// <summary>Recorded output with something cut out, doubled, exchanged or overwritten, and text of the same characters.</summary>
internal sealed class Mutations
{
    private static readonly string[] Splinters = ["\0", "\t", " ", ":", "/", "{", "}", ";", "\"", "#", "-1", "99999999999999999999", "cs:", "\u001b[31m", "\ud83d", "[=>", "\r\n", "exists", "volume:0", "%", "\\"];

    private readonly Gen<string> _texts;

    private Mutations(string[] originals) => _texts = Gen.Select(Gen.OneOf(originals), Gen.Int[0, 3], Gen.Int[0, int.MaxValue], Gen.Int[0, 40], Gen.OneOf(Splinters), Gen.Int[1, 4])
        .Array[1, 4].Select(steps => steps.Aggregate(steps[0].Item1, (text, step) => Mutate(text, step.Item2, step.Item3, step.Item4, step.Item5, step.Item6)));

    public static Mutations OfFixtures(string prefix) =>
        new([.. Directory.GetFiles(Repository.At("tests", "fixtures"), prefix + "*").Order(StringComparer.Ordinal).Select(File.ReadAllText)]);

    public static Mutations Of(params string[] originals) => new(originals);

    public void Sample(Func<string, bool> holds, int inEveryRun = 1000) => _texts.Sample(holds, seed: "0000KxV2Yr63", iter: Soak.Times(inEveryRun), threads: 1);

    private static string Mutate(string text, int how, int where, int length, string splinter, int times)
    {
        var at = text.Length == 0 ? 0 : where % text.Length;
        var end = Math.Min(text.Length, at + length);
        return how switch
        {
            0 => text[..at],
            1 => text[..at] + text[end..],
            2 => text[..at] + string.Concat(Enumerable.Repeat(splinter, times)) + text[at..],
            _ => text[..end] + text[at..],
        };
    }
}
