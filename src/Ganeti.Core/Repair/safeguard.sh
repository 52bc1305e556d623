# shellcheck shell=sh
# What every change on a node outside Ganeti's own jobs stands on: the node's journal, and undos that the node carries out by itself at a
# deadline, whatever becomes of the client. POSIX sh, run as root; functions only, the script that uses them follows. gnt_source is this text.
# /run is empty after a reboot, and so is what the undos would undo: rules, connections, mappings.

gnt_state=/run/ganeti-powershell
gnt_history=/var/lib/ganeti-powershell/history

gnt_uptime() { cut -d. -f1 /proc/uptime; }

# gnt_journal JSON: adds a line, with the time by the node's own clock.
gnt_journal() {
  (
    umask 077
    mkdir -p "${gnt_history%/*}"
    exec 9>"$gnt_history.lock"
    flock 9
    [ "$(stat -c %s "$gnt_history" 2>/dev/null || echo 0)" -lt 4194304 ] || mv "$gnt_history" "$gnt_history.1"
    printf '%s\t%s\n' "$(date +%s.%N)" "$1" >>"$gnt_history"
  )
}

# gnt_arm ID SECONDS ABOUT UNDO ARGUMENT…: has the script UNDO run with the arguments (one line each) once so many seconds have passed. The
# change may be made only if this succeeded.
gnt_arm() {
  # Somebody else's undo is not to be lost.
  [ ! -e "$gnt_state/undo/$1" ] || { echo "the undo $1 is armed already" >&2; return 1; }
  gnt_prepare "$@" && gnt_watch "$1" "$2" && return
  rm -rf "$gnt_state/undo/${1:?}"
  return 1
}

gnt_prepare() (
  umask 077
  gnt_dir=$gnt_state/undo/$1
  mkdir -p "$gnt_state/undo" && mkdir "$gnt_dir" || exit
  echo $(($(gnt_uptime) + $2)) >"$gnt_dir/deadline" && printf '%s\n' "$3" >"$gnt_dir/about" || exit
  # It reads its arguments itself: a secret among them is not to be seen in a list of processes.
  # shellcheck disable=SC2016
  printf '%s\n' 'while IFS= read -r gnt_argument; do set -- "$@" "$gnt_argument"; done <"${0%/*}/arguments"' "$4" >"$gnt_dir/undo" || exit
  # shellcheck disable=SC2016
  printf '%s\n' "$gnt_source" 'gnt_expire "$1"' >"$gnt_dir/expire" || exit
  shift 4
  printf '%s\n' "$@" >"$gnt_dir/arguments"
)

# gnt_watch ID SECONDS
gnt_watch() {
  if [ -d /run/systemd/system ]; then
    systemd-run --quiet --collect --unit="gnt-undo-$1" --on-active="${2}s" --timer-property=AccuracySec=100ms /bin/sh "$gnt_state/undo/$1/expire" "$1"
  else
    # Without the mark by which the connection ends programs that were broken off.
    # shellcheck disable=SC2016
    env -u GNT_RUN setsid sh -c 'sleep "$1"; exec sh "$2" "$3"' sh "$2" "$gnt_state/undo/$1/expire" "$1" </dev/null >/dev/null 2>&1 &
    echo $! >"$gnt_state/undo/$1/watchdog"
  fi
}

# gnt_guarded ID COMMAND…: makes the change while the watchdog waits, and not at all when the undo has been carried out already. The command itself holds the
# lock, so that it does though this shell be killed.
gnt_guarded() {
  gnt_guard=$gnt_state/undo/$1
  shift
  # shellcheck disable=SC2016
  flock "$gnt_guard/lock" sh -c '[ -e "$0/undo" ] || { echo "the deadline has passed" >&2; exit 75; }; exec "$@"' "$gnt_guard" "$@"
}

# gnt_renew ID SECONDS: puts the deadline off; 75 when it has passed.
gnt_renew() {
  [ -e "$gnt_state/undo/$1/undo" ] || { echo "the deadline has passed" >&2; return 75; }
  echo $(($(gnt_uptime) + $2)) >"$gnt_state/undo/$1/deadline.new" && mv "$gnt_state/undo/$1/deadline.new" "$gnt_state/undo/$1/deadline"
}

# gnt_undo ID: undoes it now; nothing when it has been.
gnt_undo() {
  gnt_dir=$gnt_state/undo/$1
  [ -d "$gnt_dir" ] || return 0
  # That it goes away meanwhile is what is wanted.
  (
    exec 9>"$gnt_dir/lock" || exit
    flock 9
    [ -e "$gnt_dir/undo" ] || exit 0
    # The watchdogs that the undo may start are not to hold the lock.
    sh "$gnt_dir/undo" >"$gnt_dir/said" 2>&1 9>&- || exit 1
    rm -f "$gnt_dir/undo" "$gnt_dir/arguments"
  ) 2>/dev/null || [ ! -d "$gnt_dir" ] || return 1
  gnt_disarm "$1"
}

# gnt_disarm ID: there is nothing left to undo.
gnt_disarm() {
  if [ -d /run/systemd/system ]; then
    systemctl --quiet stop "gnt-undo-$1.timer" 2>/dev/null
  elif gnt_pid=$(cat "$gnt_state/undo/$1/watchdog" 2>/dev/null) && grep -qF "$1" "/proc/$gnt_pid/cmdline" 2>/dev/null; then
    kill -- "-$gnt_pid" 2>/dev/null
  fi
  rm -rf "${gnt_state:?}/undo/$1"
}

# gnt_expire ID: what the watchdog does at the deadline. What can't be undone is tried for ten minutes, and then left to be seen.
gnt_expire() {
  # It may have been put off.
  while gnt_left=$(($(cat "$gnt_state/undo/$1/deadline" 2>/dev/null || echo 0) - $(gnt_uptime))) && [ "$gnt_left" -gt 0 ]; do sleep "$gnt_left"; done
  [ -d "$gnt_state/undo/$1" ] || return 0
  # The end of the undo is not to end this process.
  rm -f "$gnt_state/undo/$1/watchdog"
  gnt_tries=0
  until gnt_undo "$1"; do
    gnt_tries=$((gnt_tries + 1))
    if [ "$gnt_tries" -ge 120 ]; then
      gnt_journal "{\"Id\":\"$1\",\"Event\":\"UndoFailed\",\"Message\":\"the watchdog could not undo it, see $gnt_state/undo/$1/said\"}"
      return 1
    fi
    sleep 5
  done
  gnt_journal "{\"Id\":\"$1\",\"Event\":\"Undone\",\"Message\":\"by the node's watchdog, at the deadline\"}"
}
