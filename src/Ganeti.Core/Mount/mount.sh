# shellcheck shell=sh
# Partitions and volumes of a guest's disk, mounted on this node. A mount is a folder in /run, in which each step is written down before it is made, so that it
# can be undone backwards, by whom and how often it may be. A volume made for one carries a tag too: it outlives a reboot of the node, and the folder does not.
#   open ID SECONDS LIFE ABOUT DEVICE             begins one that is undone by itself after SECONDS unless it is kept, and prints the disk's partitions
#   open ID SECONDS LIFE ABOUT '' ORIGIN SIZE PERMISSION    the same for a snapshot of a volume, SIZE bytes for what changes
#   make ID ACCESS POINT VOLUME NUMBER:START:SECTORS…       maps, activates, mounts. ACCESS: read, recover, write or force; POINT may be empty
#   keep ID                                       it is as it should be, and stays
#   undo ID
#   list                                          all that there are
# What is mapped looks like a logical volume to the node's own LVM, which therefore does not look into it: no guest's volume group is ever seen or activated but by
# the commands here, which see nothing else.

# shellcheck disable=SC2154
gnt_mounts=$gnt_state/mounts
export LVM_SUPPRESS_FD_WARNINGS=1

# The undo, with ID; by the watchdog with unless-kept too.
# shellcheck disable=SC2016
gnt_mount_undo='
export LVM_SUPPRESS_FD_WARNINGS=1
id=${1:?}
dir=/run/ganeti-powershell/mounts/$id
if [ -d "$dir" ]; then
  exec 9>"$dir/lock" || exit
  flock 9
  [ "$2" != unless-kept ] || [ "$(cat "$dir/state" 2>/dev/null)" != Mounted ] || exit 0
fi
if [ -e "$dir/steps" ]; then
  echo Undoing >"$dir/state"
  tac "$dir/steps" | while IFS="	" read -r what which; do
    case $what in
      mount)
        while mountpoint -q "$which"; do umount "$which" || exit 1; done
        ;;
      folder)
        [ ! -d "$which" ] || rmdir "$which" || exit 1
        ;;
      group)
        # Volumes that stand on others go first, so several rounds.
        for round in 1 2 3 4; do
          dmsetup info --columns --noheadings --separator " " -o uuid,name | while read -r uuid name; do
            case $uuid in "LVM-${which:?}"*) dmsetup remove --retry "$name" || [ "$round" -lt 4 ] || exit 1 ;; esac
          done || exit 1
        done
        ;;
      map)
        ! dmsetup info "$which" >/dev/null 2>&1 || dmsetup remove --retry "$which" || exit 1
        ;;
      rule)
        rm -f "$which" || exit 1
        udevadm control --reload || :
        ;;
    esac
  done || exit 1
fi
volumes=$(lvs --noheadings -o vg_name,lv_name "@ganeti.mount=$id") || exit 1
[ -z "$volumes" ] || lvremove --yes "@ganeti.mount=$id" || exit 1
[ ! -d "$dir" ] || { rm -f "$dir/"*; rmdir "$dir"; }
'

gnt_say() { echo "$*" >&2; }

# gnt_step KIND WHICH: what is about to be made.
gnt_step() { printf '%s\t%s\n' "$1" "$2" >>"$gnt_dir/steps"; }

gnt_set() { printf '%s\n' "$2" >"$gnt_dir/$1"; }

gnt_get() { cat "$gnt_mounts/$1/$2" 2>/dev/null; }

# gnt_enter ID: into one that is being made, to whose end nobody undoes it.
gnt_enter() {
  gnt_id=$1 gnt_dir=$gnt_mounts/$1
  if ! { [ -d "$gnt_dir" ] && exec 9>"$gnt_dir/lock" && flock 9 && [ "$(cat "$gnt_dir/state" 2>/dev/null)" = Making ]; }; then
    gnt_say "there is no mount $1 that is being made (any more)"
    exit 75
  fi
}

# gnt_probe OPTION… DEVICE: what is on it, in lines NAME=value.
gnt_probe() { timeout 60 blkid -p -o export "$@" 2>/dev/null | grep -v '^DEVNAME='; }

