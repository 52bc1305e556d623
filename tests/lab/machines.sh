# shellcheck shell=bash disable=SC2154
# Virtual machines under plain emulation, as processes of the hub: two cards each (the cluster's network br0 and the replication's
# br1), a system disk, and two SCSI disks with serial numbers.

machine_memory=1536
disk_size=16G

# The hub's second bridge and the machines' cables, which stay over a power cut.
# shellcheck disable=SC2016
machines_network='
    ip link add br1 type bridge
    ip link set br1 up
    for number in 1 2; do
      for network in 0 1; do
        ip tuntap add "tap$number$network" mode tap
        ip link set "tap$number$network" master "br$network" up
      done
    done'

disks=$cache/labs/$name

# machine_disks NODE FOLDER [BACKING FOLDER]: fresh disks, over those of the folder, or over the image and empty
machine_disks() {
  local node=$1 folder=$2 below=${3:-} disk
  for disk in system sda sdb; do
    if [[ -n $below ]]; then
      qemu-img create -q -f qcow2 -F qcow2 -b "$below/$node-$disk.qcow2" "$folder/$node-$disk.qcow2"
    elif [[ $disk == system ]]; then
      qemu-img create -q -f qcow2 -F raw -b "$image/base.img" "$folder/$node-$disk.qcow2"
    else
      qemu-img create -q -f qcow2 "$folder/$node-$disk.qcow2" "$disk_size"
    fi
  done
}

# machine_start NODE FOLDER OPTION…: from the disks in the folder
machine_start() {
  local node=$1 folder=$2 number=${1#g} pid hub
  shift 2
  need_hub
  hub=$pid
  rm -f "$state/$node.pid" "$state/$node.monitor"
  # shellcheck disable=SC2016
  launch "$node" nsenter -t "$hub" -m -n -p -- setsid --fork bash -c "$init"'
      publish_pid "$1"; shift; exec "$@"' init "$state/$node" \
    qemu-system-x86_64 -name "$node" -accel tcg,thread=multi,tb-size=256 -machine pc -cpu max -smp 1 -m "$machine_memory" -nodefaults \
    -kernel "$image/vmlinuz" -initrd "$image/initrd.img" \
    -append "root=/dev/vda rw console=ttyS0 net.ifnames=0 mitigations=off nowatchdog audit=0 quiet loglevel=4 systemd.show_status=0 lab.node=$node" \
    -drive "file=$folder/$node-system.qcow2,if=virtio,cache=unsafe,discard=unmap" -device virtio-scsi-pci,id=scsi0 \
    -drive "file=$folder/$node-sda.qcow2,if=none,id=sda,cache=unsafe,discard=unmap,detect-zeroes=unmap" -device "scsi-hd,drive=sda,bus=scsi0.0,serial=LAB${number}DISKA001,product=ST2000NM0011" \
    -drive "file=$folder/$node-sdb.qcow2,if=none,id=sdb,cache=unsafe,discard=unmap,detect-zeroes=unmap" -device "scsi-hd,drive=sdb,bus=scsi0.0,serial=LAB${number}DISKB002,product=ST2000NM0011" \
    -netdev "tap,id=n0,ifname=tap${number}0,script=no,downscript=no" -device "virtio-net-pci,netdev=n0,mac=52:54:00:00:02:1$number" \
    -netdev "tap,id=n1,ifname=tap${number}1,script=no,downscript=no" -device "virtio-net-pci,netdev=n1,mac=52:54:00:00:64:1$number" \
    -device virtio-rng-pci -display none -serial "file:$state/$node.console" -qmp "unix:$state/$node.monitor,server,nowait" "$@"
  wait_for 10 part_pid "$node" || die "$node did not start"
  wait_for 10 test -S "$state/$node.monitor" || die "$node has no monitor"
}

monitor() { python3 "$here/monitor.py" "$state/$1.monitor" "${@:2}" >>"$state/log" 2>&1 || die "$1: $2 failed"; }

# each COMMAND…: on all nodes at the same time, the node's name behind the command's first word. Without the lock: when this is killed,
# "down" has not to wait for them.
each() {
  local node
  local -a jobs=()
  for node in $(nodes); do
    "$1" "$node" "${@:2}" 9>&- &
    jobs+=($!)
  done
  join "${jobs[@]}"
}

ssh_options() {
  options=(-F none -i "$state/home/.ssh/id_ed25519" -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile="$state/home/.ssh/known_hosts"
    -o GlobalKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=10 -o ServerAliveInterval=15 -o ControlPath="$state/$1.ssh")
}

# A login that the commands to a node share: a handshake takes the emulated processor more than a second. Started apart, since it outlives them.
login() {
  local node=$1 pid
  local -a options
  need_hub
  wait_for 600 answers "$node" || die "$node does not answer: see $state/$node.console"
  ssh_options "$node"
  launch "ssh-$node" nsenter -t "$pid" -n -- ssh "${options[@]}" -o ControlMaster=yes -N "root@$(address_of "$node")"
  wait_for 120 in_hub ssh "${options[@]}" -O check "$node" || die "no login on $node"
}

# shellcheck disable=SC2016
answers() { in_hub timeout 3 bash -c 'exec 3<>"/dev/tcp/$1/22" && read -r -u 3 banner && [[ $banner == SSH-* ]]' answers "$(address_of "$1")"; }

logout() {
  local -a pids
  mapfile -t pids < <(parts_alive "ssh-$1")
  ((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
  rm -f "$state/$1.ssh"
}

node_exec() {
  local node pid
  local -a options
  node_named "$1"
  part_pid "$node" || die "$node is not up"
  shift
  ssh_options "$node"
  need_hub
  exec nsenter -t "$pid" -n -- env -i HOME="$state/home" PATH="$system_path" LC_ALL=C TERM="${TERM:-dumb}" \
    ssh "${options[@]}" "root@$(address_of "$node")" "$(printf '%q ' env LC_ALL=C TZ=UTC "$@")"
}

# The clock stood still while the machine was in its file.
set_clock() { on "$1" date -s "@$EPOCHREALTIME" </dev/null >>"$state/log" 2>&1 || die "the clock of $1 could not be set"; }

# Both stand still at the same time, so that neither misses the other.
stand_still() { each monitor stop; }

go_on() {
  each monitor cont
  each logout
  each login
  each set_clock
}

snapshot() {
  [[ $1 =~ ^[a-z0-9-]{1,40}$ ]] || die "a snapshot's name is made of a-z, 0-9 and -"
  stand_still
  each monitor "${2:-savevm}" "$1"
  go_on
}

node_link() {
  local node network
  node_named "$1"
  case ${3:-all} in
    all) network='0 1' ;;
    cluster) network=0 ;;
    replication) network=1 ;;
    *) usage ;;
  esac
  for network in $network; do in_hub ip link set "tap${node#g}$network" "$2" 2>>"$state/log" || die "$node is not up"; done
}

