# shellcheck shell=bash disable=SC2154
# The Ganeti cluster on the nodes.

lab_up() {
  local count='' guests=''
  while [[ $# -gt 0 ]]; do
    case $1 in
      --nodes) count=${2:-}; shift 2 || usage; [[ $count =~ ^[1-9][0-9]?$ ]] || usage ;;
      --no-guests) guests=no; shift ;;
      *) usage ;;
    esac
  done
  take_lock
  if lab_status >/dev/null 2>&1; then
    is_as_asked "$count" "$guests" || die "the lab '$name' is up, and not as asked; take it down first"
    return 0
  fi
  install_packages
  tear_down
  mkdir -p "$state/fs"
  trap 'show_failure $?' EXIT
  build "${count:-3}" "${guests:-yes}"
  echo "${guests:-yes}" >"$state/ready"
  say "the lab '$name' is up"
}

# What was not asked for may be any.
is_as_asked() {
  [[ -z $1 || $1 == $(wc -l <"$state/nodes") ]] && [[ -z $2 || $2 == $(<"$state/ready") ]]
}

build() {
  start_nodes "$1"
  say "nodes answer: $1"
  cluster_init
  say "cluster $cluster initialised"
  # The network beside the nodes, but before the guests: connecting it fails when guests appear in the group meanwhile.
  local -a network=()
  if [[ $2 == yes ]]; then
    guests network &
    network=($!)
  fi
  cluster_add_nodes
  join "${network[@]}"
  (($1 == 1)) || say "nodes added"
  [[ $2 == yes ]] || return 0
  guests "$1"
  say "guests created"
}

guests() { on h1 /usr/bin/python3 - "$@" <"$here/guests.py" >>"$state/log" 2>&1 || die "the guests were not created"; }

start_nodes() {
  local node
  local -a jobs=()
  seq -f 'h%.0f' "$1" >"$state/nodes"
  write_hosts
  client_home
  cluster_keys
  # shellcheck disable=SC2016
  hub_start 'mount -t tmpfs -o size=8g,mode=755 tmpfs "$1/fs"; mkdir "$1/fs/shared"'
  for node in $(nodes); do
    node_start "$node" &
    jobs+=($!)
  done
  join "${jobs[@]}"
  known_hosts >"$state/home/.ssh/known_hosts"
}

guest_names=(vm1 vm2 vm3 vm4 kvm1 kvm2)

write_hosts() {
  local node number=101 guest
  {
    echo "127.0.0.1 localhost"
    echo "192.0.2.1 client.$domain client"
    echo "192.0.2.10 $cluster ${cluster%%.*}"
    for node in $(nodes); do echo "$(address_of "$node") $node.$domain $node"; done
    for guest in "${guest_names[@]}"; do echo "192.0.2.$((number++)) $guest.$domain $guest"; done
  } >"$state/hosts"
}

client_home() {
  mkdir -p "$state/home"
  mkdir -m 700 "$state/home/.ssh" "$state/keys"
  new_key ed25519 "client of the lab $name" "$state/home/.ssh/id_ed25519"
  client_passwd
}

# As on a real cluster, all nodes have the same RSA and ECDSA host keys (Ganeti knows nodes by the cluster's key), each its own
# Ed25519 key, and root's key is allowed from node to node.
cluster_keys() {
  local -a jobs=()
  new_key rsa "root@$cluster" "$state/keys/id_rsa" & jobs+=($!)
  new_key rsa "$cluster" "$state/keys/ssh_host_rsa_key" & jobs+=($!)
  new_key ecdsa "$cluster" "$state/keys/ssh_host_ecdsa_key" & jobs+=($!)
  join "${jobs[@]}"
}

new_key() {
  local -a size=()
  [[ $1 != rsa ]] || size=(-b 2048)
  ssh-keygen -q -t "$1" "${size[@]}" -N '' -C "$2" -f "$3"
}

