#!/usr/bin/env bash
# Brings up a real three-node Ganeti in namespaces on this machine and does an operator's main job in it, from a
# PowerShell prompt: looks around, and moves a running QEMU guest live from one node to another. Needs root and .NET 10.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $EUID == 0 ]] || exec sudo -E "$0" "$@"
command -v dotnet >/dev/null || { echo "This needs the .NET SDK 10 (dotnet)." >&2; exit 1; }

lab=(bash tests/lab/lab.sh --name "${GANETI_DEMO_LAB:-demo}")
log=$(mktemp)
up=
# "down" takes turns with an "up" that is still at work.
trap '[[ -z $up ]] || wait "$up" || true; "${lab[@]}" down; rm -f "$log"' EXIT

"${lab[@]}" install
echo "Building the module, and bringing up a cluster of three nodes …" >&2
"${lab[@]}" up &
up=$!
if ! dotnet build src/Ganeti.Console -c Release -v q -nologo -p:GenerateFullPaths=true >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
wait "$up"

"${lab[@]}" client dotnet src/Ganeti.Console/bin/Release/net10.0/ganeti-console.dll -File tests/demo.ps1
