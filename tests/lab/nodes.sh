# shellcheck shell=bash
# Namespaces: a hub that carries the bridge, the client and the file systems, and a set of namespaces for each node.

address_of() { echo "192.0.2.$((10 + ${1#h}))"; }
nodes() { cat "$state/nodes"; }
is_alive() { [[ -s $1 ]] && kill -0 "$(<"$1")" 2>/dev/null; }
in_hub() { nsenter -t "$(<"$state/hub.pid")" -m -n -- "$@"; }

hub_start() {
  mkdir -p "$state"
  # Stands alone: stopping lab.sh in the middle leaves it for the next "down".
  setsid unshare --mount --net --propagation private bash -c '
    mount -t tmpfs -o size=8g,mode=755 tmpfs "$1/fs" &&
    mkdir "$1/fs/shared" &&
    ip link set lo up && ip link add br0 type bridge && ip link set br0 up && ip address add 192.0.2.1/24 dev br0 &&
    echo $$ >"$1/hub.pid.new" && mv "$1/hub.pid.new" "$1/hub.pid" && exec -a "ganeti-lab-hub $2" sleep infinity
  ' hub "$state" "$name" </dev/null >>"$state/log" 2>&1 8>&- 9>&- &
  wait_for 50 is_alive "$state/hub.pid" || die "the hub did not start: $(tail -n 3 "$state/log")"
}

wait_for() {
  local tries=$1
  shift
  for ((; tries > 0; tries--)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  return 1
}

write_hosts() {
  {
    echo "127.0.0.1 localhost"
    echo "192.0.2.10 $cluster gnt"
    local node
    for node in $(nodes); do echo "$(address_of "$node") $node.$domain $node"; done
    awk -v d="$domain" 'BEGIN { n = 100; split("vm1 vm2 vm3 vm4 kvm1 kvm2", g, " "); for (i = 1; i in g; i++) print "192.0.2." n + i, g[i] "." d, g[i] }'
  } >"$state/hosts"
}

client_home() {
  mkdir -p "$state/home/.ssh"
  chmod 700 "$state/home/.ssh"
  [[ -e $state/home/.ssh/id_ed25519 ]] || ssh-keygen -q -t ed25519 -N '' -C "$name-client" -f "$state/home/.ssh/id_ed25519"
}

node_start() {
  local node=$1
  rm -f "$state/$node.pid" "$state/$node.boot"
  # nsenter into the hub first: its private mounts hold the overlay, and nothing shows in the machine's own mount table.
  setsid nsenter -t "$(<"$state/hub.pid")" -m -n -- \
    unshare --mount --uts --ipc --pid --net --fork --kill-child \
    bash "$here/node-init.sh" "$state" "$node" "$node.$domain" </dev/null >>"$state/$node.log" 2>&1 8>&- 9>&- &
  # The parent of the node's process 1, which goes down with it (--kill-child); known before the node has said its own number.
  echo $! >"$state/$node.parent.pid"
  wait_for 100 is_alive "$state/$node.pid" || die "$node did not start: $(tail -n 3 "$state/$node.log")"
  local pid index=${node#h}
  pid=$(<"$state/$node.pid")
  # A killed node's end of the pair goes with its namespace only when the kernel gets to it.
  in_hub ip link delete "veth$index" 2>/dev/null || true
  in_hub ip link add "veth$index" type veth peer name eth0 netns "$pid"
  in_hub ip link set "veth$index" master br0 up
  wait_for 300 grep -q ready "$state/$node.boot" || die "$node did not come up: $(tail -n 5 "$state/$node.log")"
}

node_exec() {
  local node=${1%%.*}
  shift
  is_alive "$state/$node.pid" || die "$node is not up"
  exec nsenter -t "$(<"$state/$node.pid")" -m -u -i -n -p -r -w -- \
    env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM="${TERM:-dumb}" LC_ALL=C TZ=UTC "$@"
}

on() { (node_exec "$@"); }

node_link() {
  local index=${1#h}
  is_alive "$state/hub.pid" || die "no such lab is up"
  in_hub ip link set "veth$index" "$2"
}

node_kill() {
  local node=$1
  is_alive "$state/$node.pid" || return 0
  # Process 1 of the namespace: everything in it dies with it, as in a power cut.
  kill -9 "$(<"$state/$node.pid")"
  wait_for 50 node_is_gone "$node" || true
  rm -f "$state/$node.pid"
}

node_is_gone() { ! kill -0 "$(<"$state/$1.pid")"; }

node_restart() {
  local node=$1
  is_alive "$state/$node.pid" && return 0
  node_start "$node"
  # On a node that is not the master the master's daemons refuse to start; what counts is what answers.
  on "$node" /usr/lib/ganeti/daemon-util start-all >>"$state/$node.log" 2>&1 || true
  if on "$node" sh -c '[ "$(cat /var/lib/ganeti/ssconf_master_node)" = "$(hostname)" ]'; then
    wait_for 300 luxi_answers "$node" || die "the master daemons of $node do not answer"
  else
    wait_for 100 daemon_listens "$node" ganeti-noded || die "noded of $node does not answer"
  fi
}

daemon_stop() {
  if [[ $2 == sshd ]]; then
    on "$1" sh -c 'kill "$(cat /run/sshd.pid)"; while [ -e /run/sshd.pid ]; do sleep 0.05; done'
  else
    on "$1" /usr/lib/ganeti/daemon-util stop "$2"
  fi
}

daemon_start() {
  if [[ $2 == sshd ]]; then
    on "$1" /usr/sbin/sshd
  else
    on "$1" /usr/lib/ganeti/daemon-util start "$2"
  fi
  wait_for 200 daemon_listens "$1" "$2" || die "$2 of $1 does not answer"
}

daemon_listens() {
  case $2 in
    ganeti-luxid) luxi_answers "$1" ;;
    ganeti-noded) on "$1" sh -c 'ss -Hltn "sport = :1811" | grep -q .' ;;
    sshd) on "$1" sh -c 'ss -Hltn "sport = :22" | grep -q .' ;;
    *) on "$1" /usr/lib/ganeti/daemon-util check "$2" ;;
  esac
}

