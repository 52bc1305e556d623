# A maintenance script's work, from a CSV file to the removal, with the cmdlets only.

BeforeAll {
    Import-Module "$PSScriptRoot/../../out/Ganeti/Ganeti.psd1"
    $null = Connect-GntCluster h1
    $common = @{ OS = 'noop+default'; Hypervisor = 'fake'; NoInstall = $true; NoNameCheck = $true; NoNic = $true }
}

AfterAll {
    Get-GntInstance pester* -ConfigurationOnly | Remove-GntInstance -Force
    Disconnect-GntCluster
    Remove-Module Ganeti
}

Describe 'Creating' {
    It 'takes rows of a CSV file' {
        @'
name,memory,vcpu,size,disktemplate,node
pester1.lab.example,64MB,1,32M,sharedfile,h1
pester2.lab.example,96M,2,,,
'@ | Set-Content TestDrive:/guests.csv
        $made = Import-Csv TestDrive:/guests.csv | New-GntInstance @common -PassThru
        $made | Should -HaveCount 2
        ($made | Where-Object Name -EQ pester1.lab.example).Disks.Size | Should -Be 32MB
        ($made | Where-Object Name -EQ pester2.lab.example).Memory | Should -Be 96MB
    }

    It 'refuses a name that is taken, and the others are created' {
        $made = 'pester1.lab.example', 'pester3.lab.example' | New-GntInstance @common -PassThru -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem | Should -HaveCount 1
        $problem[0].CategoryInfo.Category | Should -Be ResourceExists
        $made.Name | Should -Be pester3.lab.example
    }

    It 'keeps a secret out of the transcript' {
        Start-Transcript TestDrive:/transcript.txt | Out-Null
        New-GntInstance pester9.lab.example @common -SecretOSParameter @{ password = 'hush' } -WhatIf -Verbose 4>&1 | Out-Null
        Stop-Transcript | Out-Null
        Get-Content TestDrive:/transcript.txt -Raw | Should -Match 'os-parameters-secret'
        Get-Content TestDrive:/transcript.txt -Raw | Should -Not -Match 'hush'
    }
}

Describe 'Changing' {
    It 'starts what is stopped and says what needs a restart' {
        Get-GntInstance pester* | Start-GntInstance
        Get-GntInstance pester1 | Set-GntInstance -Memory 128MB
        Get-GntInstance pester* | Where-Object NeedsRestart | Select-Object -ExpandProperty Name | Should -Be pester1.lab.example
        Get-GntInstance pester* | Where-Object NeedsRestart | Restart-GntInstance -Type Full -Confirm:$false
        Get-GntInstance pester* | Where-Object NeedsRestart | Should -BeNullOrEmpty
    }

    It 'gives a disk and takes it away' {
        $disk = Add-GntDisk pester1 -Size 16MB -PassThru
        $disk.Index | Should -Be 1
        $disk | Resize-GntDisk -Size 24MB -PassThru | Select-Object -ExpandProperty Size | Should -Be 24MB
        $disk | Remove-GntDisk -Restart -Force
        Get-GntDisk pester1 | Should -HaveCount 1
    }

    It 'needs -Force about data, whatever -Confirm says' {
        { Get-GntInstance pester1 | Remove-GntInstance -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'ConfirmationImpossible*'
        Get-GntInstance pester1 | Should -HaveCount 1
    }

    It 'prints a line a guest with -WhatIf and changes nothing' {
        $before = (Get-GntJob | Measure-Object Id -Maximum).Maximum
        Get-GntInstance pester* | Set-GntInstance -Memory 1GB -WhatIf
        (Get-GntJob | Measure-Object Id -Maximum).Maximum | Should -Be $before
    }
}

Describe 'Jobs' {
    It 'are written at once with -NoWait, and Wait-GntJob takes them' {
        $jobs = Get-GntInstance pester* | Stop-GntInstance -Force -NoWait
        $jobs | Should -BeOfType Ganeti.GntJob
        ($jobs | Wait-GntJob).Status | Sort-Object -Unique | Should -Be success
        (Get-GntInstance pester*).Status | Sort-Object -Unique | Should -Be ADMIN_down
    }
}

Describe 'Removing' {
    It 'takes all of a pipeline' {
        Get-GntInstance pester* | Remove-GntInstance -Force
        Get-GntInstance pester* | Should -BeNullOrEmpty
    }
}
