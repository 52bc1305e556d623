#!/usr/bin/env bash
# Lays a node's file system over the machine's own root: node-disk.sh STATE NODE FQDN. Run in the hub, where it stays mounted while
# the node is without power.
set -euo pipefail
state=$1 node=$2 fqdn=$3
upper=$state/fs/$node/upper
root=$state/fs/$node/root

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

# Operating systems: "noop", whose scripts do nothing but to copy the disk at exports and imports (compressed in the variant "packed"), "tiny" and
# "busy", whose guests boot guest.s.
guest_os() {
  local os=$root/usr/share/ganeti/os/$1 script
  mkdir -p "$os"
  for script in create import export rename verify; do printf '#!/bin/sh\nexit 0\n' >"$os/$script"; done
  echo 20 >"$os/ganeti_api_version"
  printf '%s\n' default packed >"$os/variants.list"
  printf '#!/bin/sh\n[ "$OS_VARIANT" = packed ] && exec gzip -1c "$EXPORT_DEVICE"\nexec cat "$EXPORT_DEVICE"\n' >"$os/export"
  printf '#!/bin/sh\n[ "$OS_VARIANT" = packed ] && { gzip -dc >"$IMPORT_DEVICE"; exit; }\nexec cat >"$IMPORT_DEVICE"\n' >"$os/import"
  printf '%s\n' 'dist the release' 'token a secret' >"$os/parameters.list"
  [[ -z ${2:-} ]] || printf '#!/bin/sh\n%s\n' "$2" >"$os/create"
  chmod 755 "$os"/{create,import,export,rename,verify}
}

# boot_sector MEBIBYTES: a shell command that writes guest.s, filling that much memory, on the guest's first disk
boot_sector() {
  local count code octal
  local -a bytes
  count=$(printf '%08x' $(($1 << 18)))
  code=fa31c08ed88ed0bc007ce4920c02e6920f0116747c0f20c00c010f22c0eb00bb08008ec324fe0f22c066bf0000100066b9
  code+=${count:6:2}${count:4:2}${count:2:2}${count:0:2}
  code+=66b87856341267e31326676689076683c7046605b979379e6649ebeaba0206b80001efe4a10c02e6a1fbf4ba0006edf6c40174f5
  code+=ba0406b80020efebec66900f007a7c00000000000000000000ffff00000092cf00
  mapfile -t bytes < <(fold -w 2 <<<"$code")
  octal=$(printf '\\%03o' "${bytes[@]/#/0x}")
  cat <<EOF
{ printf '$octal'; head -c $((510 - ${#bytes[@]})) /dev/zero; printf '\125\252'; } | dd of="\$DISK_0_PATH" conv=notrunc status=none
EOF
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
guest_os noop
guest_os tiny "$(boot_sector 0)"
guest_os busy "$(boot_sector 40)"