gnt_open() {
  gnt_id=$1 gnt_dir=$gnt_mounts/$1 gnt_device=$5
  umask 077
  mkdir -p "$gnt_mounts" && mkdir "$gnt_dir" || exit
  : >"$gnt_dir/steps"
  gnt_set about "$4" && gnt_set since "$(date +%s)" && gnt_set ends $(($(gnt_uptime) + $3)) && gnt_set state Making || exit
  gnt_arm "$1" "$2" "$4" "$gnt_mount_undo" "$1" unless-kept || { rm -f "$gnt_dir/"*; rmdir "$gnt_dir"; exit 1; }
  gnt_enter "$1"
  if [ -z "$gnt_device" ]; then
    lvcreate --yes --quiet --snapshot --permission "$8" --size "${7}b" --addtag "ganeti.mount=$1" --name "gntmount.$1" "$6" >&2 || exit
    gnt_device=/dev/${6%/*}/gntmount.$1
  fi
  [ -b "$gnt_device" ] || { gnt_say "$gnt_device is no block device"; exit 1; }
  gnt_set device "$gnt_device"
  printf 'part\t0\t0\t%s\t\n' "$(blockdev --getsz "$gnt_device")"
  gnt_probe "$gnt_device"
  partx --raw --bytes --noheadings -o NR,START,SECTORS,NAME "$gnt_device" 2>/dev/null | while read -r gnt_number gnt_start gnt_sectors gnt_name; do
    printf 'part\t%s\t%s\t%s\t%s\n' "$gnt_number" "$gnt_start" "$gnt_sectors" "$gnt_name"
    gnt_probe --offset $((gnt_start * 512)) --size $((gnt_sectors * 512)) "$gnt_device"
  done
}

# gnt_hide UUID: neither links to what a mapping holds nor anything that is done on finding it.
gnt_hide() {
  mkdir -p /run/udev/rules.d
  printf 'SUBSYSTEM=="block", ATTR{dm/uuid}=="%s*", ENV{DM_UDEV_DISABLE_DISK_RULES_FLAG}="1", ENV{DM_UDEV_DISABLE_OTHER_RULES_FLAG}="1", ENV{SYSTEMD_READY}="0", ENV{UDISKS_IGNORE}="1"\n' "$1" >>"$gnt_rule"
  udevadm control --reload
}

# gnt_inside COMMAND ARGUMENT…: LVM that sees the mappings of this mount and nothing else, and writes nothing to them.
gnt_inside() {
  gnt_program=$1
  shift
  gnt_filter="[\"a|^/dev/mapper/gntmount-${gnt_id}p[0-9]+\$|\",\"r|.*|\"]"
  "$gnt_program" --config "devices { filter=$gnt_filter global_filter=$gnt_filter scan_lvs=1 use_devicesfile=0 } global { metadata_read_only=1 use_lvmlockd=0 event_activation=0 } backup { backup=0 archive=0 } activation { monitoring=0 auto_activation_volume_list=[] $gnt_activation }" "$@"
}

# gnt_activate GROUP/NAME: prints the device. Exit status 3: no such volume; 4: its group collides with one of the node; 5: it is not whole.
gnt_activate() {
  gnt_activation=''
  gnt_lines=$(gnt_inside lvs --noheadings --nosuffix --units b --separator '	' -o vg_name,vg_uuid,vg_missing_pv_count,lv_name,lv_size) || return 1
  printf '%s\n' "$gnt_lines" | sed -n 's/^ *\(.*[^ ]\) *$/volume	\1/p'
  gnt_found=$(printf '%s\n' "$gnt_lines" | awk -F '\t' -v wanted="$1" '{ sub(/^ +/, "", $1) } $1 "/" $4 == wanted { print $2 "\t" $3 }')
  case $gnt_found in '') gnt_say "there is no volume $1"; return 3 ;; *"
"*) gnt_say "there are several volume groups ${1%/*}"; return 4 ;; esac
  gnt_group=${gnt_found%%	*} gnt_missing=${gnt_found##*	} gnt_plain=$(printf '%s' "${gnt_found%%	*}" | tr -d -)
  [ "$gnt_missing" = 0 ] || { gnt_say "the volume group ${1%/*} has $gnt_missing physical volumes on other disks"; return 5; }
  if vgs --noheadings --separator ' ' -o vg_name,vg_uuid 2>/dev/null | awk -v name="${1%/*}" -v uuid="$gnt_group" '$1 == name || $2 == uuid { found = 1 } END { exit !found }'; then
    gnt_say "this node has a volume group ${1%/*} itself, or one of the same UUID"
    return 4
  fi
  if dmsetup info --columns --noheadings -o uuid | grep -q "^LVM-$gnt_plain"; then
    gnt_say "volumes of ${1%/*} are active on this node already"
    return 4
  fi
  gnt_step group "$gnt_plain"
  gnt_hide "LVM-$gnt_plain"
  [ "$gnt_access" != read ] || gnt_activation="read_only_volume_list=[\"${1%/*}\"]"
  gnt_inside lvchange --yes --quiet --activate y --ignoreactivationskip "$1" >&2 || return 1
  gnt_target=$(gnt_inside lvs --noheadings -o lv_dm_path "$1" | tr -d ' ')
  [ -b "$gnt_target" ] || { gnt_say "$1 was activated, and $gnt_target is not there"; return 1; }
}

# The options of a mount by type: what must not be written is not, what the disk says of errors counts only on its own machine.
gnt_options() {
  case $1:$2 in
    ext[234]:read) echo noload,errors=continue ;;
    ext[234]:write | ext[234]:force) echo errors=remount-ro ;;
    ext[234]:*) echo errors=continue ;;
    xfs:read) echo norecovery,nouuid ;;
    xfs:*) echo nouuid ;;
    btrfs:read) echo rescue=nologreplay ;;
    f2fs:read) echo norecovery ;;
    reiserfs:read) echo nolog ;;
  esac
}

# Exit status 6: nothing that can be mounted; 7: its journal is not empty; 8: the place is not free; else as gnt_activate.
gnt_make() {
  gnt_enter "$1"
  gnt_access=$2 gnt_point=$3 gnt_volume=$4 gnt_mode=ro gnt_readonly=--readonly
  shift 4
  gnt_device=$(cat "$gnt_dir/device")
  if [ -n "$gnt_volume" ]; then gnt_set volume "$gnt_volume"; else gnt_set partition "${1%%:*}"; fi
  case $gnt_access in write | force) gnt_mode=rw ;; esac
  [ "$gnt_access" = read ] || gnt_readonly=''
  gnt_rule=/run/udev/rules.d/12-ganeti-mount-$gnt_id.rules
  gnt_step rule "$gnt_rule"
  gnt_hide "LVM-gntmount$gnt_id"
  for gnt_part in "$@"; do
    gnt_number=${gnt_part%%:*} gnt_rest=${gnt_part#*:}
    gnt_step map "gntmount-${gnt_id}p$gnt_number"
    # shellcheck disable=SC2086
    dmsetup create $gnt_readonly --uuid "LVM-gntmount${gnt_id}p$gnt_number" --table "0 ${gnt_rest#*:} linear $gnt_device ${gnt_rest%%:*}" "gntmount-${gnt_id}p$gnt_number" >&2 || return 1
    gnt_target=/dev/mapper/gntmount-${gnt_id}p$gnt_number
  done
  [ -z "$gnt_volume" ] || gnt_activate "$gnt_volume" || return
  gnt_found=$(gnt_probe "$gnt_target")
  gnt_type=$(printf '%s\n' "$gnt_found" | sed -n 's/^TYPE=//p')
  gnt_uuid=$(printf '%s\n' "$gnt_found" | sed -n 's/^UUID=//p')
  case $gnt_type in
    ext[234] | xfs | vfat | exfat | ntfs | iso9660 | squashfs | f2fs | reiserfs | jfs | ufs) ;;
    btrfs)
      # The kernel takes the device of the first that has the UUID.
      [ ! -e "/sys/fs/btrfs/$gnt_uuid" ] || { gnt_say "a btrfs of the same UUID is in use on this node"; return 4; }
      ;;
    '') gnt_say 'there is no file system on it'; return 6 ;;
    *) gnt_say "it is $gnt_type, which can't be mounted"; return 6 ;;
  esac
  gnt_set source "$gnt_target" && gnt_set type "$gnt_type" && gnt_set label "$(printf '%s\n' "$gnt_found" | sed -n 's/^LABEL=//p')" || return
  if [ -z "$gnt_point" ]; then
    gnt_point=$gnt_dir/root
  fi
  if [ -e "$gnt_point" ]; then
    { [ -d "$gnt_point" ] && ! mountpoint -q "$gnt_point" && [ -z "$(ls -A "$gnt_point")" ]; } || { gnt_say "$gnt_point is not an empty folder"; return 8; }
  else
    gnt_step folder "$gnt_point"
    mkdir "$gnt_point" || return 8
  fi
  gnt_set point "$gnt_point" && gnt_set access "$gnt_access" || return
  gnt_step mount "$gnt_point"
  if [ "$gnt_access" = write ]; then
    # A device that may not be written is refused when something has to be replayed first.
    blockdev --setro "$gnt_target" || return 1
    mount -t "$gnt_type" -o "ro,nosuid,nodev,noexec$(gnt_options "$gnt_type" recover | sed 's/^./,&/')" "$gnt_target" "$gnt_point" 9>&- || return 7
    umount "$gnt_point" && blockdev --setrw "$gnt_target" || return 1
  fi
  gnt_all=$gnt_mode,nosuid,nodev$([ $gnt_mode = rw ] || echo ,noexec)$(gnt_options "$gnt_type" "$gnt_access" | sed 's/^./,&/')
  gnt_set options "$gnt_all"
  mount -t "$gnt_type" -o "$gnt_all" "$gnt_target" "$gnt_point" 9>&-
}

# gnt_list: a GS character and ID before each; then NAME, tab, value.
gnt_list() {
  printf 'clock\t%s\n' "$(date +%s)"
  gnt_tagged=$(lvs --noheadings --separator '	' -o vg_name,lv_name,data_percent,lv_tags 2>/dev/null | sed -n 's/^ *//; s/ganeti\.mount=\([0-9a-f]*\).*/\1/p' | awk -F '\t' '$4 != "" { sub(/.*,/, "", $4); print }' OFS='\t')
  for gnt_folder in "$gnt_mounts"/*/; do
    gnt_folder=${gnt_folder%/}
    gnt_name=${gnt_folder##*/}
    [ -d "$gnt_folder" ] || continue
    printf '\035%s\n' "$gnt_name"
    for gnt_what in about since state device partition volume source type label point access options; do
      [ ! -e "$gnt_folder/$gnt_what" ] || printf '%s\t%s\n' "$gnt_what" "$(head -n 1 "$gnt_folder/$gnt_what")"
    done
    printf 'left\t%s\n' $(($(gnt_get "$gnt_name" ends | grep . || echo 0) - $(gnt_uptime)))
    [ ! -e "$gnt_folder/point" ] || ! mountpoint -q "$(cat "$gnt_folder/point")" || echo 'mounted	yes'
    printf '%s\n' "$gnt_tagged" | awk -F '\t' -v id="$gnt_name" '$4 == id { print "snapshot\t" $1 "/" $2; print "used\t" $3 }'
    [ ! -e "$gnt_state/undo/$gnt_name/deadline" ] || printf 'watchdog\t%s\n' $(($(cat "$gnt_state/undo/$gnt_name/deadline") - $(gnt_uptime)))
    [ ! -e "$gnt_state/undo/$gnt_name/said" ] || printf 'said\t%s\n' "$(tr '\n\t' '; ' <"$gnt_state/undo/$gnt_name/said")"
  done
  printf '%s\n' "$gnt_tagged" | while IFS='	' read -r gnt_group gnt_volume gnt_used gnt_name; do
    [ -z "$gnt_name" ] || [ -d "$gnt_mounts/$gnt_name" ] || printf '\035%s\nsnapshot\t%s/%s\nused\t%s\n' "$gnt_name" "$gnt_group" "$gnt_volume" "$gnt_used"
  done
}

gnt_action=$1
shift
case $gnt_action in
  open) gnt_open "$@" ;;
  make) gnt_make "$@" ;;
  keep)
    gnt_enter "$1"
    mountpoint -q "$(cat "$gnt_dir/point")" || { gnt_say 'it is not mounted'; exit 1; }
    gnt_set state Mounted
    gnt_disarm "$1"
    gnt_list
    ;;
  undo)
    sh -c "$gnt_mount_undo" sh "$1" || exit
    gnt_disarm "$1"
    ;;
  list) gnt_list ;;
  *) exit 64 ;;
esac
