#!/usr/bin/env bash
# A real Ganeti of several nodes in namespaces on this machine. See README.md beside this file.
set -euo pipefail
shopt -s inherit_errexit

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR
source "$here/install.sh"
source "$here/nodes.sh"
source "$here/cluster.sh"

usage() {
  sed -n 's/^    lab.sh/lab.sh/p' "$here/README.md" >&2
  exit 64
}

say() { printf '%6.1fs %s\n' "$(since)" "$*" >&2; }
since() { awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'; }
die() { echo "lab: $*" >&2; exit 1; }

started=$EPOCHREALTIME
name=lab
if [[ ${1:-} == --name ]]; then
  name=${2:?--name wants a name}
  shift 2
fi
[[ $name =~ ^[a-z0-9-]{1,12}$ ]] || die "a lab's name is up to 12 of a-z, 0-9 and -"
[[ $EUID == 0 ]] || die "namespaces need root"

state=/run/ganeti-lab/$name
domain=lab.example
cluster=gnt.$domain
command=${1:-}
[[ -n $command ]] || usage
shift

case $command in
  install) install_packages ;;
  up) lab_up "$@" ;;
  down) lab_down ;;
  status) lab_status ;;
  env) lab_env ;;
  exec) [[ $# -ge 2 ]] || usage; node_exec "$@" ;;
  client) [[ $# -ge 1 ]] || usage; lab_client "$@" ;;
  cut) node_link "${1:?node}" down ;;
  heal) node_link "${1:?node}" up ;;
  kill-node) node_kill "${1:?node}" ;;
  start-node) node_restart "${1:?node}" ;;
  stop-daemon) daemon_stop "${1:?node}" "${2:?daemon}" ;;
  start-daemon) daemon_start "${1:?node}" "${2:?daemon}" ;;
  multiply) cluster_multiply "${1:?number of guests}" ;;
  *) usage ;;
esac
