#!/usr/bin/env bash
# The full counts of what tests/run.sh does a few times only: random input, and the suites against real servers, again and again.
# soak.sh [ROUNDS] (default 10)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $EUID == 0 ]] || exec sudo -E "$0" "$@"

rounds=${1:-10}
lab=(bash tests/lab/lab.sh --name soak)
mirrors=(bash tests/lab/drbd.sh --name soak)
tests=tests/Ganeti.Tests/bin/Debug/net10.0/Ganeti.Tests.dll
trap '"${lab[@]}" down; "${mirrors[@]}" down' EXIT
dotnet build Ganeti.sln -v q -nologo
GANETI_SOAK=200 dotnet "$tests" -noLogo -trait "Kind=unit" -class- "Ganeti.Tests.Input.*"
# A million mutations of what real programs printed.
GANETI_SOAK=100 dotnet "$tests" -noLogo -class "Ganeti.Tests.Input.*"
# Ten minutes of sessions at work under one fault after the other, with a line about memory, handles and threads every half a minute.
"${lab[@]}" up
GANETI_SOAK=10 "${lab[@]}" client dotnet "$tests" -noLogo -showLiveOutput -class "Ganeti.Tests.Cluster.SoakTests"
"${mirrors[@]}" up
"${mirrors[@]}" client dotnet "$tests" -noLogo -trait "Kind=storage"
# Fifty clients killed at random moments of a reset.
GANETI_SOAK=50 "${mirrors[@]}" client dotnet "$tests" -noLogo -method '*.A_client_that_is_killed_at_any_moment_leaves_nothing_behind'
# Fifty clients killed at random moments of an import.
GANETI_SOAK=10 "${mirrors[@]}" client dotnet "$tests" -noLogo -method '*.What_a_client_that_is_killed_leaves_is_marked_and_goes_away'
# And of a mount.
GANETI_SOAK=10 "${mirrors[@]}" client dotnet "$tests" -noLogo -method '*.A_client_that_is_killed_leaves_nothing_that_is_not_found_and_undone'
# And of the repair of a lost disk, which others bring to its end.
GANETI_SOAK=10 "${mirrors[@]}" client dotnet "$tests" -noLogo -method '*.A_client_that_is_killed_at_any_moment_is_followed_by_one_that_gets_to_the_end'
for ((round = 1; round <= rounds; round++)); do
  echo "== round $round of $rounds"
  dotnet "$tests" -noLogo -trait "Kind=server"
  "${lab[@]}" up
  "${lab[@]}" client dotnet "$tests" -noLogo -trait "Kind=cluster"
  # A new cluster each time.
  "${lab[@]}" down
done
