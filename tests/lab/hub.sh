# shellcheck shell=bash disable=SC2154
# What every kind of lab is made of: a hub, which is the namespace with the client's network and all that the lab runs, and marks by
# which all of it is found again.

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

# read_arguments [--name NAME] COMMAND ARGUMENT…: sets what depends on the name, $command and $arguments
read_arguments() {
  name=lab
  if [[ ${1:-} == --name ]]; then
    name=${2:-}
    shift 2 || usage
  fi
  [[ $name =~ ^[a-z0-9][a-z0-9-]{0,30}$ ]] || die "a lab's name is made of a-z, 0-9 and -, 31 at most"
  [[ $# -ge 1 ]] || usage
  ((EUID == 0)) || die "namespaces need root"
  state=$labs/$name
  domain=lab.example
  cluster=gnt.$domain
  command=$1
  arguments=("${@:2}")
}

system_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

nodes() { echo "$(<"$state/nodes")"; }
address_of() { echo "192.0.2.$((10 + ${1#?}))"; }

# node_named NAME: sets $node, from a short or a full name
node_named() {
  node=${1%%.*}
  [[ -r $state/nodes && " $(nodes | tr '\n' ' ')" == *" $node "* ]] || die "the lab '$name' has no node '$1'"
}

# Everything that a lab runs on the machine carries this in its environment, and can be found by it whatever happened.
mark() { echo "GANETI_LAB_PART=${labs##*/}/$name/$1"; }

# part_pid PART: sets $pid to the number of the part's process 1. A number that somebody else has got since does not count.
part_pid() {
  pid=
  [[ -r $state/$1.pid ]] && pid=$(<"$state/$1.pid") && [[ -n $pid ]] && grep -qzxF "$(mark "$1")" "/proc/$pid/environ" 2>/dev/null
}

need_hub() { part_pid hub || die "the lab '$name' is down"; }

in_hub() {
  local pid
  need_hub
  nsenter -t "$pid" -m -n -- "$@"
}

# launch PART COMMAND…: with a clean environment, in a session of its own, away from the caller's streams.
launch() {
  local part=$1
  shift
  env -i PATH="$system_path" HOME=/root LC_ALL=C TZ=UTC "$(mark "$part")" setsid --fork "$@" </dev/null >>"$state/log" 2>&1 9>&-
}

# What process 1 does, in the hub and in the nodes. The /proc that it sees at first is the machine's, so its number is the one that
# the machine knows. It reaps what ends while it waits for its own child; otherwise a migrated guest would stay a zombie.
# shellcheck disable=SC2016
init='
set -euo pipefail
publish_pid() {
  local pid rest
  read -r pid rest </proc/self/stat
  echo "$pid" >"$1.pid.new"
  mv "$1.pid.new" "$1.pid"
}
reap_forever() {
  trap : TERM INT HUP
  set +e
  while :; do
    sleep 1000000 &
    wait $!
  done
}'

# hub_start COMMANDS: what else it holds, set up in it with the state folder as $1
hub_start() {
  local pid
  # shellcheck disable=SC2016
  launch hub unshare --mount --net --pid --fork --propagation slave bash -c "$init"'
    ip link set lo up
    ip link add br0 type bridge
    ip address add 192.0.2.1/24 dev br0
    ip link set br0 up
    eval "$2"
    publish_pid "$1/hub"
    reap_forever' hub "$state" "$1"
  wait_for 10 part_pid hub || die "the hub did not start"
}

# Without the lock: a daemon that is started this way would keep it.
on() { (node_exec "$@") 9>&-; }

is_gone() { [[ ! -e /proc/$1 ]] || grep -q '^State:.Z' "/proc/$1/status"; }

lab_variables() {
  variables=(GANETI_LAB_NAME="$name" GANETI_LAB_HOME="$state/home" GANETI_LAB_MASTER="$first"
    GANETI_LAB_NODES="$(nodes | paste -sd' ')" GANETI_LAB_SCRIPT="$script")
}

lab_env() {
  local -a variables
  local pid pair
  need_hub
  lab_variables
  for pair in "${variables[@]}"; do printf '%s=%q\n' "${pair%%=*}" "${pair#*=}"; done
}

# The network is the lab's. The files are the machine's but for /etc/hosts, and for root's home in /etc/passwd (OpenSSH looks there
# instead of at HOME), in a mount namespace of its own.
lab_client() {
  local -a variables
  local pid
  need_hub
  lab_variables
  # shellcheck disable=SC2016
  exec nsenter -t "$pid" -n -- unshare --mount --propagation slave bash -c '
    for file in hosts passwd; do mount --bind "$1/$file" "/etc/$file" || exit 125; done
    shift
    exec "$@"' client "$state" env HOME="$state/home" "${variables[@]}" "$@"
}

client_passwd() { sed '/^root:/s|:[^:]*:\([^:]*\)$|:'"$state/home"':\1|' /etc/passwd >"$state/passwd"; }

# Waits for all, and fails if one failed.
join() {
  local job
  for job; do wait "$job"; done
}

show_failure() {
  [[ $1 == 0 ]] || { echo "lab: failed; the end of $state/log:"; tail -n 30 "$state/log"; } >&2
}

lab_down() {
  take_lock
  tear_down
  rm -f "$labs/$name.lock"
  rmdir "$labs" 2>/dev/null || true
}

# Whoever waited for a file that is no longer the lock waits again.
take_lock() {
  local file=$labs/$name.lock
  while :; do
    mkdir -p "$labs"
    { exec 9>"$file"; } 2>/dev/null || continue
    flock 9
    [[ ! /proc/self/fd/9 -ef $file ]] || return 0
  done
}

tear_down() {
  local -a pids
  # Process 1 of the hub takes its whole tree of namespaces along; the others are what had not got there yet.
  while mapfile -t pids < <(parts_alive) && ((${#pids[@]} > 0)); do
    kill -9 "${pids[@]}" 2>/dev/null || true
    sleep 0.02
  done
  # What was mounted went with its namespace, so these can only be the lab's own small files.
  rm -rf --one-file-system "$state" ${disks:+"$disks"}
}

# parts_alive [PART]: the numbers of the processes that are left. A zombie has no environment any more.
parts_alive() { { grep -lz "^$(mark "${1:-}")" /proc/[0-9]*/environ 2>/dev/null || true; } | cut -d/ -f3; }
