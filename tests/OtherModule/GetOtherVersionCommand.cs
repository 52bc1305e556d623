using System.Management.Automation;
using System.Reflection;
using Org.BouncyCastle.Crypto.Digests;
using Renci.SshNet;

namespace OtherModule;

/// <summary>The versions that the module runs with, after having used each library.</summary>
[Cmdlet(VerbsCommon.Get, "OtherVersion")]
public sealed class GetOtherVersionCommand : PSCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _ = new Blake2bDigest().GetDigestSize();
        var answer = new PSObject();
        answer.Properties.Add(new PSNoteProperty("SshNet", VersionOf(typeof(SshClient).Assembly)));
        answer.Properties.Add(new PSNoteProperty("BouncyCastle", VersionOf(typeof(Blake2bDigest).Assembly)));
        answer.Properties.Add(new PSNoteProperty("Json", VersionOf(OwnJson.Assembly)));
        answer.Properties.Add(new PSNoteProperty("Text", OwnJson.Write(new[] { 1, 2 })));
        WriteObject(answer);
    }

    private static string VersionOf(Assembly assembly) => assembly.GetName().Version!.ToString();
}
