#!/usr/bin/env bash
# A real Ganeti of several nodes in namespaces on this machine. See README.md beside this file.
set -euo pipefail
shopt -s inherit_errexit

started=$EPOCHREALTIME
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
source "$here/install.sh"
source "$here/nodes.sh"
source "$here/cluster.sh"

usage() {
  sed -n 's/^    lab.sh/lab.sh/p' "$here/README.md" >&2
  exit 64
}

die() { echo "lab: $*" >&2; exit 1; }

say() {
  local tenths=$(((${EPOCHREALTIME/[.,]/} - ${started/[.,]/}) / 100000))
  printf '%4d.%ds %s\n' $((tenths / 10)) $((tenths % 10)) "$*" >&2
}

# wait_for SECONDS COMMAND…: until the command succeeds
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}

name=lab
if [[ ${1:-} == --name ]]; then
  name=${2:-}
  shift 2 || usage
fi
[[ $name =~ ^[a-z0-9][a-z0-9-]{0,30}$ ]] || die "a lab's name is made of a-z, 0-9 and -, 31 at most"
[[ $# -ge 1 ]] || usage
((EUID == 0)) || die "namespaces need root"

labs=/run/ganeti-lab
state=$labs/$name
domain=lab.example
cluster=gnt.$domain
command=$1
shift

case $command:$# in
  install:0) install_packages ;;
  up:*) lab_up "$@" ;;
  down:0) lab_down ;;
  status:0) lab_status ;;
  env:0) lab_env ;;
  exec:0 | exec:1) usage ;;
  exec:*) node_exec "$@" ;;
  client:0) usage ;;
  client:*) lab_client "$@" ;;
  cut:1) node_link "$1" down ;;
  heal:1) node_link "$1" up ;;
  kill-node:1) node_kill "$1" ;;
  start-node:1) node_boot "$1" ;;
  stop-daemon:2) daemon_stop "$@" ;;
  start-daemon:2) daemon_start "$@" ;;
  multiply:1) cluster_multiply "$1" ;;
  *) usage ;;
esac
