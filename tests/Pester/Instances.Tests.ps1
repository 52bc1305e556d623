# As an operator would test a maintenance script: against a cluster, with the cmdlets only.

BeforeAll {
    Import-Module "$PSScriptRoot/../../out/Ganeti/Ganeti.psd1"
    $script:cluster = Connect-GntCluster h1
}

AfterAll {
    Disconnect-GntCluster
    Remove-Module Ganeti
}

Describe 'Reading' {
    It 'gives guests as objects with sizes in bytes' {
        $guest = Get-GntInstance vm1
        $guest | Should -BeOfType Ganeti.GntInstance
        $guest.Memory | Should -Be 64MB
        $guest.ClusterUuid | Should -Be $cluster.Uuid
    }

    It 'follows a pipeline from a node to its guests and back' {
        Get-GntNode | Get-GntInstance | Get-GntNode | Select-Object -ExpandProperty Name | Should -BeIn (Get-GntNode).Name
    }

    It 'takes any field by its own name' {
        (Get-GntInstance vm3 -Field disk.uuids).'disk.uuids' | Should -HaveCount 2
    }

    It 'survives Export-Clixml and goes on to the same cluster' {
        Get-GntInstance kvm2 | Export-Clixml TestDrive:/guest.xml
        Import-Clixml TestDrive:/guest.xml | Get-GntNode | Should -HaveCount 1
    }

    It 'works in parallel runspaces on one connection' {
        $manifest = "$PSScriptRoot/../../out/Ganeti/Ganeti.psd1"
        $states = 'vm1', 'vm2', 'vm3' | ForEach-Object -ThrottleLimit 3 -Parallel {
            Import-Module $using:manifest
            (Get-GntInstance $_).AdminState
        }
        $states | Should -HaveCount 3
    }

    It 'is silent about a wildcard that matches nothing' {
        Get-GntInstance 'no*' -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'reports a name that does not exist once' {
        Get-GntInstance nosuch -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem | Should -HaveCount 1
        $problem[0].CategoryInfo.Category | Should -Be ObjectNotFound
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'InstanceNotFound,*'
    }
}

Describe 'Models' {
    It 'can be written in a test without any cluster' {
        $guest = [Ganeti.GntInstance]@{ Name = 'vm1'; Status = 'running'; DiskTemplate = 'drbd'; IsRunning = $true }
        $guest.AutoMigratable | Should -BeTrue
        "$guest" | Should -Be 'vm1'
    }
}

Describe 'Moving' {
    It 'says what it would do' {
        $before = (Get-GntInstance kvm2).PrimaryNode
        Move-GntInstance kvm2 -WhatIf
        (Get-GntInstance kvm2).PrimaryNode | Should -Be $before
    }

    It 'moves a running guest live' {
        $before = Get-GntInstance kvm2
        $target = Get-GntNode | Where-Object Name -NE $before.PrimaryNode | Select-Object -First 1
        $after = $before | Move-GntInstance -TargetNode $target -PassThru
        $after.PrimaryNode | Should -Be $target.Name
        $after.Status | Should -Be running
    }

    It 'turns a job that fails into an error with Ganeti''s own code' {
        Move-GntInstance kvm2 -TargetNode nosuch -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].Exception.JobError.Code | Should -Be unknown_entity
    }
}

Describe 'Help' {
    It 'has a synopsis and examples for <_>' -ForEach (Import-PowerShellDataFile "$PSScriptRoot/../../Ganeti.psd1").CmdletsToExport {
        $help = Get-Help $_ -Full
        $help.Synopsis | Should -Not -Match '\['
        @($help.Examples.Example).Count | Should -BeGreaterOrEqual 2
    }
}
