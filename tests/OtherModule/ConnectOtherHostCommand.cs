using System.Management.Automation;
using Renci.SshNet;

namespace OtherModule;

/// <summary>Logs in on a host by the module's own SSH.NET and runs a command there.</summary>
[Cmdlet(VerbsCommunications.Connect, "OtherHost")]
public sealed class ConnectOtherHostCommand : PSCmdlet
{
    /// <summary>The host.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string HostName { get; set; } = string.Empty;

    /// <summary>The user.</summary>
    [Parameter(Mandatory = true)]
    public string User { get; set; } = string.Empty;

    /// <summary>The private key.</summary>
    [Parameter(Mandatory = true)]
    public string KeyFile { get; set; } = string.Empty;

    /// <summary>The command.</summary>
    [Parameter(Mandatory = true)]
    public string Command { get; set; } = string.Empty;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        using var key = new PrivateKeyFile(KeyFile);
        using var client = new SshClient(HostName, User, key);
        client.Connect();
        using var command = client.RunCommand(Command);
        WriteObject(command.Result.Trim());
    }
}
