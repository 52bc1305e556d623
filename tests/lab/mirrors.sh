# shellcheck shell=bash disable=SC2154
# The Ganeti cluster with DRBD on the virtual machines, made once and kept: frozen disks and the machines' memory.

lab_up() {
  take_lock
  if lab_status >/dev/null 2>&1; then return 0; fi
  install_packages
  tear_down
  mkdir -p "$state"
  trap 'show_failure $?' EXIT
  prepare
  thaw
  say "the lab '$name' is up"
}

lab_prepare() {
  take_lock
  ! lab_status >/dev/null 2>&1 || return 0
  install_packages
  tear_down
  mkdir -p "$state"
  trap 'show_failure $?' EXIT
  prepare
  tear_down
}

# Sets $image and $frozen.
prepare() {
  local key entry
  key=$(image_key)
  is_cached image "$key" || say "making the image, which takes some minutes"
  cached image "$key" make_image
  image=$entry
  key=$(cluster_key)
  is_cached cluster "$key" || say "making the cluster, which takes some minutes"
  cached cluster "$key" make_cluster
  frozen=$entry
  prune_cache
}

# shellcheck disable=SC2016
image_key() {
  { cat "$here/image.sh" "$here/guest-os.sh"; apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages'; } | digest image
}

# An image that was made anew has other keys.
cluster_key() {
  cat "$here"/{hub,machines,mirrors}.sh "$here/guests.py" "$image/keys/client.pub" | digest "$image" "$(qemu-system-x86_64 --version | head -n 1)"
}

# In a mount namespace of its own: debootstrap mounts /proc in the image, and nothing of that is left when it is killed.
make_image() {
  env "$(mark image)" unshare --mount --propagation private bash "$here/image.sh" "$1" </dev/null >>"$state/log" 2>&1 9>&- || die "the image was not made"
}

make_cluster() {
  local folder=$1
  hub_with_machines
  each machine_disks "$folder"
  each machine_start "$folder"
  each login
  say "machines answer"
  each volume_group
  cluster_init
  say "cluster $cluster initialised"
  master gnt-node add --no-ssh-key-check --secondary-ip=198.51.100.12 "g2.$domain"
  say "node added"
  on g1 /usr/bin/python3 - mirrored <"$here/guests.py" >>"$state/log" 2>&1 || die "the guests were not created"
  wait_for 600 in_sync || die "the mirrors are not in sync"
  say "guests created"
  # What is free is given back, so that the saved memory is small.
  each shed_memory
  each logout
  stand_still
  for node in $(nodes); do
    monitor "$node" save "$folder/$node.memory"
    monitor "$node" quit
  done
  say "saved"
  stop_hub
}

hub_with_machines() {
  printf '%s\n' g1 g2 >"$state/nodes"
  echo "$image" >"$state/image"
  cp "$image/hosts" "$state/hosts"
  client_home
  hub_start "$machines_network"
}

# The keys came with the image, as they are in it.
client_home() {
  mkdir -p "$state/home"
  mkdir -m 700 "$state/home/.ssh"
  install -m 600 "$image/keys/client" "$state/home/.ssh/id_ed25519"
  install -m 644 "$image/keys/client.pub" "$state/home/.ssh/id_ed25519.pub"
  client_passwd
  known_hosts >"$state/home/.ssh/known_hosts"
}

known_hosts() {
  local node
  for node in $(nodes); do
    keys_of "$node,$node.$domain,$(address_of "$node")" ssh_host_rsa_key ssh_host_ecdsa_key "$node"
  done
  # The cluster's name moves with the master: only what all nodes share.
  keys_of "$cluster,${cluster%%.*},192.0.2.10" ssh_host_rsa_key ssh_host_ecdsa_key
}

keys_of() {
  local names=$1 key
  shift
  for key; do sed "s/^\([^ ]* [^ ]*\).*/$names \1/" "$image/keys/$key.pub"; done
}

volume_group() { on "$1" vgcreate kvmvg /dev/sda /dev/sdb </dev/null >>"$state/log" 2>&1 || die "no volume group on $1"; }

# Runs on the master; the output goes to the log.
master() {
  echo "+ $(date +%T.%1N) $*" >>"$state/log"
  on g1 "$@" </dev/null >>"$state/log" 2>&1 || die "failed: $*"
}

cluster_init() {
  local bounds=min:memory-size=4,cpu-count=1,disk-count=0,disk-size=1,nic-count=0,spindle-use=1
  bounds+=/max:memory-size=32768,cpu-count=8,disk-count=16,disk-size=1048576,nic-count=8,spindle-use=12
  master gnt-cluster init --vg-name=kvmvg --enabled-hypervisors=fake,kvm --enabled-disk-templates=drbd,plain,diskless --drbd-usermode-helper=/bin/true \
    --secondary-ip=198.51.100.11 --hypervisor-parameters=kvm:kvm_path=/usr/bin/qemu-system-x86_64,kernel_path=,serial_console=false \
    --nic-parameters=mode=bridged,link=gntbr --master-netdev=eth0 --no-etc-hosts --no-ssh-init \
    --ipolicy-vcpu-ratio=64 --ipolicy-bounds-specs="$bounds" --default-iallocator=hail "$cluster"
}

in_sync() { ! on g1 grep -Eq 'cs:(Sync|WF|Paused|StandAlone)|Inconsistent' /proc/drbd </dev/null; }

shed_memory() { on "$1" sh -c 'sync; echo 3 >/proc/sys/vm/drop_caches' </dev/null; }

stop_hub() {
  local pid
  part_pid hub || return 0
  kill -9 "$pid"
  wait_for 10 is_gone "$pid"
  rm -rf --one-file-system "${state:?}/home"
}

# The machines as they were saved, on fresh disks over the frozen ones.
thaw() {
  local node
  hub_with_machines
  mkdir -p -m 700 "$disks"
  each machine_disks "$disks" "$frozen"
  for node in $(nodes); do machine_start "$node" "$disks" -incoming "exec:cat $frozen/$node.memory"; done
  each monitor wait paused
  go_on
  touch "$state/ready"
}

luxi_probe='printf "{\"method\":\"QueryClusterInfo\",\"args\":[],\"version\":3000000}\003" \
  | socat -t 5 - UNIX-CONNECT:/run/ganeti/socket/ganeti-query | grep -q software_version'
