@{
    RootModule             = 'Ganeti.dll'
    ModuleVersion          = '0.1.0'
    GUID                   = '5e0a3c1c-6f1b-4a52-9d0e-2a8f64f7c0d1'
    Author                 = 'The Ganeti for PowerShell authors'
    CompanyName            = 'Ganeti for PowerShell'
    Copyright              = '(c) 2026 The Ganeti for PowerShell authors. MIT licence.'
    Description            = 'Ganeti clusters, their guests, disks and DRBD mirrors as objects in a PowerShell pipeline, over SSH.'
    PowerShellVersion      = '7.4'
    CompatiblePSEditions   = @('Core')
    # Models can be cast to before any cmdlet has run: [Ganeti.GntInstance]@{ Name = 'vm1' }
    RequiredAssemblies     = @('Ganeti.Core.dll')
    FormatsToProcess       = @('Ganeti.format.ps1xml')
    TypesToProcess         = @('Ganeti.types.ps1xml')
    FunctionsToExport      = @()
    VariablesToExport      = @()
    AliasesToExport        = @()
    CmdletsToExport        = @(
        'Add-GntDisk'
        'Add-GntNic'
        'Add-GntTag'
        'Connect-GntCluster'
        'Convert-GntDisk'
        'Copy-GntInstance'
        'Disable-GntDisk'
        'Disconnect-GntCluster'
        'Enable-GntDisk'
        'Export-GntInstance'
        'Get-DrbdDevice'
        'Get-GntCluster'
        'Get-GntConsole'
        'Get-GntDisk'
        'Get-GntExport'
        'Get-GntField'
        'Get-GntGroup'
        'Get-GntInstance'
        'Get-GntJob'
        'Get-GntLock'
        'Get-GntNetwork'
        'Get-GntNic'
        'Get-GntNode'
        'Get-GntOs'
        'Get-GntTag'
        'Import-GntInstance'
        'Move-GntDisk'
        'Move-GntInstance'
        'New-GntInstance'
        'Remove-GntDisk'
        'Remove-GntExport'
        'Remove-GntInstance'
        'Remove-GntJob'
        'Remove-GntNic'
        'Remove-GntTag'
        'Rename-GntInstance'
        'Reset-GntInstance'
        'Resize-GntDisk'
        'Restart-GntInstance'
        'Resume-GntInstance'
        'Save-GntExport'
        'Set-GntDisk'
        'Set-GntInstance'
        'Set-GntJob'
        'Set-GntNic'
        'Set-GntOs'
        'Start-GntInstance'
        'Stop-GntInstance'
        'Stop-GntJob'
        'Test-GntMirror'
        'Wait-GntJob'
        'Watch-GntJob'
    )
    PrivateData            = @{
        PSData = @{
            Tags       = @('Ganeti', 'DRBD', 'LVM', 'KVM', 'Virtualization', 'SSH', 'PSEdition_Core', 'Linux', 'Windows', 'MacOS')
            LicenseUri = 'https://opensource.org/license/mit'
        }
    }
}
