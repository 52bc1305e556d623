# shellcheck shell=bash disable=SC2154
# Debian packages that a lab needs; nothing of them is started on the machine itself.

lab_packages=(ganeti openssh-server openssh-client socat iproute2 iptables qemu-system-x86 qemu-utils python3 procps sudo)
policy=/usr/sbin/policy-rc.d

install_packages() {
  local -a missing
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]} > 0)) || ! policy_is_ours || missing=("${lab_packages[0]}")
  ((${#missing[@]} > 0)) || return 0
  say "installing ${missing[*]}"
  (
    exec 8<"$here"
    flock 8
    forbid_services
    trap allow_services EXIT
    apt_log=$(mktemp)
    apt_install "${missing[@]}" || { apt-get update -qq >&2 && apt_install "${missing[@]}"; } || { cat "$apt_log" >&2; exit 1; }
    rm -f "$apt_log"
  ) 9>&- || die "apt-get could not install: ${missing[*]}"
}

missing_packages() {
  # dpkg-query fails when it has never heard of one of them.
  { dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${lab_packages[@]}" 2>/dev/null || true; } \
    | sed -n 's/^installed //p' | sort | comm -13 - <(printf '%s\n' "${lab_packages[@]}" | sort)
}

# What apt has to say is of interest only when it fails at last.
apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
    "$@" </dev/null >"$apt_log" 2>&1
}

policy_is_ours() { grep -qs ganeti-lab "$policy"; }

# Packages ask this program whether they may start a service: "no". One that is there is kept aside; the mark tells ours, which an
# earlier run may have left when it was killed.
forbid_services() {
  if [[ -e $policy ]] && ! policy_is_ours; then mv "$policy" "$policy.kept"; fi
  printf '#!/bin/sh\n# for the time of an installation by ganeti-lab\nexit 101\n' >"$policy"
  chmod 755 "$policy"
}

allow_services() {
  rm -f "$policy"
  [[ ! -e $policy.kept ]] || mv "$policy.kept" "$policy"
}
