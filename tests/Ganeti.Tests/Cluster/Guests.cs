using System.Globalization;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Cluster;

/// <summary>Guests of the hypervisor <c>fake</c> that a test makes for itself and that are gone after it.</summary>
internal sealed class Guests : IDisposable
{
    private static int _last;

    private readonly PowerShellEngine _engine;

    public Guests(PowerShellEngine engine, int count = 1, string options = "-Memory 64MB")
    {
        _engine = engine;
        Names = [.. Enumerable.Range(0, count).Select(_ => string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _last)}-{Environment.ProcessId}.lab.example"))];
        engine.Set("names", Names);
        engine.Run($"$names | New-GntInstance -OS noop+default -Hypervisor fake -NoInstall -NoNameCheck -NoNic {options}").Succeeded();
    }

    public string[] Names { get; }

    public string Name => Names[0];

    public void Dispose()
    {
        _engine.Set("names", Names);
        var left = _engine.Run("Get-GntInstance -ConfigurationOnly | Where-Object { $names -contains $_.Name } | Remove-GntInstance -Force");
        Assert.Empty(left.Errors);
    }
}
