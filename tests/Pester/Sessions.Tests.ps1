# Other sessions, jobs and processes than the one that has connected.

BeforeAll {
    $manifest = (Resolve-Path "$PSScriptRoot/../../out/Ganeti/Ganeti.psd1").Path
    Import-Module $manifest
    $null = Connect-GntCluster h1
}

AfterAll {
    Disconnect-GntCluster
    Remove-Module Ganeti
}

Describe 'The open connection' {
    It 'serves threads beside each other' {
        1..4 | ForEach-Object -Parallel {
            Import-Module $using:manifest
            (Get-GntNode -ConfigurationOnly).Count
        } -ThrottleLimit 4 | Should -Be 3, 3, 3, 3
        Get-GntNode -ConfigurationOnly | Should -HaveCount 3
    }

    It 'serves a thread job' {
        Start-ThreadJob { Import-Module $using:manifest; Get-GntNode -ConfigurationOnly } | Receive-Job -Wait -AutoRemoveJob | Should -HaveCount 3
    }
}

Describe 'Another process' {
    It 'is a background job, whose objects are taken again here' {
        $nodes = Start-Job { Import-Module $using:manifest; $null = Connect-GntCluster h1; Get-GntNode -ConfigurationOnly } | Receive-Job -Wait -AutoRemoveJob
        $nodes | Should -HaveCount 3
        $here = Get-GntNode -ConfigurationOnly | Get-GntInstance -ConfigurationOnly
        ($nodes | Get-GntInstance -ConfigurationOnly).Name | Should -Be $here.Name
        $here.Count | Should -BeGreaterThan 3
    }

    It 'is a second shell' {
        # As .NET's tool it is no program of its own.
        $shell = (Get-Process -Id $PID).Path
        $tool = @(if ((Split-Path $shell -Leaf) -like 'dotnet*') { Join-Path $PSHOME pwsh.dll })
        & $shell @tool -NoProfile -Command "Import-Module '$manifest'; `$null = Connect-GntCluster h2; (Get-GntNode -ConfigurationOnly).Name -join ' '" | Should -Be ((Get-GntNode -ConfigurationOnly).Name -join ' ')
    }
}
