namespace Ganeti.Tests.Engine;

/// <summary>How often random input is tried: a few times in every run, GANETI_SOAK times as often in tests/soak.sh.</summary>
internal static class Soak
{
    private static readonly int Factor = int.TryParse(Environment.GetEnvironmentVariable("GANETI_SOAK"), out var factor) ? factor : 1;

    public static int Times(int usually) => usually * Factor;
}
