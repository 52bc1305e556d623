# shellcheck shell=sh
# An online verify of a minor.
#   arm $2 id  $3 minor  $4 own address  $5 peer's address      has the node take the algorithm away by itself once no verify runs
#   begin $2 minor $3 own address $4 peer's address $5 algorithm to set, or empty $6 first sector $7 sector to stop at, or empty
#                                                               prints the clock of the kernel's log
#   end $2 id $3 minor $4 own address $5 peer's address      takes it away now
#   log $2 minor $3 clock                                       what the kernel's log says of verifies since then
# An algorithm that is set on one side goes to the other while they are connected, but one that is taken away does not. With it on one side only,
# which is what the other one's next activation by Ganeti makes of it, the two do not connect any more ("Different verify-alg settings").
case $1 in
  arm)
    # shellcheck disable=SC2016
    gnt_arm "$2" 60 "verify of drbd$3" '
      while grep -Eq "^ *$1: cs:Verify" /proc/drbd; do sleep 2; done
      # It may be gone, or connected anew.
      drbdsetup show "$1" 2>/dev/null | grep -q verify-alg || exit 0
      drbdsetup net-options "$2" "$3" --verify-alg=
    ' "$3" "$4" "$5"
    ;;
  begin)
    cut -d ' ' -f 1 /proc/uptime
    [ -z "$5" ] || drbdsetup net-options "$3" "$4" --verify-alg="$5" || exit
    if [ -n "$7" ]; then drbdsetup verify "$2" --start="${6}s" --stop="${7}s"; else drbdsetup verify "$2" --start="${6}s"; fi
    ;;
  end)
    # Where the beginning took longer than the watchdog waited, it had nothing to do yet.
    gnt_undo "$2"
    if drbdsetup show "$3" 2>/dev/null | grep -q verify-alg; then drbdsetup net-options "$4" "$5" --verify-alg=; fi
    ;;
  log)
    dmesg | awk -v since="$3" -v minor="drbd$2:" '
      /Out of sync: start=|Online verify *done/ && index($0, minor) {
        at = $0
        sub(/^\[ */, "", at)
        if (at + 0 >= since + 0) print
      }'
    ;;
esac
