# shellcheck shell=sh
# Leases on the master: who repairs what. A lease ends by itself, so that a client that died holds nothing for long.
#   take NAME ID SECONDS ABOUT   take or renew it; prints the clock, or with exit status 9 who has it
#   release NAME ID
#   list                         prints those that hold: seconds left, tab, about

gnt_lease_of() { sed -n "${2}p" "$gnt_state/lease/$1" 2>/dev/null; }

gnt_lease_left() { echo $(($(gnt_lease_of "$1" 1 | grep . || echo 0) - $(gnt_uptime))); }

umask 077
mkdir -p "$gnt_state/lease"
exec 8>"$gnt_state/lease.lock"
flock 8
case $1 in
  take)
    if [ "$(gnt_lease_of "$2" 2)" != "$3" ] && [ "$(gnt_lease_left "$2")" -gt 0 ]; then
      printf '%s\t%s\n' "$(gnt_lease_left "$2")" "$(gnt_lease_of "$2" 3)"
      exit 9
    fi
    printf '%s\n' "$(($(gnt_uptime) + $4))" "$3" "$5" >"$gnt_state/lease/$2.new" && mv "$gnt_state/lease/$2.new" "$gnt_state/lease/$2" && date +%s
    ;;
  release)
    [ "$(gnt_lease_of "$2" 2)" != "$3" ] || rm -f "$gnt_state/lease/$2"
    ;;
  list)
    for gnt_file in "$gnt_state"/lease/*; do
      [ -e "$gnt_file" ] || continue
      gnt_name=${gnt_file##*/}
      gnt_left=$(gnt_lease_left "$gnt_name")
      if [ "$gnt_left" -gt 0 ]; then printf '%s\t%s\n' "$gnt_left" "$(gnt_lease_of "$gnt_name" 3)"; else rm -f "$gnt_file"; fi
    done
    ;;
esac
