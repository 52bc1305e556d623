# shellcheck shell=sh
# What earlier work has left on this node that no other report tells of.
#   list                        changes nothing; a line each, with tabs between:
#                                 clock SECONDS
#                                 mapping NAME UUID MAJOR:MINOR OPEN SIZE SINCE DEVICES MISSING SESSION
#                                   (bytes; seconds since 1970; the devices below, and those of them that are gone; "session" where a mount has it)
#                                 undo ID LEFT ABOUT SAID     safeguards whose deadline has passed
#                                 lease NAME LEFT ABOUT       leases that are over
#                                 scratch FOLDER SINCE SIZE   scratch space of imports and of trials of exports that nobody uses
#   unmap NAME UUID             removes a mapping, if it is that one and nobody has it open
#   undo ID                     undoes what a safeguard could not
#   release NAME                removes a lease that is over
#   sweep FOLDER                removes scratch space that nobody uses

# One program for all of them: a node may have hundreds.
# shellcheck disable=SC2016,SC2154
gnt_mappings() {
  command -v dmsetup >/dev/null || return 0
  # Only the notes: a guest's files are below, too.
  awk -v notes="cat '$gnt_state'/mounts/*/steps 2>/dev/null" '
    # A volume within a guest: the step has its group.
    function inside(uuid, group) { for (group in ours) if (length(group) == 32 && index(uuid, "LVM-" group) == 1) return 1; return 0 }
    function first(file, line) { line = ""; getline line < file; close(file); return line }
    BEGIN {
      while ((notes | getline line) > 0) { split(line, of, "\t"); ours[of[2]] = 1 }
      while (("dmsetup deps -o devno 2>/dev/null" | getline line) > 0) {
        name = line; sub(/: [0-9]+ dependencies.*$/, "", name)
        sub(/^.*dependencies[ \t]*:/, "", line); gsub(/, */, ":", line); gsub(/[()]/, "", line)
        below[name] = line
      }
      "date +%s" | getline now
      now -= int(first("/proc/uptime"))
      # udev renews the time of the file in /dev at each event; what it keeps of its first is in microseconds since the machine came up (systemd, sd-device: "I:").
      while (("stat -c \"%n %Y\" /dev/dm-* 2>/dev/null" | getline line) > 0) { split(line, word, " "); since[word[1]] = word[2] }
      while (("grep -H ^I: /run/udev/data/b[0-9]* /dev/null 2>/dev/null" | getline line) > 0) { split(line, word, ":"); seen[substr(word[1], 17) ":" word[2]] = word[4] }
      while (("dmsetup info -c --noheadings --separator \"\t\" -o name,uuid,major,minor,open 2>/dev/null" | getline line) > 0) {
        if (split(line, of, "\t") != 5) continue
        gone = ""
        count = split(below[of[1]], device, " ")
        for (n = 1; n <= count; n++) if (first("/sys/dev/block/" device[n] "/dev") == "") gone = gone device[n] " "
        at = of[3] ":" of[4]
        printf "mapping\t%s\t%s\t%s:%s\t%s\t%.0f\t%s\t%s\t%s\t%s\n", of[1], of[2], of[3], of[4], of[5], first("/sys/dev/block/" at "/size") * 512, at in seen ? now + int(seen[at] / 1000000) : since["/dev/dm-" of[4]], below[of[1]], gone, of[1] in ours || inside(of[2]) ? "session" : ""
      }
    }'
}

gnt_lease_left() { echo $(($(sed -n 1p "$gnt_state/lease/$1" 2>/dev/null | grep . || echo 0) - $(gnt_uptime))); }

# gnt_unused FOLDER: whether it is scratch space of this node that neither a safeguard nor a QEMU has.
gnt_unused() {
  case $1 in *[!A-Za-z0-9._/-]* | *..*) return 1 ;; /var/tmp/ganeti-import.* | /var/tmp/ganeti-export-test.*) ;; *) return 1 ;; esac
  # Anybody may make such a folder.
  [ -d "$1" ] && [ ! -L "$1" ] && [ "$(stat -c %u "$1")" = "$(id -u)" ] && [ ! -d "$gnt_state/undo/${1##*.}" ] && [ "$(cat "$1/node" 2>/dev/null || uname -n)" = "$(uname -n)" ] && ! pgrep -f "$1/" >/dev/null
}

case $1 in
  list)
    printf 'clock\t%s\n' "$(date +%s)"
    gnt_mappings
    for gnt_dir in "$gnt_state"/undo/*; do
      [ -e "$gnt_dir/undo" ] || continue
      gnt_left=$(($(cat "$gnt_dir/deadline") - $(gnt_uptime)))
      [ "$gnt_left" -gt 0 ] || printf 'undo\t%s\t%s\t%s\t%s\n' "${gnt_dir##*/}" "$gnt_left" "$(head -n 1 "$gnt_dir/about")" "$(head -n 1 "$gnt_dir/said" 2>/dev/null)"
    done
    for gnt_file in "$gnt_state"/lease/*; do
      [ -e "$gnt_file" ] || continue
      gnt_left=$(gnt_lease_left "${gnt_file##*/}")
      [ "$gnt_left" -gt 0 ] || printf 'lease\t%s\t%s\t%s\n' "${gnt_file##*/}" "$gnt_left" "$(sed -n 3p "$gnt_file")"
    done
    for gnt_dir in /var/tmp/ganeti-import.* /var/tmp/ganeti-export-test.*; do
      ! gnt_unused "$gnt_dir" || printf 'scratch\t%s\t%s\t%s\n' "$gnt_dir" "$(stat -c %Y "$gnt_dir")" "$(du -sB1 "$gnt_dir" 2>/dev/null | cut -f 1)"
    done
    :
    ;;
  unmap)
    gnt_now=$(dmsetup info -c --noheadings --separator ' ' -o open,uuid "$2") || exit
    [ "${gnt_now%% *}" = 0 ] || { echo "it is open" >&2; exit 1; }
    [ "${gnt_now#* }" = "$3" ] || { echo "it is another mapping by now" >&2; exit 1; }
    # It refuses what is open itself.
    dmsetup remove --retry "$2"
    ;;
  undo) gnt_undo "$2" || { cat "$gnt_state/undo/$2/said" >&2; exit 1; } ;;
  sweep) ! gnt_unused "$2" || rm -rf "$2" ;;
  release)
    exec 8>"$gnt_state/lease.lock"
    flock 8
    [ ! -e "$gnt_state/lease/$2" ] || [ "$(gnt_lease_left "$2")" -gt 0 ] || rm -f "$gnt_state/lease/$2"
    ;;
esac
