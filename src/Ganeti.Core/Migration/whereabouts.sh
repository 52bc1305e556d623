# shellcheck shell=sh
# Whether a guest is on this node, as its hypervisor's own files and monitor say. Prints "presence: …" and, of KVM, what the monitor says.
#   GUEST HYPERVISOR
guest=$1
run=/run/ganeti

ask() {
  # The monitor echoes what it reads, with the terminal's control sequences; a QEMU that is stuck in a request does not answer.
  echo "$1" | timeout 10 socat -t 2 - "UNIX-CONNECT:$run/kvm-hypervisor/ctrl/$guest.monitor" 2>/dev/null | tr -d '\r' | grep -v '^(qemu)\|^QEMU '
}

case $2 in
  kvm)
    pid=$(cat "$run/kvm-hypervisor/pid/$guest" 2>/dev/null)
    if [ -n "$pid" ] && tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF -e "$guest" -e "guest=$guest" -e "$guest,process=$guest"; then
      echo 'presence: present'
      echo "pid: $pid"
      ask 'info status'
      ask 'info migrate'
    else
      echo 'presence: absent'
    fi
    ;;
  fake)
    if [ -e "$run/fake-hypervisor/$guest" ]; then echo 'presence: present'; echo 'VM status: running'; else echo 'presence: absent'; fi
    ;;
  xen-pvm | xen-hvm)
    # The names that it has on either side while it moves (Ganeti's instance_migration.py).
    if list=$(xl list 2>/dev/null); then
      if echo "$list" | awk '{ print $1 }' | grep -qxF -e "$guest" -e "migrating-$guest" -e "$guest--incoming" -e "$guest--migratedaway"; then echo 'presence: present'; else echo 'presence: absent'; fi
    else
      echo 'presence: unknown'
    fi
    ;;
  *) echo 'presence: unknown' ;;
esac
