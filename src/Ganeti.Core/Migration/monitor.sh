# shellcheck shell=sh
# Gives a guest's QEMU a command by its monitor.
#   GUEST COMMAND
echo "$2" | timeout 20 socat -t 2 - "UNIX-CONNECT:/run/ganeti/kvm-hypervisor/ctrl/$1.monitor" >/dev/null
