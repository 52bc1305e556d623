# shellcheck shell=sh
# The node's journal.
#   add JSON
#   read     prints the clock, then its lines, oldest first
case $1 in
  add) gnt_journal "$2" ;;
  read)
    date +%s.%N
    cat "$gnt_history.1" "$gnt_history" 2>/dev/null
    :
    ;;
esac
