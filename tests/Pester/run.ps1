# Runs the acceptance tests in a lab's client network: bash tests/lab/lab.sh client pwsh -NoProfile -File tests/Pester/run.ps1
$configuration = New-PesterConfiguration
$configuration.Run.Path = $PSScriptRoot
$configuration.Run.Exit = $true
$configuration.Output.Verbosity = 'Detailed'
Invoke-Pester -Configuration $configuration
