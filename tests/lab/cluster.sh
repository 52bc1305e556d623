# shellcheck shell=bash
# The Ganeti cluster on the nodes.

lab_up() {
  local count=3 guests=1
  while [[ $# -gt 0 ]]; do
    case $1 in
      --nodes) count=${2:?}; shift 2 ;;
      --no-guests) guests=0; shift ;;
      *) usage ;;
    esac
  done
  install_packages
  mkdir -p /run/ganeti-lab
  exec 9>"/run/ganeti-lab/$name.lock"
  flock 9
  if [[ -e $state/ready ]] && lab_status >/dev/null; then return 0; fi
  lab_down
  mkdir -p "$state/fs"
  seq -f 'h%.0f' "$count" >"$state/nodes"
  show_log_on_failure
  write_hosts
  client_home
  hub_start
  local node
  local -a starting=()
  for node in $(nodes); do
    node_start "$node" &
    starting+=($!)
  done
  for node in "${starting[@]}"; do wait "$node"; done
  known_hosts
  say "$count nodes answer ssh"
  cluster_init
  say "cluster $cluster initialised"
  cluster_add_nodes
  say "nodes added"
  if [[ $guests == 1 ]]; then
    cluster_guests "$count"
    say "guests created"
  fi
  touch "$state/ready"
  say "lab '$name' is up"
}

show_log_on_failure() { trap '[[ $? == 0 ]] || tail -n 20 "$state/log" >&2' EXIT; }

known_hosts() {
  local node kind
  for node in $(nodes); do
    for kind in rsa ecdsa ed25519; do
      echo "$node,$node.$domain,$(address_of "$node") $(in_hub cut -d' ' -f1,2 "$state/fs/$node/own/etc/ssh/ssh_host_${kind}_key.pub")"
    done
  done >"$state/home/.ssh/known_hosts"
}

# Runs on the master; its output goes to the log, and a failure ends the lab's start.
master() { on h1 "$@" </dev/null >>"$state/log" 2>&1; }

cluster_init() {
  master gnt-cluster init --enabled-hypervisors=fake,kvm --enabled-disk-templates=sharedfile,file,diskless \
    --file-storage-dir=/srv/ganeti/file-storage --shared-file-storage-dir=/srv/ganeti/shared-file-storage \
    --hypervisor-parameters=kvm:kvm_path=/usr/bin/qemu-system-x86_64,kernel_path=,serial_console=false,vnc_bind_address=,migration_bandwidth=3 \
    --nic-parameters=mode=bridged,link=gntbr --master-netdev=eth0 --no-etc-hosts \
    --ipolicy-vcpu-ratio=64 --ipolicy-bounds-specs=min:memory-size=4,cpu-count=1,disk-count=0,disk-size=0,nic-count=0,spindle-use=0/max:memory-size=32768,cpu-count=8,disk-count=16,disk-size=1048576,nic-count=8,spindle-use=12 \
    --default-iallocator=hail "$cluster"
  wait_for 100 luxi_answers h1 || die "the master daemon does not answer"
}

cluster_add_nodes() {
  local node key
  key=$(on h1 cat /root/.ssh/id_rsa.pub)
  for node in $(nodes | tail -n +2); do
    on "$node" sh -c 'echo "$1" >>/root/.ssh/authorized_keys' sh "$key"
    master gnt-node add --no-ssh-key-check "$node.$domain"
  done
}

cluster_guests() {
  local count=$1 second=h1.$domain third=h1.$domain
  [[ $count -lt 2 ]] || second=h2.$domain third=h2.$domain
  [[ $count -lt 3 ]] || third=h3.$domain
  master gnt-network add --network=198.51.100.0/24 --gateway=198.51.100.1 net1
  master gnt-network connect -N mode=bridged,link=gntbr net1
  on h1 sh -c 'cat >/root/guests.json' <<JSON
[
  {"mode": "create", "instance_name": "vm1.$domain", "pnode": "h1.$domain", "disk_template": "diskless", "disks": [], "nics": [], "hypervisor": "fake"},
  {"mode": "create", "instance_name": "vm2.$domain", "pnode": "$second", "disk_template": "diskless", "disks": [], "nics": [{"network": "net1", "ip": "198.51.100.12"}], "hypervisor": "fake"},
  {"mode": "create", "instance_name": "vm3.$domain", "pnode": "$third", "disk_template": "sharedfile", "disks": [{"size": 64, "name": "root"}, {"size": 32}], "nics": [{"mode": "bridged", "link": "gntbr"}], "hypervisor": "fake"},
  {"mode": "create", "instance_name": "vm4.$domain", "pnode": "$third", "disk_template": "file", "disks": [{"size": 64}], "nics": [{"mode": "bridged", "link": "gntbr", "name": "lan"}], "hypervisor": "fake"},
  {"mode": "create", "instance_name": "kvm1.$domain", "pnode": "$second", "disk_template": "sharedfile", "disks": [{"size": 1}], "nics": [], "hypervisor": "kvm"},
  {"mode": "create", "instance_name": "kvm2.$domain", "pnode": "$second", "disk_template": "sharedfile", "disks": [{"size": 1}], "nics": [], "hypervisor": "kvm"}
]
JSON
  on h1 python3 -c '
import json
common = {"os_type": "noop+default", "no_install": True, "name_check": False, "ip_check": False, "conflicts_check": False, "wait_for_sync": False,
          "beparams": {"maxmem": 64, "minmem": 64, "vcpus": 1}, "hvparams": {}, "osparams": {}, "start": False}
path = "/root/guests.json"
guests = [{**common, **guest} for guest in json.load(open(path))]
json.dump(guests, open(path, "w"))'
  master gnt-instance batch-create /root/guests.json
  busy_guest kvm1
  master gnt-instance add-tags vm3 web
  master gnt-instance start --force-multiple vm1 vm2 vm3 kvm1 kvm2
}

# A boot sector that fills 40 MiB of memory with what does not compress, so that a live migration has something to
# transfer: enter protected mode, write eax to [edi] from 1 MiB up, eax += 0x9e3779b9, then hlt for ever.
busy_guest() {
  local code='fa31c08ed80f0116587c0f20c00c010f22c0ea177c080066b810008ed8bf00001000b90000a000b878563412890705b979379e83c7044975f3f4ebfd8d7426000000000000000000ffff0000009acf00ffff00000092cf001700407c0000'
  on h1 python3 -c '
import glob, sys
code = bytes.fromhex(sys.argv[1])
disk = glob.glob("/srv/ganeti/shared-file-storage/*%s*/*" % sys.argv[2])[0]
with open(disk, "r+b") as image:
    image.write(code + bytes(510 - len(code)) + b"\x55\xaa")' "$code" "$1"
}

cluster_multiply() {
  show_log_on_failure
  local daemon
  for daemon in ganeti-luxid ganeti-wconfd; do on h1 /usr/lib/ganeti/daemon-util stop "$daemon" >>"$state/log" 2>&1; done
  on h1 python3 - "$1" <"$here/multiply.py" >>"$state/log" 2>&1
  for daemon in ganeti-wconfd ganeti-luxid; do on h1 /usr/lib/ganeti/daemon-util start "$daemon" >>"$state/log" 2>&1; done
  wait_for 300 luxi_answers h1 || die "the master daemon does not answer after the multiplication"
}
