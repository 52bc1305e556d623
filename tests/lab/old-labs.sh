# shellcheck shell=bash disable=SC2154
# So that labs which the first version of these scripts (before part_pid looked for a mark) brought up can still be used and taken down.
# Delete this file and its line in lab.sh once there are none.

part_pid() {
  pid=
  [[ -r $state/$1.pid ]] && pid=$(<"$state/$1.pid") && [[ -n $pid ]] || return 1
  grep -qszxF "$(mark "$1")" "/proc/$pid/environ" && return 0
  grep -qszxF -e "ganeti-lab-hub $name" -e "node-init.sh $state " "/proc/$pid/cmdline"
}

parts_alive() {
  local file pid
  { grep -lz "^GANETI_LAB_PART=$name/" /proc/[0-9]*/environ 2>/dev/null || true; } | cut -d/ -f3
  for file in "$state"/{hub,h*}.pid; do
    file=${file##*/}
    [[ $file == *.parent.pid ]] || ! part_pid "${file%.pid}" || echo "$pid"
  done
}

# Their nodes' files were mounted in the nodes; here they are in the hub.
if [[ $command == start-node && -e $state/${1%%.*}.boot ]]; then
  # shellcheck disable=SC2016
  in_hub bash -c '
    mountpoint -q "$1/root" && exit
    mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
    for folder in root var/lib/ganeti var/log/ganeti etc/ssh; do mount --bind "$1/own/$folder" "$1/root/$folder"; done
    ' disk "$state/fs/${1%%.*}"
fi

[[ ! -d $state/home || -e $state/passwd ]] || client_passwd
