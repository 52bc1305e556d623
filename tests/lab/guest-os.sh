# shellcheck shell=bash disable=SC2154
# Operating systems for a node's files in $root: "noop", whose scripts do nothing but to copy the disk at exports and imports (compressed in the
# variant "packed"), "tiny" and "busy", whose guests boot guest.s.

guest_systems() {
  guest_os noop
  guest_os tiny "$(boot_sector 0)"
  guest_os busy "$(boot_sector 40)"
}

guest_os() {
  local os=$root/usr/share/ganeti/os/$1 script
  mkdir -p "$os"
  for script in create import export rename verify; do printf '#!/bin/sh\nexit 0\n' >"$os/$script"; done
  echo 20 >"$os/ganeti_api_version"
  printf '%s\n' default packed >"$os/variants.list"
  printf '#!/bin/sh\n[ "$OS_VARIANT" = packed ] && exec gzip -1c "$EXPORT_DEVICE"\nexec cat "$EXPORT_DEVICE"\n' >"$os/export"
  printf '#!/bin/sh\n[ "$OS_VARIANT" = packed ] && { gzip -dc >"$IMPORT_DEVICE"; exit; }\nexec cat >"$IMPORT_DEVICE"\n' >"$os/import"
  printf '%s\n' 'dist the release' 'token a secret' >"$os/parameters.list"
  [[ -z ${2:-} ]] || printf '#!/bin/sh\n%s\n' "$2" >"$os/create"
  chmod 755 "$os"/{create,import,export,rename,verify}
}

# boot_sector MEBIBYTES: a shell command that writes guest.s, filling that much memory, on the guest's first disk
boot_sector() {
  local count code octal
  local -a bytes
  count=$(printf '%08x' $(($1 << 18)))
  code=fa31c08ed88ed0bc007ce4920c02e6920f0116747c0f20c00c010f22c0eb00bb08008ec324fe0f22c066bf0000100066b9
  code+=${count:6:2}${count:4:2}${count:2:2}${count:0:2}
  code+=66b87856341267e31326676689076683c7046605b979379e6649ebeaba0206b80001efe4a10c02e6a1fbf4ba0006edf6c40174f5
  code+=ba0406b80020efebec66900f007a7c00000000000000000000ffff00000092cf00
  mapfile -t bytes < <(fold -w 2 <<<"$code")
  octal=$(printf '\\%03o' "${bytes[@]/#/0x}")
  cat <<EOF
{ printf '$octal'; head -c $((510 - ${#bytes[@]})) /dev/zero; printf '\125\252'; } | dd of="\$DISK_0_PATH" conv=notrunc status=none
EOF
}
