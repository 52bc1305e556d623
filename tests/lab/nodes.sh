# shellcheck shell=bash disable=SC2154
# Namespaces: a hub that carries the bridge, the file systems and the client's network, and the nodes inside of it.

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

