# shellcheck shell=bash
# Debian packages that a lab needs; nothing of them is started on the machine itself.

lab_packages=(ganeti openssh-server openssh-client socat iproute2 iptables qemu-system-x86 qemu-utils python3 util-linux procps)

install_packages() {
  local missing
  # dpkg-query fails when it has never heard of one of them.
  missing=$({ dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${lab_packages[@]}" 2>/dev/null || true; } \
    | awk '$1 == "installed" { print $2 }' | sort | comm -13 - <(printf '%s\n' "${lab_packages[@]}" | sort))
  [[ -n $missing ]] || return 0
  exec 8>/run/ganeti-lab.install.lock
  flock 8
  say "installing $(tr '\n' ' ' <<<"$missing")"
  local policy=/usr/sbin/policy-rc.d kept=
  [[ ! -e $policy ]] || { kept=$policy.kept-by-ganeti-lab; mv "$policy" "$kept"; }
  # invoke-rc.d asks this before it starts a service: "not allowed".
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  # shellcheck disable=SC2064
  trap "rm -f '$policy'; [[ -z '$kept' ]] || mv '$kept' '$policy'" EXIT
  local -a wanted
  mapfile -t wanted <<<"$missing"
  if ! apt_install "${wanted[@]}"; then
    apt-get update -qq >&2
    apt_install "${wanted[@]}" || die "apt-get could not install: ${wanted[*]}"
  fi
  rm -f "$policy"
  [[ -z $kept ]] || mv "$kept" "$policy"
  trap - EXIT
  flock -u 8
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/dev/null
}
