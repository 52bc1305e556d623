# shellcheck shell=sh
# One connection of DRBD on this node, between LOCAL and PEER on PORT.
#   probe                           what this node can do
#   cut METHOD ID SECONDS ABOUT HOLD MINOR RESOURCE LOCAL PEER PORT
#                                   METHOD: Socket, Nftables, Iptables or Disconnect; undone by itself after SECONDS. HOLD 0: Disconnect connects at once
#   restore ID [METHOD]             undoes a cut now; METHOD for rules that have lost their undo
#   list                            cuts that are not undone yet: seconds left, tab, ABOUT, tab, what a failed undo said

# The undo of each method; run by sh with the arguments that are beside it.
# shellcheck disable=SC2016
gnt_nftables_undo='nft delete table inet "$1" 2>/dev/null || { tables=$(nft list tables) && ! printf "%s\n" "$tables" | grep -qxF "table inet $1"; }'

# shellcheck disable=SC2016
gnt_iptables_undo='
tables=$1 comment=gnt-reset-$2
while rules=$("$tables" -w 10 -S) || exit; rule=$(printf "%s\n" "$rules" | grep -F -e "--comment $comment " | head -n 1); [ -n "$rule" ]; do
  # As the program itself prints it; the words of our own rules have no quotes.
  # shellcheck disable=SC2086
  "$tables" -w 10 -D ${rule#-A } || exit
done'

# StandAlone has forgotten everything, so all of it stands in the arguments; one that is configured again is left alone, one that is on its way down is
# looked at again.
# shellcheck disable=SC2016
gnt_disconnect_undo='
minor=$1
shift
state=$(drbdsetup cstate "$minor" 2>/dev/null) || { ! grep -q "^ *$minor: cs:" /proc/drbd; exit; }
case $state in
  StandAlone) drbdsetup connect "$@" ;;
  Disconnecting | TearDown) exit 1 ;;
esac'

gnt_family() { case $1 in *:*) echo ipv6 ;; *) echo ipv4 ;; esac; }

gnt_bracketed() { case $1 in *:*) echo "[$1]" ;; *) echo "$1" ;; esac; }

# gnt_sockets [OPTION…]: the two sockets of the connection, one way or the other.
gnt_sockets() {
  ss --no-header --tcp --numeric "$@" state connected src "$(gnt_bracketed "$gnt_local")" dst "$(gnt_bracketed "$gnt_peer")" "( sport = :$gnt_port or dport = :$gnt_port )"
}

gnt_established() { gnt_sockets | awk '$1 ~ /^ESTAB/ { print $4, $5 }'; }

gnt_cut_socket() {
  gnt_before=$(gnt_established)
  gnt_sockets --kill >/dev/null || return
  [ -n "$gnt_before" ] || { echo 'there are no such sockets' >&2; return 3; }
  # A new connection has another port on one side.
  if gnt_established | grep -Fx "$gnt_before" >&2; then
    echo 'these sockets are still there' >&2
    return 1
  fi
}

gnt_cut_nftables() {
  case $gnt_peer in *:*) gnt_ip=ip6 ;; *) gnt_ip=ip ;; esac
  gnt_arm "$1" "$2" "$3" "$gnt_nftables_undo" "gnt_reset_$1" || return
  # The resets that the one chain sends are not to be swallowed by the other.
  gnt_guarded "$1" nft -f - <<END || { gnt_undo "$1"; return 1; }
table inet gnt_reset_$1 {
  chain input {
    type filter hook input priority -5
    $gnt_ip saddr $gnt_peer $gnt_ip daddr $gnt_local tcp sport $gnt_port reject with tcp reset
    $gnt_ip saddr $gnt_peer $gnt_ip daddr $gnt_local tcp dport $gnt_port reject with tcp reset
  }
  chain output {
    type filter hook output priority -5
    $gnt_ip saddr $gnt_local $gnt_ip daddr $gnt_peer tcp sport $gnt_port tcp flags & rst == 0 reject with tcp reset
    $gnt_ip saddr $gnt_local $gnt_ip daddr $gnt_peer tcp dport $gnt_port tcp flags & rst == 0 reject with tcp reset
  }
}
END
}

gnt_cut_iptables() {
  case $gnt_peer in *:*) gnt_tables=ip6tables ;; *) gnt_tables=iptables ;; esac
  gnt_arm "$1" "$2" "$3" "$gnt_iptables_undo" "$gnt_tables" "$1" || return
  for gnt_end in --sport --dport; do
    gnt_guarded "$1" "$gnt_tables" -w 10 -I INPUT -p tcp -s "$gnt_peer" -d "$gnt_local" $gnt_end "$gnt_port" -m comment --comment "gnt-reset-$1" -j REJECT --reject-with tcp-reset &&
      gnt_guarded "$1" "$gnt_tables" -w 10 -I OUTPUT -p tcp -s "$gnt_local" -d "$gnt_peer" $gnt_end "$gnt_port" ! --tcp-flags RST RST -m comment --comment "gnt-reset-$1" -j REJECT --reject-with tcp-reset ||
      { gnt_undo "$1"; return 1; }
  done
}

