#!/usr/bin/env bash
# Figures side by side with what a user would do instead, in one run: a one-node lab of 1000 guests (or $1).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $EUID == 0 ]] || exec sudo -E "$0" "$@"

lab=(bash tests/lab/lab.sh --name bench)
trap '"${lab[@]}" down' EXIT
# What many nodes are asked with today.
command -v clush >/dev/null || apt-get install -y -qq --no-install-recommends clustershell >/dev/null
dotnet build tests/Ganeti.Benchmarks -c Release -v q -nologo
"${lab[@]}" up --nodes 1
"${lab[@]}" multiply "${1:-1000}"
results=$(mktemp -d)
dotnet tests/Ganeti.Benchmarks/bin/Release/net10.0/Ganeti.Benchmarks.dll weight
"${lab[@]}" client dotnet tests/Ganeti.Benchmarks/bin/Release/net10.0/Ganeti.Benchmarks.dll --filter '*' --artifacts "$results"
