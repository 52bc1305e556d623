#!/usr/bin/env bash
# A real Ganeti with DRBD on two virtual machines on this machine. See README.md beside this file.
set -euo pipefail
shopt -s inherit_errexit

started=$EPOCHREALTIME
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
script=$here/drbd.sh
source "$here/install.sh"
source "$here/hub.sh"

usage() {
  sed -n 's/^    drbd.sh/drbd.sh/p' "$here/README.md" >&2
  exit 64
}

labs=/run/ganeti-lab-drbd
first=g1
read_arguments "$@"
set -- "${arguments[@]}"
lab_packages+=(debootstrap e2fsprogs)

source "$here/cache.sh"
source "$here/machines.sh"
source "$here/mirrors.sh"

# The image's mirror and key come from apt's lists.
# shellcheck disable=SC2016
know_sources() { apt-get indextargets --format '$(ORIGIN)' 'Created-By: Packages' | grep -x Debian >/dev/null || apt-get update -qq >&2; }

case $command:$# in
  install:0) install_packages ;;
  prepare:0) know_sources && lab_prepare ;;
  up:0) know_sources && lab_up ;;
  down:0) lab_down ;;
  status:0) lab_status ;;
  env:0) lab_env ;;
  exec:0 | exec:1) usage ;;
  exec:*) node_exec "$@" ;;
  client:0) usage ;;
  client:*) lab_client "$@" ;;
  snapshot:1) snapshot "$1" savevm ;;
  restore:1) snapshot "$1" loadvm ;;
  cut:1 | cut:2) node_link "$1" down "${2:-all}" ;;
  heal:1 | heal:2) node_link "$1" up "${2:-all}" ;;
  kill-node:1) node_kill "$1" ;;
  start-node:1) node_boot "$1" ;;
  *) usage ;;
esac
