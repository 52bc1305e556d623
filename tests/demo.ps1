# What an operator types. Each line is shown as it would be typed, then run.
$steps = @(
    "Connect-GntCluster h1"
    "Get-GntNode"
    "Get-GntInstance"
    "Get-GntNode h2 | Get-GntInstance | Where-Object Hypervisor -eq kvm | Get-GntDisk"
    "Get-GntNode h2 | Get-GntInstance | Where-Object AutoMigratable | Move-GntInstance -TargetNode h3 -WhatIf"
    "Get-GntInstance kvm* | Move-GntInstance -TargetNode h3 -PassThru -InformationAction Continue"
    "Get-GntNode h3 | Get-GntInstance"
    "Get-GntInstance kvm1 | Get-GntJob"
    "Get-GntInstance nosuch"
    "Disconnect-GntCluster"
)

foreach ($step in $steps) {
    $Host.UI.WriteLine('')
    $Host.UI.WriteLine("GNT> $step")
    . ([scriptblock]::Create($step)) | Out-Host
}
