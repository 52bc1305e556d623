# shellcheck shell=bash disable=SC2154
# Namespaces: a hub that carries the bridge, the file systems and the client's network, and the nodes inside of it.

system_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

nodes() { echo "$(<"$state/nodes")"; }
address_of() { echo "192.0.2.$((10 + ${1#h}))"; }

# node_named NAME: sets $node, from a short or a full name
node_named() {
  node=${1%%.*}
  [[ -r $state/nodes && " $(nodes | tr '\n' ' ')" == *" $node "* ]] || die "the lab '$name' has no node '$1'"
}

# Everything that a lab runs on the machine carries this in its environment, and can be found by it whatever happened.
mark() { echo "GANETI_LAB_PART=$name/$1"; }

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

hub_start() {
  local pid
  # shellcheck disable=SC2016
  launch hub unshare --mount --net --pid --fork --propagation slave bash -c "$init"'
    mount -t tmpfs -o size=8g,mode=755 tmpfs "$1/fs"
    mkdir "$1/fs/shared"
    ip link set lo up
    ip link add br0 type bridge
    ip address add 192.0.2.1/24 dev br0
    ip link set br0 up
    publish_pid "$1/hub"
    reap_forever' hub "$state"
  wait_for 10 part_pid hub || die "the hub did not start"
}

node_start() {
  local node=$1 pid hub
  need_hub
  hub=$pid
  rm -f "$state/$node.pid" "$state/$node.ready"
  in_hub mountpoint -q "$state/fs/$node/root" \
    || in_hub bash "$here/node-disk.sh" "$state" "$node" "$node.$domain" >>"$state/log" 2>&1 || die "no files for $node"
  # shellcheck disable=SC2016
  launch "$node" nsenter -t "$hub" -m -p -- setsid --fork unshare --mount --uts --ipc --pid --net --fork --propagation private \
    bash -c "$init"'
      init=$1; shift; source "$@"' init "$init" "$here/node-init.sh" "$state" "$node" "$node.$domain" "$(address_of "$node")"
  wait_for 10 part_pid "$node" || die "$node did not start"
  plug_in "$node" "$pid"
  wait_for 30 test -e "$state/$node.ready" || die "$node did not come up"
}

