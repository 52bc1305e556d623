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
        'Connect-GntCluster'
        'Convert-GntDisk'
        'Disable-GntDisk'
        'Disconnect-GntCluster'
        'Enable-GntDisk'
        'Get-GntCluster'
        'Get-GntDisk'
        'Get-GntField'
        'Get-GntGroup'
        'Get-GntInstance'
        'Get-GntJob'
        'Get-GntLock'
        'Get-GntNetwork'
        'Get-GntNic'
        'Get-GntNode'
        'Move-GntDisk'
        'Move-GntInstance'
        'New-GntInstance'
        'Remove-GntDisk'
        'Remove-GntInstance'
        'Remove-GntJob'
        'Remove-GntNic'
        'Rename-GntInstance'
        'Reset-GntInstance'
        'Resize-GntDisk'
        'Restart-GntInstance'
        'Set-GntDisk'
        'Set-GntInstance'
        'Set-GntJob'
        'Set-GntNic'
        'Start-GntInstance'
        'Stop-GntInstance'
        'Stop-GntJob'
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
