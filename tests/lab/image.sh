#!/usr/bin/env bash
# Makes what a virtual machine boots from: image.sh FOLDER. Leaves there base.img, vmlinuz, initrd.img, hosts and the keys.
# One image for all machines: who one is, it reads on its kernel's command line (lab.node=NAME).
set -euo pipefail
folder=$1
root=$folder/root
domain=lab.example
cluster=gnt.$domain
nodes=(g1 g2)
source "$(dirname "${BASH_SOURCE[0]}")/guest-os.sh"

packages=(
  linux-image-amd64 systemd-sysv udev kmod initramfs-tools iproute2 openssh-server socat procps less
  drbd-utils lvm2 thin-provisioning-tools kpartx dmsetup psmisc lsof iptables nftables fdisk parted e2fsprogs
  ganeti ganeti-3.0 qemu-system-x86 qemu-utils
)

# The machine's own Debian sources: "URI SUITE COMPONENT" a line.
# shellcheck disable=SC2016
sources() {
  apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sed -n 's/^Debian //p' | sort -u
}

bootstrap() {
  local suite mirror
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mirror=$(sources | awk -v suite="$suite" '$2 == suite && $3 == "main" { print $1; exit }')
  [[ -n $mirror ]] || { echo "apt knows no Debian mirror of $suite: run apt-get update" >&2; return 1; }
  debootstrap --variant=minbase "$suite" "$root" "$mirror"
  sources | sed 's/^/deb /' >"$root/etc/apt/sources.list"
  # A proxy, where the machine needs one.
  apt-config dump | grep -i '^Acquire::.*Proxy' >"$root/etc/apt/apt.conf.d/90lab-proxy" || true
}

# The mark of whoever builds it is kept, so that "down" ends this too.
inside() {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} \
    ${GANETI_LAB_PART:+GANETI_LAB_PART="$GANETI_LAB_PART"} chroot "$root" "$@"
}

install_packages_inside() {
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/lab"
  printf 'path-exclude=/usr/share/%s/*\n' doc man locale info >>"$root/etc/dpkg/dpkg.cfg.d/lab"
  # The initrd is made once, at the end.
  mkdir -p "$root/etc/initramfs-tools"
  echo 'update_initramfs=no' >"$root/etc/initramfs-tools/update-initramfs.conf"
  inside apt-get update -qq
  inside apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "${packages[@]}"
  inside apt-get clean
  rm -rf "$root"/var/lib/apt/lists/* "$root/usr/sbin/policy-rc.d"
}

# What the kernel needs to find its disk, and no more.
initrd() {
  sed -i 's/^MODULES=.*/MODULES=list/' "$root/etc/initramfs-tools/initramfs.conf"
  printf '%s\n' virtio_pci virtio_blk ext4 >"$root/etc/initramfs-tools/modules"
  echo COMPRESS=gzip >"$root/etc/initramfs-tools/conf.d/lab"
  echo 'update_initramfs=yes' >"$root/etc/initramfs-tools/update-initramfs.conf"
  local kernel
  kernel=$(ls "$root/lib/modules")
  inside update-initramfs -c -k "$kernel"
  cp "$root/boot/vmlinuz-$kernel" "$folder/vmlinuz"
  cp "$root/boot/initrd.img-$kernel" "$folder/initrd.img"
}

key() { ssh-keygen -q -t "$1" ${4:+-b "$4"} -N '' -C "$2" -f "$3"; }

# As on a real cluster, all nodes have the same RSA and ECDSA host keys (Ganeti knows nodes by the cluster's key), each its own
# Ed25519 key, and root's key is allowed from node to node.
keys() {
  local node
  mkdir -m 700 "$folder/keys"
  key ed25519 "client of the lab" "$folder/keys/client"
  key rsa "root@$cluster" "$folder/keys/id_rsa" 2048
  key rsa "$cluster" "$folder/keys/ssh_host_rsa_key" 2048
  key ecdsa "$cluster" "$folder/keys/ssh_host_ecdsa_key"
  for node in "${nodes[@]}"; do key ed25519 "$node.$domain" "$folder/keys/$node"; done

  install -d -m 700 "$root/root/.ssh"
  install -m 600 "$folder/keys/id_rsa" "$folder/keys/id_rsa.pub" "$root/root/.ssh/"
  cat "$folder/keys/client.pub" "$folder/keys/id_rsa.pub" >"$root/root/.ssh/authorized_keys"
  rm -f "$root"/etc/ssh/ssh_host_*
  cp -p "$folder"/keys/ssh_host_* "$root/etc/ssh/"
  install -d -m 700 "$root/etc/lab"
  for node in "${nodes[@]}"; do cp -p "$folder/keys/$node" "$folder/keys/$node.pub" "$root/etc/lab/"; done
}