# The card's address stays the same over a reboot, as a real one's does: the others' ARP tables know it.
plug_in() {
  local number=${1#h} mac
  mac=$(printf '02:00:c0:00:02:%02x' $((10 + number)))
  in_hub ip link delete "veth$number" 2>/dev/null || true
  in_hub ip link add "veth$number" type veth peer name eth0 address "$mac" netns "$2"
  in_hub ip link set "veth$number" master br0 up
}

node_exec() {
  local node pid
  node_named "$1"
  part_pid "$node" || die "$node is not up"
  shift
  exec nsenter -t "$pid" -m -u -i -n -p -r -w -- \
    env -i HOME=/root USER=root LOGNAME=root SHELL=/bin/bash PATH="$system_path" LC_ALL=C TZ=UTC TERM="${TERM:-dumb}" "$@"
}

# Without the lock: a daemon that is started this way would keep it.
on() { (node_exec "$@") 9>&-; }

node_link() {
  local node
  node_named "$1"
  in_hub ip link set "veth${node#h}" "$2" 2>>"$state/log" || die "$node is not up"
}

node_kill() {
  local node pid
  node_named "$1"
  part_pid "$node" || return 0
  # The cable first: a machine without power does not say good-bye on its connections.
  in_hub ip link delete "veth${node#h}" 2>/dev/null || true
  # Process 1 of a namespace takes everything in it along.
  kill -9 "$pid"
  wait_for 10 is_gone "$pid" || die "$node does not die"
  rm -f "$state/$node.pid" "$state/$node.ready"
}

is_gone() { [[ ! -e /proc/$1 ]] || grep -q '^State:.Z' "/proc/$1/status"; }

node_boot() {
  local node pid
  node_named "$1"
  ! part_pid "$node" || return 0
  node_start "$node"
  # shellcheck disable=SC2016
  # Where the others do not vote for this node as the master, start-all ends there and leaves out what would come after.
  on "$node" sh -c 'for what in start-all "start ganeti-mond"; do /usr/lib/ganeti/daemon-util $what; done; :' </dev/null >>"$state/log" 2>&1
  wait_for 30 daemon_answers "$node" ganeti-noded || die "ganeti-noded of $node does not answer"
  # The master's daemons run where the others vote for it: not on one that slept through a fail-over.
  if on "$node" /usr/lib/ganeti/daemon-util check ganeti-luxid; then
    wait_for 60 daemon_answers "$node" ganeti-luxid || die "ganeti-luxid of $node does not answer"
  fi
}

daemon_stop() {
  # shellcheck disable=SC2016
  if [[ $2 == sshd ]]; then
    on "$1" sh -c 'test ! -e /run/sshd.pid || { kill "$(cat /run/sshd.pid)"; while [ -e /run/sshd.pid ]; do sleep 0.02; done; }'
  else
    on "$1" /usr/lib/ganeti/daemon-util stop "$2"
  fi
}

daemon_start() {
  if [[ $2 == sshd ]]; then
    on "$1" sh -c 'test -e /run/sshd.pid || /usr/sbin/sshd'
  elif ! on "$1" /usr/lib/ganeti/daemon-util check "$2"; then
    on "$1" /usr/lib/ganeti/daemon-util start "$2" </dev/null
  fi
  wait_for 30 daemon_answers "$@" || die "$2 of $1 does not answer"
}

daemon_answers() {
  case $2 in
    ganeti-luxid) on "$1" sh -c "$luxi_probe" ;;
    ganeti-noded) listens "$1" 1811 ;;
    ganeti-rapi) listens "$1" 5080 ;;
    sshd) listens "$1" 22 ;;
    *) on "$1" /usr/lib/ganeti/daemon-util check "$2" ;;
  esac
}

listens() { [[ -n $(on "$1" ss -Hltn "sport = :$2") ]]; }

luxi_probe='printf "{\"method\":\"QueryClusterInfo\",\"args\":[],\"version\":3000000}\003" \
  | socat -t 5 - UNIX-CONNECT:/run/ganeti/socket/ganeti-query | grep -q software_version'

lab_variables() {
  variables=(GANETI_LAB_NAME="$name" GANETI_LAB_HOME="$state/home" GANETI_LAB_MASTER=h1
    GANETI_LAB_NODES="$(nodes | paste -sd' ')" GANETI_LAB_SCRIPT="$here/lab.sh")
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

lab_status() {
  local node pid link bad=0
  part_pid hub || { echo "the lab '$name' is down"; return 1; }
  for node in $(nodes); do
    link=$(in_hub ip -o link show "veth${node#h}" 2>/dev/null || true)
    if ! part_pid "$node"; then
      echo "$node killed"
      bad=1
    elif [[ ! $link =~ [\<,]UP[,\>] ]]; then
      echo "$node cut: $(daemons_of "$node")"
      bad=1
    else
      echo "$node up: $(daemons_of "$node")"
    fi
  done
  if [[ ! -e $state/ready ]]; then
    echo "the cluster is not complete"
    bad=1
  elif ! node=$(master_node 2>/dev/null) || ! daemon_answers "$node" ganeti-luxid; then
    echo "no master daemon answers"
    bad=1
  fi
  return $bad
}

# shellcheck disable=SC2016
daemons_of() {
  on "$1" sh -c 'for file in /run/sshd.pid /run/ganeti/ganeti-*.pid; do
    test -s "$file" && kill -0 "$(cat "$file")" && basename "$file" .pid; done 2>/dev/null; :' | paste -sd' '
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
  [[ ! -e $state ]] || rm -rf --one-file-system "$state"
}

# A zombie has no environment any more.
parts_alive() { { grep -lz "^GANETI_LAB_PART=$name/" /proc/[0-9]*/environ 2>/dev/null || true; } | cut -d/ -f3; }