known_hosts() {
  local node
  for node in $(nodes); do
    keys_of "$node" "$node,$node.$domain,$(address_of "$node")" rsa ecdsa ed25519
  done
  # The cluster's name moves with the master: only what all nodes share.
  keys_of h1 "$cluster,${cluster%%.*},192.0.2.10" rsa ecdsa
}

keys_of() {
  local names=$2 etc=$state/fs/$1/root/etc/ssh
  shift 2
  set -- "${@/#/$etc/ssh_host_}"
  in_hub sed "s/^\([^ ]* [^ ]*\).*/$names \1/" "${@/%/_key.pub}"
}

# Runs on the master; the output goes to the log.
master() {
  echo "+ $(date +%T.%1N) $*" >>"$state/log"
  on h1 "$@" </dev/null >>"$state/log" 2>&1 || die "failed: $*"
}

cluster_init() {
  local bounds=min:memory-size=4,cpu-count=1,disk-count=0,disk-size=1,nic-count=0,spindle-use=1
  bounds+=/max:memory-size=32768,cpu-count=8,disk-count=16,disk-size=1048576,nic-count=8,spindle-use=12
  # Whether the address is taken is asked of the network first: this is a "no" without three seconds of ARP.
  master ip route add unreachable 192.0.2.10
  master gnt-cluster init --enabled-hypervisors=fake,kvm --enabled-disk-templates=sharedfile,file,diskless \
    --file-storage-dir=/srv/ganeti/file-storage --shared-file-storage-dir=/srv/ganeti/shared-file-storage \
    --hypervisor-parameters=kvm:kvm_path=/usr/bin/qemu-system-x86_64,kernel_path=,serial_console=false,migration_bandwidth=3 \
    --nic-parameters=mode=bridged,link=gntbr --master-netdev=eth0 --no-etc-hosts --no-ssh-init \
    --ipolicy-vcpu-ratio=64 --ipolicy-bounds-specs="$bounds" --default-iallocator=hail "$cluster"
  master ip route delete unreachable 192.0.2.10
  wait_for 30 daemon_answers h1 ganeti-luxid || die "the master daemon does not answer"
}

cluster_add_nodes() {
  local node
  local -a jobs=()
  for node in $(nodes | tail -n +2); do
    master gnt-node add --no-ssh-key-check "$node.$domain" &
    jobs+=($!)
  done
  join "${jobs[@]}"
}

cluster_multiply() {
  local master node
  [[ $1 =~ ^[0-9]{1,5}$ ]] || usage
  trap 'show_failure $?' EXIT
  master=$(master_node)
  on "$master" /usr/lib/ganeti/daemon-util stop-master
  on "$master" /usr/bin/python3 - "$1" <"$here/multiply.py" >"$state/multiplied"
  for node in $(nodes); do
    sed -n "/^$node\./p" "$state/multiplied" | on "$node" /usr/bin/python3 -c "$furnish"
  done
  on "$master" /usr/lib/ganeti/daemon-util start-master
  wait_for 60 daemon_answers "$master" ganeti-luxid || die "the master daemon does not answer"
} >>"$state/log"

# The disks' files, and what the hypervisor "fake" calls a running guest.
furnish='
import os, sys
run = "/run/ganeti/fake-hypervisor"
os.makedirs(run, exist_ok=True)
for line in sys.stdin:
    node, size, name = line.split()
    if size == "run":
        with open(os.path.join(run, name), "w") as state:
            state.write("0\n16\n1\n")
    else:
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "w") as disk:
            disk.truncate(int(size) << 20)
'

# After a fail-over it is not h1 any more, whatever h1 believes.
master_node() {
  local node
  for node in $(nodes); do
    if (part_pid "$node") && on "$node" /usr/lib/ganeti/daemon-util check ganeti-luxid; then
      echo "$node"
      return
    fi
  done
  die "no node runs the master's daemons"
}