# The options of a resource's connection, as "drbdsetup connect" takes them: "	name	value;" in the section net, perhaps quoted and with a comment.
gnt_options() {
  drbdsetup show "$1" | awk '
    $1 == "net" { inside = 1; next }
    inside && $1 == "}" { exit }
    inside { name = $1; sub(/^[ \t]*[^ \t]+[ \t]+/, ""); sub(/;[^;"]*$/, ""); gsub(/^"|"$/, ""); print "--" name "=" $0 }'
}

# gnt_cut_disconnect ID SECONDS ABOUT HOLD MINOR RESOURCE
gnt_cut_disconnect() {
  gnt_ours=$(gnt_family "$gnt_local"):$(gnt_bracketed "$gnt_local"):$gnt_port
  gnt_theirs=$(gnt_family "$gnt_peer"):$(gnt_bracketed "$gnt_peer"):$gnt_port
  gnt_id=$1 gnt_seconds=$2 gnt_about=$3 gnt_hold=$4 gnt_minor=$5 gnt_resource=$6
  gnt_saved=$(gnt_options "$gnt_resource")
  # Without the secret the other side would refuse it for good.
  case $gnt_saved in *--shared-secret=?*) ;; *) echo "drbdsetup show $gnt_resource has no shared secret" >&2; return 1 ;; esac
  set --
  while IFS= read -r gnt_option; do set -- "$@" "$gnt_option"; done <<END
$gnt_saved
END
  gnt_arm "$gnt_id" "$gnt_seconds" "$gnt_about" "$gnt_disconnect_undo" "$gnt_minor" "$gnt_resource" "$gnt_ours" "$gnt_theirs" "$@" || return
  gnt_guarded "$gnt_id" timeout 60 drbdsetup disconnect --force "$gnt_ours" "$gnt_theirs" || { gnt_status=$?; gnt_undo "$gnt_id"; return $gnt_status; }
  [ "$gnt_hold" = 1 ] || gnt_undo "$gnt_id" || { cat "$gnt_state/undo/$gnt_id/said" >&2; return 1; }
}

gnt_rules() {
  nft list tables 2>/dev/null | sed -n 's/^table inet gnt_reset_\([0-9a-f]*\)$/\1 Nftables/p'
  for gnt_tables in iptables ip6tables; do
    "$gnt_tables" -w 10 -S 2>/dev/null | sed -n 's/.*--comment gnt-reset-\([0-9a-f]*\) .*/\1 Iptables/p'
  done | sort -u
}

# shellcheck disable=SC2086
gnt_probe() {
  gnt_socket=
  if command -v ss >/dev/null; then
    if grep -qs '^CONFIG_INET_DIAG_DESTROY=y' "/boot/config-$(uname -r)" || zcat /proc/config.gz 2>/dev/null | grep -q '^CONFIG_INET_DIAG_DESTROY=y'; then
      echo Socket
    elif [ ! -e "/boot/config-$(uname -r)" ] && [ ! -e /proc/config.gz ]; then
      gnt_socket=Socket
    fi
  fi
  # First what is in use here already; both may be installed. To look may load the tables, so that is seen before.
  gnt_legacy=$(grep -qs . /proc/net/ip_tables_names && iptables -V 2>/dev/null | grep -q legacy && echo yes)
  gnt_iptables=$(iptables -w 10 -S >/dev/null 2>&1 && echo Iptables)
  gnt_nftables=$(nft list tables >/dev/null 2>&1 && echo Nftables)
  if [ -n "$gnt_legacy" ]; then
    printf '%s\n' $gnt_iptables $gnt_nftables
  else
    printf '%s\n' $gnt_nftables $gnt_iptables
  fi
  # Whether the kernel can do it nobody says: it comes after what is known to work.
  printf '%s\n' $gnt_socket
  ! command -v drbdsetup >/dev/null || echo Disconnect
}

gnt_action=$1
shift
case $gnt_action in
  probe) gnt_probe ;;
  cut)
    gnt_method=$1 gnt_local=$8 gnt_peer=$9 gnt_port=${10}
    shift
    case $gnt_method in
      Socket) gnt_cut_socket ;;
      # With the sockets destroyed the cut need not wait for DRBD's next packet.
      Nftables) gnt_cut_nftables "$@" && { gnt_cut_socket 2>/dev/null || :; } ;;
      Iptables) gnt_cut_iptables "$@" && { gnt_cut_socket 2>/dev/null || :; } ;;
      Disconnect) gnt_cut_disconnect "$@" ;;
      *) exit 64 ;;
    esac
    ;;
  restore)
    if [ -d "$gnt_state/undo/$1" ]; then
      gnt_undo "$1" || { cat "$gnt_state/undo/$1/said" >&2; exit 1; }
    elif [ "${2:-}" = Nftables ]; then
      sh -c "$gnt_nftables_undo" sh "gnt_reset_$1"
    elif [ "${2:-}" = Iptables ]; then
      sh -c "$gnt_iptables_undo" sh iptables "$1" && { ! command -v ip6tables >/dev/null || sh -c "$gnt_iptables_undo" sh ip6tables "$1"; }
    fi
    ;;
  list)
    for gnt_dir in "$gnt_state"/undo/*; do
      [ -e "$gnt_dir/undo" ] && grep -qs '"Kind":"DrbdConnectionReset"' "$gnt_dir/about" || continue
      printf '%s\t%s\t%s\n' "$(($(cat "$gnt_dir/deadline") - $(gnt_uptime)))" "$(cat "$gnt_dir/about")" "$(head -n 1 "$gnt_dir/said" 2>/dev/null)"
    done
    gnt_rules | while read -r gnt_id gnt_method; do
      [ -d "$gnt_state/undo/$gnt_id" ] || printf '\t{"Id":"%s","Method":"%s"}\t\n' "$gnt_id" "$gnt_method"
    done
    ;;
esac
