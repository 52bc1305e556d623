# shellcheck shell=sh
# Who holds a block device, and who holds those: a line a find, values with tabs between.
#   $1   the device: a path, or the kernel's name
# fuser and lsof see no mapping, fuser without -m no mount, and none of them a mount in another namespace (a service with its own /).
case $1 in
  /*) gnt_path=$1 ;;
  *) gnt_path=/dev/$1 ;;
esac
gnt_path=$(readlink -f -- "$gnt_path")
gnt_kernel=$(printf '%s' "${gnt_path#/dev/}" | tr / '!')
[ -b "$gnt_path" ] || exit 3
[ -e "/sys/class/block/$gnt_kernel/dev" ] || exit 3

gnt_all=

# gnt_walk NAME: the device, what stands on it, its partitions, loops over it, and what stands on those.
gnt_walk() {
  case " $gnt_all " in *" $1 "*) return ;; esac
  gnt_all="$gnt_all $1"
  printf 'device\t%s\t%s\t%s\t%s\n' "$1" "$(cat "/sys/class/block/$1/dev")" "$(cat "/sys/class/block/$1/dm/name" 2>/dev/null)" "$(cat "/sys/class/block/$1/dm/uuid" 2>/dev/null)"
  for gnt_on in "/sys/class/block/$1"/holders/*; do
    [ -e "$gnt_on" ] && printf 'holder\t%s\t%s\n' "$1" "${gnt_on##*/}"
  done
  for gnt_on in /sys/block/loop*/loop/backing_file; do
    [ -e "$gnt_on" ] || continue
    [ "$(readlink -f -- "$(cat "$gnt_on")")" = "/dev/$(printf '%s' "$1" | tr '!' /)" ] || continue
    gnt_on=${gnt_on%/loop/backing_file}
    printf 'holder\t%s\t%s\n' "$1" "${gnt_on##*/}"
    gnt_walk "${gnt_on##*/}"
  done
  for gnt_on in "/sys/class/block/$1"/holders/*; do
    [ -e "$gnt_on" ] && gnt_walk "${gnt_on##*/}"
  done
  for gnt_on in "/sys/class/block/$1/$1"*/partition; do
    [ -e "$gnt_on" ] || continue
    gnt_on=${gnt_on%/partition}
    gnt_walk "${gnt_on##*/}"
  done
}
gnt_walk "$gnt_kernel"

# Each mount namespace once.
gnt_spaces=$(find /proc/[0-9]*/ns -maxdepth 1 -name mnt -printf '%l %h\n' 2>/dev/null | sort -u -k 1,1 | cut -d ' ' -f 2)

for gnt_name in $gnt_all; do
  gnt_file=/dev/$(printf '%s' "$gnt_name" | tr '!' /)
  find /proc/[0-9]*/fd -lname "$gnt_file" -printf '%h\n' 2>/dev/null | sort -u | while IFS= read -r gnt_fd; do
    gnt_fd=${gnt_fd%/fd}
    printf 'process\t%s\t%s\t%s\t%s\n' "$gnt_name" "${gnt_fd##*/}" "$(tr '\t\n' '  ' <"$gnt_fd/comm")" "$(tr '\0\t\n' '   ' <"$gnt_fd/cmdline" 2>/dev/null | head -c 4096)"
  done
  for gnt_space in $gnt_spaces; do
    # mountinfo: its number, parent, device, root, mount point, options, fields, "-", type, source (proc(5)).
    awk -v device="$(cat "/sys/class/block/$gnt_name/dev")" -v file="$gnt_file" -v name="$gnt_name" '{
      for (i = 7; i <= NF && $i != "-"; i++);
      if ($3 == device || $(i + 2) == file) printf "mount\t%s\t%s\n", name, $5
    }' "${gnt_space%/ns}/mountinfo" 2>/dev/null
  done | sort -u
  while read -r gnt_swap _; do
    [ "$(readlink -f -- "$gnt_swap")" = "$gnt_file" ] && printf 'swap\t%s\n' "$gnt_name"
  done </proc/swaps
done
:
