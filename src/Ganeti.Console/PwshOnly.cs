using System.Management.Automation;

namespace Ganeti.Console;

/// <summary>The everyday cmdlets of pwsh that are not in the engine itself.</summary>
internal static class PwshOnly
{
    private static readonly HashSet<string> Names = new(
        """
        Add-Content Add-Member Add-Type Clear-Content Clear-Variable Compare-Object ConvertFrom-Csv ConvertFrom-Json
        ConvertFrom-SecureString ConvertFrom-StringData ConvertTo-Csv ConvertTo-Html ConvertTo-Json ConvertTo-SecureString ConvertTo-Xml
        Copy-Item Export-Clixml Export-Csv Format-Custom Format-Hex Format-List Format-Table Format-Wide Get-Alias Get-ChildItem
        Get-Content Get-Credential Get-Culture Get-Date Get-Error Get-Item Get-ItemProperty Get-Location Get-Member Get-Process
        Get-PSDrive Get-Random Get-Unique Get-Uptime Get-Variable Group-Object Import-Clixml Import-Csv Import-PowerShellDataFile
        Invoke-Expression Invoke-RestMethod Invoke-WebRequest Join-Path Join-String Measure-Command Measure-Object Move-Item
        New-Alias New-Guid New-Item New-Object New-TemporaryFile New-TimeSpan New-Variable Out-File Out-String Pop-Location
        Push-Location Read-Host Remove-Item Remove-Variable Rename-Item Resolve-Path Select-Object Select-String Select-Xml Set-Alias
        Set-Content Set-Item Set-Location Set-Variable Show-Markdown Sort-Object Split-Path Start-Process Start-Sleep Stop-Process
        Tee-Object Test-Connection Test-Json Test-Path Trace-Command Update-FormatData Update-List Update-TypeData Wait-Debugger
        Wait-Process Write-Debug Write-Error Write-Host Write-Information Write-Output Write-Progress Write-Verbose Write-Warning
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Stands in for those with the reason, where the engine's own message would send the reader after a typing mistake.</summary>
    public static void Explain(object? sender, CommandLookupEventArgs lookup)
    {
        if (Names.Contains(lookup.CommandName))
        {
            lookup.CommandScriptBlock = ScriptBlock.Create(
                $$"""
                [CmdletBinding()] param([Parameter(ValueFromRemainingArguments)] $Anything, [Parameter(ValueFromPipeline)] $InputObject)
                begin {
                    $record = [Management.Automation.ErrorRecord]::new(
                        [Management.Automation.CommandNotFoundException]::new(
                            "This console has the PowerShell engine's core cmdlets only; this one is in pwsh."),
                        'CommandNotFoundException', 'ObjectNotFound', '{{lookup.CommandName}}')
                    $record.CategoryInfo.Activity = '{{lookup.CommandName}}'
                    $PSCmdlet.ThrowTerminatingError($record)
                }
                """);
        }
    }
}
