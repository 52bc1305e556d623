# shellcheck shell=sh
# Boots a throw-away overlay of raw disks, without network, as nobody, and tells what its screen shows; before that, what is on the disks that usually breaks on
# another machine. The disks are opened for reading only, and no file system of theirs is mounted. Each part of the answer begins with a GS character and its name.
#   SECONDS MEMORY INTERFACE SCREEN DISK…     MEMORY in MiB, INTERFACE virtio or ide; SCREEN 1 for a picture too
seconds=$1 memory=$2 interface=$3 screen=$4
shift 4
export LC_ALL=C
command -v qemu-system-x86_64 >/dev/null && command -v qemu-img >/dev/null && command -v socat >/dev/null || { echo 'qemu-system-x86_64, qemu-img and socat are needed' >&2; exit 5; }
for disk in "$@"; do
  [ -f "$disk" ] && [ -r "$disk" ] || { echo "there is no file $disk that can be read" >&2; exit 3; }
done

# Guests come first.
free=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)
[ "${free:-0}" -ge $((memory + 128)) ] || { echo "$free MiB of memory are free" >&2; exit 7; }

# What a killed one has left: of QEMU no trial lasts a day.
find /var/tmp -maxdepth 1 -name 'ganeti-export-test.*' -user "$(id -un)" -mmin +1440 -exec rm -rf {} + 2>/dev/null
dir=$(mktemp -d /var/tmp/ganeti-export-test.XXXXXX) || exit
trap 'kill "$qemu" 2>/dev/null; rm -rf "$dir"' EXIT
# PIPE too: a link that is cut is seen at the next word that is said.
trap 'exit 1' HUP INT TERM PIPE

# The beginning of each partition in bytes; of a disk without partitions its own.
gnt_starts() {
  partx --raw --noheadings --output START "$1" 2>/dev/null | while read -r start; do echo $((start * 512)); done
  echo 0
}

number=0
for disk in "$@"; do
  for start in $(gnt_starts "$disk"); do
    # The mark of ext2 to ext4; whatever else is there is not looked into.
    [ "$(dd if="$disk" bs=1 skip=$((start + 1080)) count=2 status=none | od -An -tx1 | tr -d ' ')" = 53ef ] || continue
    command -v debugfs >/dev/null || continue
    for file in /etc/fstab /etc/udev/rules.d/70-persistent-net.rules /etc/network/interfaces /etc/default/grub /boot/grub/grub.cfg /grub/grub.cfg /etc/crypttab; do
      printf '\035file %s %s %s\n' "$number" "$start" "$file"
      timeout 20 debugfs -R "cat $file" "$disk?offset=$start" 2>/dev/null | head -c 65536
    done
  done
  number=$((number + 1))
done

number=0
for disk in "$@"; do
  qemu-img create -q -f qcow2 -F raw -b "$(readlink -f "$disk")" "$dir/$number.qcow2" || exit 6
  number=$((number + 1))
done
set --
i=0
while [ "$i" -lt "$number" ]; do
  set -- "$@" -drive "file=$dir/$i.qcow2,format=qcow2,if=$interface,cache=unsafe"
  i=$((i + 1))
done
chmod 711 "$dir"
chown -R nobody "$dir" 2>/dev/null
[ "$(id -u)" != 0 ] || set -- "$@" -runas nobody
timeout -k 5 $((seconds + 60)) qemu-system-x86_64 -name ganeti-export-test -machine pc,accel=kvm:tcg -m "$memory" -nodefaults -no-user-config -vga std -display none -nic none -no-reboot \
  -sandbox on,obsolete=deny,spawn=deny,resourcecontrol=deny -monitor "unix:$dir/monitor,server=on,wait=off" -serial "file:$dir/serial" "$@" >"$dir/said" 2>&1 &
qemu=$!

gnt_monitor() { printf '%s\n' "$@" | timeout 20 socat -t 5 - "UNIX-CONNECT:$dir/monitor" 2>/dev/null; }

gnt_look() {
  # Where the text begins moves as it scrolls: the CRT controller's registers 12 and 13.
  gnt_monitor "pmemsave 0xb8000 32768 \"$dir/text.new\"" 'o /b 0x3d4 0x0c' 'i /b 0x3d5' 'o /b 0x3d4 0x0d' 'i /b 0x3d5' 'info status' >"$dir/monitor.said" || return
  mv "$dir/text.new" "$dir/text" 2>/dev/null
}

# Until what it shows has been the same for a while.
begun=$(cut -d. -f1 /proc/uptime)
same=0 last=
while [ $(($(cut -d. -f1 /proc/uptime) - begun)) -lt "$seconds" ] && kill -0 "$qemu" 2>/dev/null && [ "$same" -lt 10 ]; do
  sleep 1
  gnt_look || continue
  now=$(cksum "$dir/text" "$dir/serial" 2>/dev/null)
  if [ "$now" = "$last" ] && [ $(($(cut -d. -f1 /proc/uptime) - begun)) -ge 15 ]; then same=$((same + 1)); else same=0; fi
  last=$now
done
[ "$screen" != 1 ] || gnt_monitor "screendump \"$dir/screen\"" >/dev/null
printf '\035seconds\n%s\n' $(($(cut -d. -f1 /proc/uptime) - begun))
printf '\035alive\n'
kill -0 "$qemu" 2>/dev/null && echo yes
printf '\035said\n'
head -c 4096 "$dir/said"
printf '\035monitor\n'
cat "$dir/monitor.said" 2>/dev/null
printf '\035serial\n'
tail -c 16384 "$dir/serial" 2>/dev/null | tr -d '\035'
printf '\035text\n'
od -An -v -tx1 "$dir/text" 2>/dev/null
printf '\035screen\n'
[ ! -s "$dir/screen" ] || gzip -1c "$dir/screen" | base64
:
