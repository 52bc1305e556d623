# shellcheck shell=sh
# An image becomes a volume. Until what is on it is known to be whole, the volume has the tag ganeti.import=ID, and the node removes it with its scratch space at a
# deadline that the client puts off while it lives. Once it is whole the tag is ganeti.imported=ID, until Ganeti has it.
#   look PATH                                 length, time of change, device and inode; the first 4096 bytes, the last 512
#   begin ID SECONDS ABOUT GROUP NAME SCRATCH NEEDED   arms the removal; makes the scratch space when SCRATCH is not empty, and prints its folder
#   renew ID SECONDS
#   info FORMAT PATH                          what qemu-img says, as JSON
#   volume ID FROM DEVICE COMMAND…            makes the volume by the command; zeros from the byte FROM to its end
#   write ID FILE OFFSET LENGTH               writes standard input there
#   convert ID FORMAT SOURCE DEVICE
#   sum FILE LENGTH
#   compare FORMAT SOURCE DEVICE
#   whole ID GROUP NAME TAG                   takes the mark away, and adds a tag
#   drop ID GROUP NAME [TAG]                  removes what is not whole, now; or what has the tag
#   adopted GROUP                             takes the last tags away from volumes that have another name by now

# Only the one volume, and only while it has the tag: what has become a guest's disk has neither.
# shellcheck disable=SC2016
gnt_image_undo='
id=$1 group=$2 name=$3 scratch=$4 tag=${5:-ganeti.import=$1}
work=$(cat "/run/ganeti-powershell/undo/$id/work" 2>/dev/null)
for round in 1 2 3 4 5 6 7 8 9 10; do
  [ -n "$work" ] && tr "\0" "\n" <"/proc/$work/environ" 2>/dev/null | grep -qxF "GNT_IMPORT=$id" || break
  [ "$round" -gt 1 ] || kill "$work"
  sleep 1
done
[ -z "$scratch" ] || rm -rf "$scratch"
lines=$(lvs --noheadings --separator "|" --options lv_name,lv_tags "$group") || exit
printf "%s\n" "$lines" | tr -d " " | awk -F"|" -v name="$name" -v tag="$tag" "\$1 == name { n = split(\$2, tags, \",\"); for (i = 1; i <= n; i++) if (tags[i] == tag) found = 1 } END { exit !found }" || exit 0
udevadm settle --timeout=20 2>/dev/null
lvremove --yes "$group/$name"'

# Its number stands where the removal finds it: what writes is ended first. So is one whose link was cut, which waits for more with the volume open.
# shellcheck disable=SC2154
gnt_work() {
  export GNT_IMPORT="$1"
  [ -d "$gnt_state/undo/$1" ] || { echo 'the deadline has passed' >&2; exit 75; }
  gnt_old=$(cat "$gnt_state/undo/$1/work" 2>/dev/null)
  for gnt_round in 1 2 3 4 5 6 7 8 9 10; do
    if [ -z "$gnt_old" ] || ! tr '\0' '\n' <"/proc/$gnt_old/environ" 2>/dev/null | grep -qxF "GNT_IMPORT=$1"; then
      break
    fi
    [ "$gnt_round" -gt 1 ] || kill "$gnt_old"
    sleep 0.5
  done
  echo $$ >"$gnt_state/undo/$1/work" || exit
}

# What Ganeti has adopted has a name of Ganeti's.
gnt_adopted() {
  lvs --noheadings --separator '|' --options lv_name,lv_tags "$1" | tr -d ' ' | grep -F 'ganeti.imported=' | while IFS='|' read -r gnt_name gnt_tags; do
    case $gnt_name in import.*) continue ;; esac
    for gnt_tag in $(printf '%s\n' "$gnt_tags" | tr , '\n' | grep -e '^ganeti\.imported=' -e '^ganeti\.sha256='); do
      lvchange --deltag "$gnt_tag" "$1/$gnt_name" </dev/null
    done
  done
}

