# shellcheck shell=sh
# Restarts Ganeti's daemons on this node, as the page did it: by the distribution's own service.
if systemctl cat ganeti.target >/dev/null 2>&1; then
  systemctl restart ganeti.target
else
  service ganeti restart
fi
