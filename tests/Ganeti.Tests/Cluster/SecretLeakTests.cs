using System.Management.Automation;
using System.Security;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Cluster;

/// <summary>A secret that is handed over is in nothing that is shown, kept or can be looked at by others.</summary>
[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class SecretLeakTests
{
    private const string Secret = "hush-4711";

    public SecretLeakTests() => Lab.Require();

    [Theory]
    [InlineData("New-GntInstance hush1.lab.example -OS noop+default -Hypervisor fake -NoInstall -NoNameCheck -NoNic -Memory 64MB -PrivateOSParameter @{ token = $secret } -SecretOSParameter @{ key = $secret } -PassThru")]
    [InlineData("New-GntInstance hush2.lab.example -OS noop+default -Hypervisor fake -NoInstall -NoNameCheck -NoNic -PrivateOSParameter @{ token = $secret } -SecretOSParameter @{ key = $secret } -WhatIf")]
    [InlineData("New-GntInstance vm1 -OS noop+default -NoInstall -PrivateOSParameter @{ token = $secret } -SecretOSParameter @{ key = $secret }")]
    [InlineData("New-GntInstance hush3.lab.example -OS noop+default -Hypervisor fake -Node nosuch -NoInstall -NoNameCheck -PrivateOSParameter @{ token = $secret } -SecretOSParameter @{ key = $secret }")]
    [InlineData("Set-GntInstance vm4 -PrivateOSParameter @{ token = $secret } -PassThru")]
    [InlineData("Set-GntInstance vm4 -HypervisorParameter @{ spice_password = $secret }")]
    [InlineData("Connect-GntCluster h1 -User nobody -Credential $credential")]
    public async Task It_is_in_no_stream_no_error_no_object_and_no_process(string script)
    {
        using var engine = Lab.Connected();
        engine.Set("secret", Secret);
        using var password = new SecureString();
        Secret.ToList().ForEach(password.AppendChar);
        engine.Set("credential", new PSCredential("nobody", password));
        Lab.Exec("h1", "sh", "-c", "printf %s%s hush -4711 >/tmp/gnt-look");
        var look = Task.Run(() => Lab.Exec("h1", "timeout", "60", "sh", "-c", Leaks.Look));
        var outcome = engine.Run($"{script} -Verbose -Debug -InformationAction Continue");
        var jobs = engine.Run("(Get-GntJob)[-2..-1]").Succeeded().Of<GntJob>();
        Lab.Exec("h1", "rm", "-f", "/tmp/gnt-look");
        var seen = await look;
        engine.Run("Get-GntInstance hush* -ConfigurationOnly | Remove-GntInstance -Force; $null = Set-GntInstance vm4 -PrivateOSParameter @{ token = $null }");

        Assert.DoesNotContain(outcome.Errors, error => error.Exception is CommandNotFoundException or ParameterBindingException);
        Leaks.AssertNone(Secret, outcome, engine.Host.Text, jobs);
        Assert.Equal(string.Empty, seen);
    }

    [Fact]
    public async Task A_passphrase_is_in_no_stream_no_error_no_object_no_transcript_and_no_process()
    {
        var folder = Directory.CreateTempSubdirectory("gnt-leak-").FullName;
        var key = Path.Combine(folder, "key");
        var transcript = Path.Combine(folder, "transcript");
        // Only the file's own password is in this program's arguments, and it has ended then.
        Assert.Equal(0, Run("ssh-keygen", "-q", "-t", "ed25519", "-N", Secret, "-f", key));
        Lab.Exec("h1", "sh", "-c", "cp /root/.ssh/authorized_keys /root/.ssh/authorized_keys.away; printf '%s\n' \"$1\" >>/root/.ssh/authorized_keys", "sh", (await File.ReadAllTextAsync($"{key}.pub", TestContext.Current.CancellationToken)).Trim());
        try
        {
            foreach (var answer in (string[])[$"wrong-{Secret}", Secret])
            {
                using var engine = new PowerShellEngine(new RecordingHost { Secret = answer });
                var seen = new System.Collections.Concurrent.ConcurrentBag<string>();
                using var over = new CancellationTokenSource();
                var look = Task.Run(
                    () =>
                    {
                        while (!over.IsCancellationRequested)
                        {
                            Leaks.LookHere(Secret, seen);
                        }
                    },
                    TestContext.Current.CancellationToken);

                var outcome = engine.Run($"Connect-GntCluster h1 -ConfigFile none -IdentityFile '{key}' -KnownHostsFile '{Path.Combine(Environment.GetEnvironmentVariable("GANETI_LAB_HOME")!, ".ssh", "known_hosts")}' -Verbose -Debug -InformationAction Continue; Get-GntNode -ConfigurationOnly -Verbose -Debug");
                await File.WriteAllTextAsync(transcript, engine.Host.Text, TestContext.Current.CancellationToken);
                await over.CancelAsync();
                await look;

                Assert.Equal(answer == Secret, outcome.Errors.Count == 0 && outcome.Terminating is null);
                Assert.Contains("passphrase", engine.Host.Text, StringComparison.OrdinalIgnoreCase);
                Leaks.AssertNone(Secret, outcome, await File.ReadAllTextAsync(transcript, TestContext.Current.CancellationToken));
                Assert.Empty(seen);
            }
        }
        finally
        {
            Lab.Exec("h1", "mv", "/root/.ssh/authorized_keys.away", "/root/.ssh/authorized_keys");
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
