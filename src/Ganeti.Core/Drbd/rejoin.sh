# shellcheck shell=sh
# Connects a side that is StandAlone, with the options from standard input, one a line.
#   KIND MINOR RESOURCE LOCAL PEER     KIND: discard (gives its own data up) or keep; the addresses as drbdsetup takes them
kind=$1 minor=$2 resource=$3 local=$4 peer=$5
set -- --protocol=C
while IFS= read -r option; do set -- "$@" "$option"; done
case " $* " in *' --shared-secret='*) ;; *) echo 'no secret was given' >&2; exit 1 ;; esac
# What was before is given up: a connection with the wrong addresses would be in the way, and no data is discarded but from StandAlone.
case $(drbdsetup cstate "$minor") in StandAlone) ;; *) echo "minor $minor is not StandAlone" >&2; exit 1 ;; esac
[ "$kind" = keep ] || set -- "$@" --discard-my-data
drbdsetup connect "$resource" "$local" "$peer" "$@"
