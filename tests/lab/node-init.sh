# shellcheck shell=bash
# Process 1 of a node, sourced after $init of nodes.sh: STATE NODE FQDN ADDRESS
state=$1 node=$2 fqdn=$3 address=$4
root=$state/fs/$node/root

# Devices of its own: nothing that a node does to them reaches the machine, and /dev/kvm is absent everywhere.
devices() {
  local device path major minor
  mount -t tmpfs -o mode=755,size=1m tmpfs "$root/dev"
  mkdir "$root"/dev/{net,pts,shm}
  for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 net/tun:10:200; do
    IFS=: read -r path major minor <<<"$device"
    mknod -m 666 "$root/dev/$path" c "$major" "$minor"
  done
  mount -t devpts -o newinstance,gid=5,mode=620,ptmxmode=666 devpts "$root/dev/pts"
  mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  ln -s fd/0 "$root/dev/stdin"
  ln -s fd/1 "$root/dev/stdout"
  ln -s fd/2 "$root/dev/stderr"
}

network() {
  ip link set lo up
  until ip link show eth0 >/dev/null 2>&1; do sleep 0.01; done
  ip address add "$address/24" dev eth0
  ip link set eth0 up
  ip link add gntbr type bridge
  ip link set gntbr up
}

mount -t tmpfs -o mode=755,size=64m tmpfs "$root/run"
mount -t tmpfs -o mode=1777,size=1g tmpfs "$root/tmp"
mount -t sysfs sysfs "$root/sys"
mount --bind "$state/fs/shared" "$root/srv/ganeti/shared-file-storage"
mkdir -p "$root/run/sshd" "$root/run/lock"
devices
hostname "$fqdn"
publish_pid "$state/$node"
network
mount -t proc proc "$root/proc"
chroot "$root" /usr/sbin/sshd
touch "$state/$node.ready"

cd "$root" || exit
pivot_root . .
umount -l .
# Anew, so that process 1 holds nothing of the machine's any more.
exec bash -c "${init:?}; reap_forever" init "$node"
