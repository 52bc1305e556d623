#!/usr/bin/env bash
# Installs what the tests need, builds, runs all of them, and ends with one line: N passed, N failed, N skipped.
# Needs root (namespaces) and .NET 10; what a test needs and does not find fails it in CI and skips it elsewhere.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $EUID == 0 ]] || exec sudo -E "$0" "$@"
command -v dotnet >/dev/null || { echo "This needs the .NET SDK 10 (dotnet)." >&2; exit 1; }

results=$(mktemp -d)
lab=(bash tests/lab/lab.sh --name "test$$")
scale=(bash tests/lab/lab.sh --name "scale$$")
mirrors=(bash tests/lab/drbd.sh --name "test$$")
tests=tests/Ganeti.Tests/bin/Debug/net10.0/Ganeti.Tests.dll
failed=0
labs=
machines=
# The lab scripts still at work are waited for, "down" taking turns with "up"; but for the machines, which may take minutes.
trap '[[ -z $machines ]] || kill "$machines" 2>/dev/null || true; [[ -z $labs ]] || wait "$labs" || true
  "${lab[@]}" down || true; "${scale[@]}" down || true; "${mirrors[@]}" down || true; rm -rf "$results"' EXIT

step() { printf '\n== %s (%ds)\n' "$*" "$SECONDS"; }

# suite NAME COMMAND… : one run of the test program, its counts kept for the last line.
suite() {
  local name=$1
  shift
  step "$name"
  "$@" -noLogo -xml "$results/$name.xml" || failed=1
  [[ -s $results/$name.xml ]] || { echo "The suite '$name' ended without a result." >&2; failed=1; }
}

count() { cat "$results"/*.xml 2>/dev/null | grep -o "<assembly [^>]*" | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*' | awk '{ n += $1 } END { print n + 0 }'; }

step "packages"
"${lab[@]}" install
"${mirrors[@]}" install
# Minutes of work where nothing is kept of an earlier run; it makes way for all others.
nice -n 19 "${mirrors[@]}" prepare >"$results/machines.log" 2>&1 &
machines=$!
step "build, and clusters beside it"
{ "${lab[@]}" up && "${scale[@]}" up --nodes 1 && "${scale[@]}" multiply 1000; } >"$results/labs.log" 2>&1 &
labs=$!
dotnet build Ganeti.sln -v q -nologo

suite unit dotnet "$tests" -trait "Kind=unit"
suite engine dotnet "$tests" -trait "Kind=engine"
suite server dotnet "$tests" -trait "Kind=server"
step "waiting for the clusters"
if wait "$labs"; then
  suite cluster "${lab[@]}" client dotnet "$tests" -trait "Kind=cluster" -trait- "Pace=long"
  suite scale "${scale[@]}" client dotnet "$tests" -trait "Kind=scale"
else
  cat "$results/labs.log" >&2
  failed=1
fi

step "waiting for the machines"
if wait "$machines" && "${mirrors[@]}" up >>"$results/machines.log" 2>&1; then
  # Minutes each on emulated machines: what is long runs in tests/soak.sh.
  suite storage "${mirrors[@]}" client dotnet "$tests" -trait "Kind=storage" -trait- "Pace=long"
else
  cat "$results/machines.log" >&2
  failed=1
fi

step "acceptance (Pester)"
if shell=$(bash tests/pwsh.sh); then
  eval "$shell"
  "${lab[@]}" client "$PWSH" -NoProfile -File tests/Pester/run.ps1 -Pester "$PESTER" -Result "$results/pester.xml" || failed=1
  [[ -s $results/pester.xml ]] || { echo "The acceptance tests ended without a result." >&2; failed=1; }
else
  echo "The acceptance tests need pwsh and Pester, and they could not be installed." >&2
  [[ -z ${CI:-} ]] || failed=1
fi

passed=$(($(count total) - $(count failed) - $(count skipped) - $(count not-run)))
broken=$(count failed)
# A suite that broke without a failed test is a failure all the same.
[[ $failed == 0 || $broken != 0 ]] || broken=1
echo
echo "$passed passed, $broken failed, $(count skipped) skipped"
[[ $broken == 0 ]]