luxi_answers() {
  on "$1" sh -c 'printf "{\"method\":\"QueryClusterInfo\",\"args\":[],\"version\":3000000}\003" | timeout 5 socat -t 3 - UNIX-CONNECT:/run/ganeti/socket/ganeti-query | grep -q software_version'
}

lab_client() {
  is_alive "$state/hub.pid" || die "the lab '$name' is not up"
  # The network is the lab's, the files are the machine's but for /etc/hosts, in a mount namespace of its own.
  exec nsenter -t "$(<"$state/hub.pid")" -n -- unshare --mount --propagation private \
    bash -c 'mount --bind "$1/hosts" /etc/hosts && shift && exec "$@"' client "$state" \
    env HOME="$state/home" GANETI_LAB_SCRIPT="$here/lab.sh" GANETI_LAB_NAME="$name" GANETI_LAB_HOME="$state/home" \
    GANETI_LAB_MASTER=h1 GANETI_LAB_NODES="$(nodes | tr '\n' ' ')" "$@"
}

lab_env() {
  printf 'GANETI_LAB_NAME=%q\nGANETI_LAB_HOME=%q\nGANETI_LAB_MASTER=h1\nGANETI_LAB_NODES=%q\nGANETI_LAB_SCRIPT=%q\n' \
    "$name" "$state/home" "$(nodes | tr '\n' ' ')" "$here/lab.sh"
}

lab_status() {
  local node bad=0
  is_alive "$state/hub.pid" || { echo "lab '$name' is down"; return 1; }
  for node in $(nodes); do
    if ! is_alive "$state/$node.pid"; then
      echo "$node killed"
      bad=1
    elif ! in_hub ip link show "veth${node#h}" | grep -q 'state UP'; then
      echo "$node cut"
      bad=1
    else
      echo "$node up: $(on "$node" sh -c 'for d in sshd ganeti-noded ganeti-confd ganeti-wconfd ganeti-luxid; do pgrep -f "(/|^)$d" >/dev/null && printf "%s " $d; done' || true)"
    fi
  done
  [[ -e $state/ready ]] || { echo "the cluster is not complete"; bad=1; }
  return $bad
}

lab_down() {
  [[ -e $state ]] || return 0
  local file pid
  for file in "$state"/h*.pid "$state/hub.pid"; do
    [[ -s $file ]] || continue
    pid=$(<"$file")
    if is_ours "$pid"; then kill -9 "$pid" 2>/dev/null || true; fi
  done
  wait_for 50 nothing_left || true
  rm -rf "$state"
  rmdir /run/ganeti-lab 2>/dev/null || true
}

# A number that has been given to somebody else since is left alone.
is_ours() { tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -qE "$state |ganeti-lab-hub $name( |$)"; }

nothing_left() {
  local file
  for file in "$state"/h*.pid "$state/hub.pid"; do
    if [[ -s $file ]] && is_ours "$(<"$file")"; then return 1; fi
  done
}
