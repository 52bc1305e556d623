# shellcheck shell=bash disable=SC2154
# What takes minutes to make is kept outside the repository: folders KIND-KEY, the key being a digest of all that made it.

cache=${GANETI_LAB_CACHE:-/var/cache/ganeti-lab}

# digest WORD…: of the words and of standard input
digest() { { printf '%s\0' "$@"; cat; } | sha256sum | cut -c 1-16; }

# cached KIND KEY COMMAND…: sets $entry to the folder, which COMMAND FOLDER makes where there is none; built aside and renamed, so that what has
# its name is whole. A lock is held from here on by this process and by all that it starts: what is in use is not pruned.
cached() {
  local kind=$1 key=$2 lock
  shift 2
  entry=$cache/$kind-$key
  mkdir -p -m 711 "$cache"
  exec {lock}>"$entry.lock"
  flock -s "$lock"
  touch "$entry.lock"
  [[ ! -d $entry ]] || return 0
  # Not an upgrade: between the two somebody else may have built it.
  flock -x "$lock"
  if [[ ! -d $entry ]]; then
    rm -rf --one-file-system "$entry.new"
    mkdir "$entry.new"
    "$@" "$entry.new"
    mv "$entry.new" "$entry"
  fi
  flock -s "$lock"
}

is_cached() { [[ -d $cache/$1-$2 ]]; }

# Removes what nobody has used for two weeks, all but the two newest of a kind, and what a builder that died has left.
prune_cache() {
  local kind file lock number
  for kind in image cluster; do
    number=0
    while read -r file; do
      number=$((number + 1))
      [[ $number -gt 2 || -n $(find "$file" -mtime +14) || -d ${file%.lock}.new ]] || continue
      exec {lock}>>"$file"
      if flock -n -x "$lock"; then
        rm -rf --one-file-system "${file%.lock}.new"
        [[ $number -le 2 && -z $(find "$file" -mtime +14) ]] || rm -rf --one-file-system "${file%.lock}" "$file"
      fi
      exec {lock}>&-
    done < <(ls -t "$cache/$kind-"*.lock 2>/dev/null)
  done
}
