#!/usr/bin/env bash
# A real Ganeti of several nodes in namespaces on this machine. See README.md beside this file.
set -euo pipefail
shopt -s inherit_errexit

started=$EPOCHREALTIME
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
script=$here/lab.sh
source "$here/install.sh"
source "$here/hub.sh"
source "$here/nodes.sh"
source "$here/cluster.sh"

usage() {
  sed -n 's/^    lab.sh/lab.sh/p' "$here/README.md" >&2
  exit 64
}

labs=/run/ganeti-lab
first=h1
read_arguments "$@"
set -- "${arguments[@]}"

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