configure() {
  sed -i 's/^root:[^:]*/root:*/' "$root/etc/shadow"
  # No shell profiles: they slow every remote command.
  rm -f "$root"/root/.bashrc "$root"/root/.profile
  : >"$root/etc/fstab"
  : >"$root/etc/resolv.conf"
  cat >"$root/etc/ssh/sshd_config" <<'CONFIG'
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
MaxStartups 100
PrintMotd no
Subsystem sftp /usr/lib/openssh/sftp-server
CONFIG
  # As the operators have them: wiki-cluster-ganeti.txt.
  echo 'options drbd minor_count=128 usermode_helper=/bin/true' >"$root/etc/modprobe.d/drbd.conf"
  sed -i '0,/^\s*# global_filter = /s@^\s*# global_filter = .*@\tglobal_filter = [ "r|/dev/cdrom|", "r|/dev/drbd[0-9]+|" ]@' "$root/etc/lvm/lvm.conf"
  echo 'NODED_ARGS=--no-mlock' >"$root/etc/default/ganeti"
  mkdir -p "$root/srv/ganeti/file-storage"
  echo /srv/ganeti/file-storage >"$root/etc/ganeti/file-storage-paths"
  guest_systems
}

# One file for the machines and for the client.
hosts() {
  local node guest number=101
  {
    echo "127.0.0.1 localhost"
    echo "192.0.2.1 client.$domain client"
    echo "192.0.2.10 $cluster ${cluster%%.*}"
    for node in "${nodes[@]}"; do echo "192.0.2.1${node#g} $node.$domain $node"; done
    for guest in kvm1 vm1 vm2 vm3; do echo "192.0.2.$((number++)) $guest.$domain $guest"; done
  } >"$folder/hosts"
  cp "$folder/hosts" "$root/etc/hosts"
}

services() {
  cat >"$root/usr/local/sbin/lab-node" <<'SCRIPT'
#!/bin/sh
set -e
for word in $(cat /proc/cmdline); do case $word in lab.node=*) node=${word#lab.node=} ;; esac; done
echo "$node.lab.example" >/etc/hostname
hostname "$node.lab.example"
cp -p "/etc/lab/$node" /etc/ssh/ssh_host_ed25519_key
cp -p "/etc/lab/$node.pub" /etc/ssh/ssh_host_ed25519_key.pub
ip link set lo up
ip address add "192.0.2.1${node#g}/24" dev eth0
ip address add "198.51.100.1${node#g}/24" dev eth1
ip link set eth0 up
ip link set eth1 up
ip link add gntbr type bridge
ip link set gntbr up
SCRIPT
  chmod 755 "$root/usr/local/sbin/lab-node"
  cat >"$root/etc/systemd/system/lab-node.service" <<'UNIT'
[Unit]
Description=Name, keys and addresses of this machine
DefaultDependencies=no
Wants=sys-subsystem-net-devices-eth0.device sys-subsystem-net-devices-eth1.device network.target
After=systemd-remount-fs.service sys-subsystem-net-devices-eth0.device sys-subsystem-net-devices-eth1.device
Before=network.target ssh.service ganeti.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/lab-node
[Install]
WantedBy=sysinit.target
UNIT
  inside systemctl -q enable lab-node.service ssh.service
  inside systemctl -q mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
    systemd-timesyncd.service drbd.service man-db.timer logrotate.timer systemd-pstore.service getty@tty1.service serial-getty@ttyS0.service
  inside systemctl -q disable nftables.service
}

bootstrap
install_packages_inside
keys
configure
hosts
services
initrd
truncate -s 6G "$folder/base.img"
mkfs.ext4 -q -F -L lab -E lazy_itable_init=1,lazy_journal_init=1 -d "$root" "$folder/base.img"
chmod 444 "$folder/base.img"
rm -rf --one-file-system "$root"
