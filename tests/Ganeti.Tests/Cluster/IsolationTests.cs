using Ganeti.Tests.Engine;
using Ganeti.Tests.Hosting;

namespace Ganeti.Tests.Cluster;

/// <summary>Beside a module that brings an SSH.NET, a BouncyCastle and a Newtonsoft.Json of other versions (tests/OtherModule), each order in a process of its own.</summary>
[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class IsolationTests
{
    private const string Ours =
        """
        function Test-Ours {
            $null = Connect-GntCluster h1
            "nodes $((Get-GntNode -ConfigurationOnly).Count), guests $((Get-GntInstance -ConfigurationOnly | Where-Object Name -like vm?.*).Count)"
            "history $(@(Get-GntHistory -Node h2).Count)"
            Disconnect-GntCluster
        }
        """;

    private const string Other =
        """
        function Test-Other {
            "other $(Connect-OtherHost h2 -User root -KeyFile $HOME/.ssh/id_ed25519 -Command hostname)"
            $v = Get-OtherVersion
            "versions $($v.SshNet) $($v.BouncyCastle) $($v.Json) $($v.Text)"
        }
        """;

    private const string Loaded =
        """
        function Get-Loaded($name) {
            $versions = @([AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object GetName | Where-Object Name -eq $name | ForEach-Object { $_.Version.Major })
            [array]::Sort($versions)
            "$name $versions"
        }
        'Renci.SshNet', 'Newtonsoft.Json' | ForEach-Object { Get-Loaded $_ }
        "BouncyCastle $([AppDomain]::CurrentDomain.GetAssemblies().Where{ $_.GetName().Name -eq 'BouncyCastle.Cryptography' }.Count)"
        """;

    // A careless neighbour also sets defaults for the whole process, which no thread but the pipeline's could even run.
    private const string Careless = "[Newtonsoft.Json.JsonConvert]::DefaultSettings = [Func[Newtonsoft.Json.JsonSerializerSettings]] { throw 'whose?' }";

    private static readonly string OtherModule = Path.Combine(
        Repository.At("tests", "OtherModule", "bin"), new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net8.0", "OtherModule.dll");

    public IsolationTests() => Lab.Require();

    [Fact]
    public void Imported_before_another_module_with_other_libraries_both_work() =>
        Check([], "Test-Ours", $"Import-Module '{OtherModule}'", "Test-Other", Careless, "Test-Ours", "Test-Other");

    [Fact]
    public void Imported_after_it_both_work() =>
        Check(["-Module", OtherModule], "Test-Other", Careless, $"Import-Module '{Repository.Manifest}'", "Test-Ours", "Test-Other", "Test-Ours");

    [Fact]
    public async Task Two_processes_at_once_do_not_know_of_each_other()
    {
        using var script = new ScriptFile($"$ErrorActionPreference = 'Stop'\n{Ours}\n1..3 | ForEach-Object {{ Test-Ours }}");

        var results = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => ConsoleProgram.Run("-File", script.Path))));

        Assert.All(results, result => Assert.Equal((0, "", 6), (result.Status, result.Errors, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length)));
    }

    [Fact]
    public async Task Runspaces_that_connect_at_the_same_time_all_work_and_leave_nothing()
    {
        await Lab.EventuallyAsync(() => Lab.Sessions() == 0, "no session is left of other tests");

        await Task.WhenAll(Enumerable.Range(0, 6).Select(number => Task.Factory.StartNew(
            () =>
            {
                using var engine = Lab.Connected($"h{1 + (number % 3)}");
                for (var i = 0; i < 3; i++)
                {
                    Assert.Equal(3, engine.Run("Get-GntNode -ConfigurationOnly").Succeeded().Output.Count);
                    engine.Run("Get-GntHistory").Succeeded();
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        await Lab.EventuallyAsync(() => Lab.Sessions() == 0, "all sessions have ended");
    }

    private static void Check(string[] options, params string[] steps)
    {
        using var script = new ScriptFile(string.Join('\n', ["$ErrorActionPreference = 'Stop'", Ours, Other, .. steps, Loaded]));

        var result = ConsoleProgram.Run([.. options, "-File", script.Path]);

        Assert.Equal((0, ""), (result.Status, result.Errors));
        var expected = steps.SelectMany(step => step switch
        {
            "Test-Ours" => (string[])["nodes 3, guests 4", "history 0"],
            "Test-Other" => ["other h2.lab.example", "versions 2024.2.0.1 2.0.0.0 14.0.0.0 [1,2]"],
            _ => [],
        });
        Assert.Equal([.. expected, "Renci.SshNet 2024 2026", "Newtonsoft.Json 13 14", "BouncyCastle 2"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}
