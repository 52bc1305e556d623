<#
.SYNOPSIS
Runs the acceptance tests in a lab's client network:
eval "$(bash tests/pwsh.sh)"; bash tests/lab/lab.sh client "$PWSH" -NoProfile -File tests/Pester/run.ps1 -Pester "$PESTER"
#>
param(
    # The module, by name or path.
    [string] $Pester = 'Pester',

    # Where to write the counts, in the form of xunit's results.
    [string] $Result
)

Import-Module $Pester
$configuration = New-PesterConfiguration
$configuration.Run.Path = $PSScriptRoot
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$run = Invoke-Pester -Configuration $configuration
if ($Result) {
    $notRun = $run.TotalCount - $run.PassedCount - $run.FailedCount - $run.SkippedCount
    "<assemblies><assembly total=""$($run.TotalCount)"" failed=""$($run.FailedCount)"" skipped=""$($run.SkippedCount)"" not-run=""$notRun"" /></assemblies>" | Set-Content $Result
}

exit [int]($run.Result -ne 'Passed')