node_kill() {
  local node pid
  node_named "$1"
  part_pid "$node" || return 0
  kill -9 "$pid"
  wait_for 10 is_gone "$pid" || die "$node does not die"
  logout "$node"
  rm -f "$state/$node.pid" "$state/$node.monitor"
}

# shellcheck disable=SC2016
node_boot() {
  local node pid
  node_named "$1"
  ! part_pid "$node" || return 0
  image=$(<"$state/image")
  machine_start "$node" "$disks"
  login "$node"
  wait_for 600 on "$node" sh -c '[ -n "$(ss -Hltn sport = :1811)" ]' </dev/null || die "ganeti-noded of $node does not answer"
}

# shellcheck disable=SC2016
daemons_of() {
  on "$1" sh -c 'for file in /run/sshd.pid /run/ganeti/ganeti-*.pid; do
    test -s "$file" && kill -0 "$(cat "$file")" && basename "$file" .pid; done 2>/dev/null; :' </dev/null | paste -sd' '
}

lab_status() {
  local node pid links bad=0
  part_pid hub || { echo "the lab '$name' is down"; return 1; }
  for node in $(nodes); do
    links=$(in_hub ip -o link show up | grep -c ": tap${node#g}[01]:" || true)
    if ! part_pid "$node"; then
      echo "$node killed"
      bad=1
    elif [[ $links != 2 ]]; then
      echo "$node cut"
      bad=1
    else
      echo "$node up: $(daemons_of "$node")"
    fi
  done
  if [[ ! -e $state/ready ]]; then
    echo "the cluster is not complete"
    bad=1
  elif [[ $bad == 0 ]] && ! on "$first" sh -c "$luxi_probe" </dev/null; then
    echo "no master daemon answers"
    bad=1
  fi
  return $bad
}
