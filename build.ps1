<#
.SYNOPSIS
Builds, tests, documents and packages the module. MSBuild does the work; without pwsh use 'dotnet build' and 'bash tests/run.sh'.
.EXAMPLE
./build.ps1
Builds into out/Ganeti.
.EXAMPLE
./build.ps1 -Task Help
Makes en-US/Ganeti.dll-Help.xml from the Markdown pages with PlatyPS.
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Help', 'Package')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

function Invoke-Native {
    $program, $arguments = $args
    & $program @arguments
    if ($LASTEXITCODE) { throw "$args ended with $LASTEXITCODE" }
}

switch ($Task) {
    'Build' { Invoke-Native dotnet build Ganeti.sln -c $Configuration -nologo }
    'Test' { Invoke-Native bash tests/run.sh }
    'Help' {
        Import-Module platyPS
        $null = New-ExternalHelp -Path en-US -OutputPath en-US -Force
    }
    'Package' {
        Invoke-Native dotnet build src/Ganeti -c $Configuration -nologo
        $version = (Import-PowerShellDataFile Ganeti.psd1).ModuleVersion
        Compress-Archive -Path out/Ganeti -DestinationPath "out/Ganeti-$version.zip" -Force
    }
}
