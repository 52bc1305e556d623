#!/usr/bin/env bash
# Process 1 of a node: lays the node's file system over the machine's, starts sshd, and reaps.
set -euo pipefail
state=$1 node=$2 fqdn=$3
files=$state/fs/$node

# /proc is still that of the machine here, so this is the number by which the machine knows us.
read -r pid _ </proc/self/stat
first_boot=
[[ -d $files ]] || { first_boot=1; mkdir -p "$files"/{upper,work,root}; }
mount -t overlay overlay -o "lowerdir=/,upperdir=$files/upper,workdir=$files/work" "$files/root"
root=$files/root
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount --rbind /dev "$root/dev"
mount -t sysfs sysfs "$root/sys"
hostname "$fqdn"
cp "$state/hosts" "$root/etc/hosts"
mkdir -p "$root/run/sshd" "$root/run/lock" "$root/srv/ganeti/file-storage" "$root/srv/ganeti/shared-file-storage"
mount --bind "$state/fs/shared" "$root/srv/ganeti/shared-file-storage"

# Nothing of the machine's own Ganeti, keys and profiles shows through: these folders are the node's own.
for folder in root var/lib/ganeti var/log/ganeti etc/ssh; do
  mkdir -p "$files/own/$folder" "$root/$folder"
  mount --bind "$files/own/$folder" "$root/$folder"
done

if [[ -n $first_boot ]]; then
  find "$root/etc/ganeti" -mindepth 1 -maxdepth 1 ! -name lib ! -name share ! -name '*ifup-os' -exec rm -rf {} +
  chmod 700 "$root/root"
  install -d -m 700 "$root/root/.ssh"
  install -m 600 "$state/home/.ssh/id_ed25519.pub" "$root/root/.ssh/authorized_keys"
  for kind in rsa ecdsa ed25519; do
    ssh-keygen -q -t $kind $([[ $kind != rsa ]] || echo -b 2048) -N '' -C "$fqdn" -f "$root/etc/ssh/ssh_host_${kind}_key" &
  done
  wait
  cat >"$root/etc/ssh/sshd_config" <<'CONFIG'
PermitRootLogin yes
PasswordAuthentication no
UsePAM no
UseDNS no
MaxStartups 100
PrintMotd no
Subsystem sftp internal-sftp
CONFIG
  printf '%s\n' /srv/ganeti/file-storage /srv/ganeti/shared-file-storage >"$root/etc/ganeti/file-storage-paths"
  os=$root/usr/share/ganeti/os/noop
  mkdir -p "$os"
  for script in create import export rename verify; do
    printf '#!/bin/sh\nexit 0\n' >"$os/$script"
    chmod 755 "$os/$script"
  done
  echo 20 >"$os/ganeti_api_version"
  echo default >"$os/variants.list"
  : >"$os/parameters.list"
fi

echo "$pid" >"$state/$node.pid.new"
mv "$state/$node.pid.new" "$state/$node.pid"
exec 9>"$state/$node.boot"
# From here on /proc is the node's own.
exec chroot "$root" bash -c '
  mount -t proc proc /proc
  ip link set lo up
  until ip link show eth0 >/dev/null 2>&1; do sleep 0.02; done
  ip address replace "$1/24" dev eth0 && ip link set eth0 up
  ip link add gntbr type bridge 2>/dev/null && ip link set gntbr up
  /usr/sbin/sshd
  echo ready >&9
  exec 9>&-
  # bash reaps whatever ends while it waits for its own child; without that a migrated guest stays a zombie.
  while :; do sleep 3600 & wait $!; done
' "node-init.sh $state " "$(awk -v n="$fqdn" '$2 == n { print $1 }' "$state/hosts")"
