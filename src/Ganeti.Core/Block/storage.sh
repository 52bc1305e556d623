# shellcheck shell=sh
# What a node has of storage, in one call that changes nothing. Each part begins with a GS character, its name and its form.
#   $1             plain; or health, which adds SMART and what the kernel's log has of I/O errors
#   $2, $3, $4     columns of logical volumes, volume groups, physical volumes
#   $5             columns of block devices
# Not blkid: on a suspended device it hangs and can't be killed; lsblk reads udev's database.
export LVM_SUPPRESS_FD_WARNINGS=1

# gnt_report PROGRAM COLUMNS OPTION…
gnt_report() {
  command -v "$1" >/dev/null || return 0
  gnt_program=$1
  gnt_columns=$2
  shift 2
  printf '\035%s json\n' "$gnt_program"
  "$gnt_program" "$@" --units b --nosuffix --reportformat json -o "$gnt_columns"
  gnt_status=$?
  if [ "$gnt_status" -eq 3 ]; then
    # "Invalid command line": before 2.02.158 there is no JSON.
    printf '\035%s columns\n' "$gnt_program"
    "$gnt_program" "$@" --units b --nosuffix --noheadings --separator '|' -o "$gnt_columns"
    gnt_status=$?
  fi
  [ "$gnt_status" -eq 0 ] || printf '\035%s failed\n%s\n' "$gnt_program" "$gnt_status"
}

printf '\035clock seconds\n'
date +%s
gnt_report lvs "$2" -a
gnt_report vgs "$3"
gnt_report pvs "$4"
printf '\035lsblk json\n'
lsblk --json --bytes --output "$5"
printf '\035sysfs lines\n'
for gnt_disk in /sys/block/*; do
  gnt_name=${gnt_disk##*/}
  if [ -r "$gnt_disk/device/state" ]; then
    printf 'state\t%s\t%s\n' "$gnt_name" "$(cat "$gnt_disk/device/state" 2>/dev/null)"
  fi
  if [ -r "$gnt_disk/md/array_state" ]; then
    printf 'md\t%s' "$gnt_name"
    for gnt_what in level raid_disks degraded array_state sync_action; do
      printf '\t%s' "$(cat "$gnt_disk/md/$gnt_what" 2>/dev/null)"
    done
    printf '\n'
  fi
done
[ "$1" = health ] || exit 0

printf '\035log lines\n'
gnt_errors='(error,? (on )?dev|Medium Error|Unrecovered read error)'
gnt_kept=$(dmesg --time-format=iso 2>/dev/null | grep -E "$gnt_errors")
[ -n "$gnt_kept" ] || gnt_kept=$(journalctl --quiet --no-pager --output=short-iso-precise --dmesg 2>/dev/null | grep -E "$gnt_errors")
printf '%s\n' "$gnt_kept" | tail -n 5000
command -v smartctl >/dev/null || exit 0
for gnt_disk in /sys/block/*; do
  # Whole disks of the bus that answer; one that sleeps is not woken, one that dies is not waited for.
  [ -e "$gnt_disk/device" ] || continue
  [ "$(cat "$gnt_disk/device/state" 2>/dev/null)" != offline ] || continue
  case ${gnt_disk##*/} in fd* | sr* | drbd* | vd*) continue ;; esac
  printf '\035smart %s\n' "${gnt_disk##*/}"
  timeout 15 smartctl --json=c --nocheck=standby --info --health --attributes "/dev/${gnt_disk##*/}"
done
:
