using System.Collections;
using System.Management.Automation;
using System.Security;
using System.Text;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Cluster;

/// <summary>A secret that is handed over is in nothing that is shown, kept or can be looked at by others.</summary>
[Trait("Kind", "cluster")]
[Collection(nameof(Lab))]
public sealed class SecretLeakTests
{
    private const string Secret = "hush-4711";

    // Its own words are not in its arguments, and so not in what it finds.
    private const string Look =
        """
        while [ -e /tmp/gnt-look ]; do
            for process in /proc/[0-9]*; do
                for file in cmdline environ; do
                    tr '\0' '\n' <"$process/$file" 2>/dev/null | grep -F -f /tmp/gnt-look | sed "s|^|$process $file $(tr '\0' ' ' <"$process/cmdline" 2>/dev/null | head -c 60): |" 2>/dev/null
                done
            done
        done
        :
        """;

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
        var look = Task.Run(() => Lab.Exec("h1", "timeout", "60", "sh", "-c", Look));
        var outcome = engine.Run($"{script} -Verbose -Debug -InformationAction Continue");
        var jobs = engine.Run("(Get-GntJob)[-2..-1]").Succeeded().Of<GntJob>();
        Lab.Exec("h1", "rm", "-f", "/tmp/gnt-look");
        var seen = await look;
        engine.Run("Get-GntInstance hush* -ConfigurationOnly | Remove-GntInstance -Force; $null = Set-GntInstance vm4 -PrivateOSParameter @{ token = $null }");

        var shown = new StringBuilder(engine.Host.Text)
            .AppendJoin('\n', outcome.Verbose).AppendJoin('\n', outcome.Debug).AppendJoin('\n', outcome.Warnings).AppendJoin('\n', outcome.Information);
        foreach (var error in outcome.Errors)
        {
            shown.Append(error.Exception).Append(error).Append(error.ErrorDetails?.RecommendedAction).Append(error.TargetObject).Append(error.InvocationInfo?.PositionMessage).Append(error.InvocationInfo?.Line).Append(error.ScriptStackTrace);
        }

        Assert.DoesNotContain(outcome.Errors, error => error.Exception is CommandNotFoundException or ParameterBindingException);
        Assert.DoesNotContain(Secret, shown.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, string.Join('\n', outcome.Output.Select(item => item.BaseObject).Concat(jobs).SelectMany(item => Values(item, 4))), StringComparison.Ordinal);
        Assert.Equal(string.Empty, seen);
    }

    /// <summary>All texts in an object, however deep.</summary>
    private static IEnumerable<string> Values(object? value, int depth)
    {
        switch (value)
        {
            case null:
                return [];
            case string text:
                return [text];
            case GntParameters members:
                return members.SelectMany(member => Values(member.Value, depth - 1).Append(member.Key));
            case IEnumerable items:
                return items.Cast<object?>().SelectMany(item => Values(item, depth - 1));
            default:
                return depth == 0 || value.GetType().Namespace != nameof(Ganeti)
                    ? [$"{value}"]
                    : value.GetType().GetProperties().Where(property => property.GetIndexParameters().Length == 0).SelectMany(property => Values(property.GetValue(value), depth - 1));
        }
    }
}
