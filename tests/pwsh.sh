#!/usr/bin/env bash
# Says how to call a pwsh that has Pester: PWSH=… PESTER=… for eval. The machine's own where it has them, else PowerShell as NuGet's .NET tool
# and NuGet's Pester, kept in a cache outside of the repository.
set -euo pipefail
pwsh_version=7.6.9 # the newest in the registry, the engine of the console and of the tests
pester_version=5.9.1 # the newest 5 in the registry
cache=${GANETI_CACHE:-/var/cache/ganeti}

if own=$(command -v pwsh) && "$own" -NoProfile -Command 'exit [int](-not (Get-Module -ListAvailable Pester))'; then
  printf 'PWSH=%q PESTER=Pester\n' "$own"
  exit
fi

# Built aside and renamed: whoever is stopped half-way leaves nothing that looks whole.
folder=$cache/pwsh-$pwsh_version-pester-$pester_version
if [[ ! -d $folder ]]; then
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/pwsh.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  dotnet tool install PowerShell --version "$pwsh_version" --tool-path "$work/pwsh" >&2
  cat >"$work/pester.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><RestorePackagesPath>$work/packages</RestorePackagesPath></PropertyGroup>
  <ItemGroup><PackageDownload Include="Pester" Version="[$pester_version]" /></ItemGroup>
</Project>
XML
  dotnet restore "$work/pester.csproj" -v q >&2
  mv "$work/packages/pester/$pester_version/tools" "$work/Pester"
  rm -rf "$work/packages" "$work/obj" "$work/pester.csproj"
  mv -T "$work" "$folder" 2>/dev/null || [[ -d $folder ]]
fi
printf 'PWSH=%q PESTER=%q\n' "$folder/pwsh/pwsh" "$folder/Pester/Pester.psd1"
