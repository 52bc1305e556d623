using System.Management.Automation;

namespace Ganeti.Console;

/// <summary>
/// The engine completes members, paths and variables by way of four cmdlets that only pwsh has. While it completes, and
/// only then, what it needs of them stands in: nothing that a user could call.
/// </summary>
internal static class CompletionStandIns
{
    private static readonly Dictionary<string, string> Bodies = new(StringComparer.OrdinalIgnoreCase)
    {
        [@"Microsoft.PowerShell.Utility\Sort-Object"] =
            "param($Property, [switch] $Unique, [Parameter(ValueFromPipeline)] $InputObject) process { $InputObject }",
        [@"Microsoft.PowerShell.Management\Get-Item"] =
            "param($Path) $ExecutionContext.InvokeProvider.Item.Get($Path)",
        [@"Microsoft.PowerShell.Management\Resolve-Path"] =
            "param($Path) $ExecutionContext.SessionState.Path.GetResolvedPSPathFromPSPath($Path)",
        [@"Microsoft.PowerShell.Management\Get-ChildItem"] =
            """
            param($LiteralPath, [switch] $Name)
            if ($Name) { $ExecutionContext.InvokeProvider.ChildItem.GetNames($LiteralPath, 'ReturnMatchingContainers', $false) }
            else { $ExecutionContext.InvokeProvider.ChildItem.Get($LiteralPath, $false) }
            """,
    };

    public static void Lend(object? sender, CommandLookupEventArgs lookup)
    {
        if (Bodies.TryGetValue(lookup.CommandName, out var body))
        {
            lookup.CommandScriptBlock = ScriptBlock.Create("[CmdletBinding()] " + body);
        }
    }
}