gnt_action=$1
shift
case $gnt_action in
  look)
    [ -e "$1" ] || { echo "there is no $1" >&2; exit 3; }
    [ -f "$1" ] || { echo "$1 is no regular file" >&2; exit 4; }
    stat --dereference --format '%s %Y %d %i' -- "$1" && head -c 4096 -- "$1" && tail -c 512 -- "$1"
    ;;
  begin)
    gnt_scratch=
    if [ -n "$6" ]; then
      command -v qemu-img >/dev/null || { echo 'there is no qemu-img' >&2; exit 5; }
      [ -d "$6" ] || { echo "there is no folder $6" >&2; exit 6; }
      gnt_free=$(df --output=avail --block-size=1 -- "$6" | tail -n 1)
      [ "$gnt_free" -ge "$7" ] || { echo "$gnt_free" >&2; exit 7; }
      # What this node left that was started anew meanwhile; the folder may be others' too.
      for gnt_old in "$6"/ganeti-import.*; do
        [ "$(stat -c %u "$gnt_old" 2>/dev/null)" != "$(id -u)" ] || [ "$(cat "$gnt_old/node" 2>/dev/null)" != "$(uname -n)" ] || [ -d "$gnt_state/undo/${gnt_old##*/ganeti-import.}" ] || rm -rf "$gnt_old"
      done
      gnt_scratch=$6/ganeti-import.$1
    fi
    gnt_adopted "$4" >&2
    gnt_arm "$1" "$2" "$3" "$gnt_image_undo" "$1" "$4" "$5" "$gnt_scratch" || exit
    [ -z "$gnt_scratch" ] || { gnt_guarded "$1" mkdir -m 700 -- "$gnt_scratch" && uname -n >"$gnt_scratch/node" && echo "$gnt_scratch"; }
    ;;
  renew) gnt_renew "$1" "$2" ;;
  info)
    command -v qemu-img >/dev/null || { echo 'there is no qemu-img' >&2; exit 5; }
    timeout 120 qemu-img info --output=json -f "$1" -- "$2"
    ;;
  volume)
    gnt_id=$1 gnt_from=$2 gnt_device=$3
    shift 3
    gnt_guarded "$gnt_id" "$@" || exit
    # What a volume was before is not to be read by another guest.
    gnt_length=$(($(blockdev --getsize64 "$gnt_device") - gnt_from)) || exit
    [ "$gnt_length" -le 0 ] || blkdiscard --zeroout --offset "$gnt_from" --length "$gnt_length" "$gnt_device" ||
      head -c "$gnt_length" /dev/zero | dd of="$gnt_device" bs=1M seek="$gnt_from" oflag=seek_bytes iflag=fullblock conv=fsync,nocreat status=none
    ;;
  write)
    gnt_work "$1"
    case $2 in /dev/*) gnt_new=,nocreat ;; *) gnt_new= ;; esac
    exec dd of="$2" bs=1M seek="$3" oflag=seek_bytes count="$4" iflag=fullblock,count_bytes conv=notrunc,fsync$gnt_new status=none
    ;;
  convert)
    gnt_work "$1"
    [ "$2" != raw ] || command -v qemu-img >/dev/null || exec dd if="$3" of="$4" bs=1M conv=fsync,nocreat status=none
    exec qemu-img convert -t writeback -p -n -f "$2" -O raw -- "$3" "$4"
    ;;
  sum)
    # From the disk itself.
    [ ! -b "$1" ] || blockdev --flushbufs "$1" || exit
    head -c "$2" -- "$1" | sha256sum
    ;;
  compare)
    blockdev --flushbufs "$3" && exec qemu-img compare -f "$1" -F raw -- "$2" "$3"
    ;;
  whole)
    # Whoever looks at a volume that was just written has it open.
    udevadm settle --timeout=60 2>/dev/null
    gnt_guarded "$1" lvchange --deltag "ganeti.import=$1" --addtag "ganeti.imported=$1" --addtag "$4" "$2/$3" || exit
    gnt_scratch=$(sed -n 4p "$gnt_state/undo/$1/arguments")
    [ -z "$gnt_scratch" ] || rm -rf "$gnt_scratch"
    gnt_disarm "$1"
    ;;
  drop)
    if [ -d "$gnt_state/undo/$1" ]; then
      gnt_undo "$1" || { cat "$gnt_state/undo/$1/said" >&2; exit 1; }
    else
      sh -c "$gnt_image_undo" sh "$1" "$2" "$3" '' "$4"
    fi
    ;;
  adopted) gnt_adopted "$1" ;;
esac
