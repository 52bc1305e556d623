# shellcheck shell=sh
# Takes a SCSI disk offline, or away; looks for disks. The disk is named by its serial number too: names change at every rescan.
#   offline NAME SERIAL
#   delete NAME SERIAL
#   scan
case $1 in
  scan)
    for gnt_host in /sys/class/scsi_host/host*/scan; do
      [ ! -e "$gnt_host" ] || echo '- - -' >"$gnt_host"
    done
    for gnt_disk in /sys/block/*/device/rescan; do
      [ ! -e "$gnt_disk" ] || echo 1 >"$gnt_disk"
    done
    udevadm settle --timeout=20 2>/dev/null
    :
    ;;
  *)
    gnt_serial=$(lsblk --nodeps --noheadings --output SERIAL "/dev/$2" 2>/dev/null | tr -d ' ')
    [ "$gnt_serial" = "$3" ] || { echo "$2 has the serial number '$gnt_serial', not '$3'" >&2; exit 1; }
    case $1 in
      offline) echo offline >"/sys/block/$2/device/state" ;;
      delete) echo 1 >"/sys/block/$2/device/delete" ;;
    esac
    ;;
esac
