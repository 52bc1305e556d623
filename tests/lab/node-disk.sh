#!/usr/bin/env bash
# Lays a node's file system over the machine's own root: node-disk.sh STATE NODE FQDN. Run in the hub, where it stays mounted while
# the node is without power.
set -euo pipefail
state=$1 node=$2 fqdn=$3
upper=$state/fs/$node/upper
root=$state/fs/$node/root
source "$(dirname "${BASH_SOURCE[0]}")/guest-os.sh"

# In an overlay, a character device 0:0 above hides what is below.
hide() {
  mkdir -p "$upper/${1%/*}"
  mknod "$upper/$1" c 0 0
}

hide_machine() {
  local path
  # /etc/ssl/certs too: GnuTLS would read all of the machine's certificate authorities for each request to a node daemon.
  for path in /root /home /var/lib/ganeti /var/log/ganeti /srv /etc/ssl/certs; do [[ ! -e $path ]] || hide "$path"; done
  for path in /etc/ganeti/* /etc/ssh/ssh_host_* /etc/ssh/sshd_config.d /etc/default/ganeti /usr/share/ganeti/os; do
    case $path in
      /etc/ganeti/lib | /etc/ganeti/share | /etc/ganeti/*-ifup-os) ;;
      *) [[ ! -e $path ]] || hide "$path" ;;
    esac
  done
  # The directories that were made on the way get the machine's owners and modes.
  cd "$upper"
  find . -mindepth 1 -type d -exec sh -c 'for d; do chmod --reference="/$d" "$d"; chown --reference="/$d" "$d"; done' sh {} +
  cd /
}

login_keys() {
  install -d -m 700 "$root/root" "$root/root/.ssh"
  install -m 600 "$state"/keys/id_rsa "$root/root/.ssh/"
  install -m 644 "$state"/keys/id_rsa.pub "$root/root/.ssh/"
  cat "$state/home/.ssh/id_ed25519.pub" "$state/keys/id_rsa.pub" >"$root/root/.ssh/authorized_keys"
  # A locked account cannot log in without PAM, not even with a key.
  sed -i 's/^root:[^:]*/root:*/' "$root/etc/shadow"
  sed -i '/^root:/s/:[^:]*$/:\/bin\/bash/' "$root/etc/passwd"
}

ssh_server() {
  cp -p "$state"/keys/ssh_host_* "$root/etc/ssh/"
  ssh-keygen -q -t ed25519 -N '' -C "$fqdn" -f "$root/etc/ssh/ssh_host_ed25519_key"
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
}

daemons() {
  # Locking its memory costs the node daemon 30 ms of each request.
  echo 'NODED_ARGS=--no-mlock' >"$root/etc/default/ganeti"
  mkdir -p "$root/srv/ganeti/file-storage" "$root/srv/ganeti/shared-file-storage"
  printf '%s\n' /srv/ganeti/file-storage /srv/ganeti/shared-file-storage >"$root/etc/ganeti/file-storage-paths"
}

mkdir -p "$upper" "$state/fs/$node/work" "$root"
hide_machine
mount -t overlay overlay -o "lowerdir=/,upperdir=$upper,workdir=$state/fs/$node/work" "$root"
mkdir -p "$root"/{etc/ssl/certs,home,var/lib/ganeti/export,var/log/ganeti,srv}
echo "$fqdn" >"$root/etc/hostname"
# Of its own: the machine's may be a mount, which an overlay does not show.
rm -f "$root/etc/hosts" "$root/etc/resolv.conf"
cp "$state/hosts" "$root/etc/hosts"
: >"$root/etc/resolv.conf"
login_keys
ssh_server
daemons
guest_systems
