# shellcheck shell=sh
# Removes the mappings of a volume group whose devices are gone: LVM no longer knows it, and yet they keep its name.
#   GROUP     as device-mapper writes it, with hyphens doubled
dmsetup info -c --noheadings --separator ' ' -o open,uuid,name | while read -r gnt_open gnt_uuid gnt_name; do
  case $gnt_open:$gnt_uuid in 0:LVM-*) ;; *) continue ;; esac
  case $gnt_name in "$1"-[!-]*) ;; *) continue ;; esac
  for gnt_device in $(dmsetup deps -o devno "$gnt_name" | sed 's/^[^:]*://; s/, */:/g; s/[()]//g'); do
    [ ! -e "/sys/dev/block/$gnt_device" ] || continue 2
  done
  dmsetup remove --retry "$gnt_name" || exit
done
