# shellcheck shell=sh
# On the master: how Ganeti connects a disk, from its configuration, as options of "drbdsetup connect", one a line (Ganeti's drbd_cmdgen.py, GenNetInitCmds). The
# secret is among them: they go to the standard input of the node's command and nowhere else.
#   DISK-UUID
python3 -c '
import json, shlex, sys
config = json.load(open("/var/lib/ganeti/config.data"))
disk = config["disks"][sys.argv[1]]
node, secret = disk["logical_id"][0], disk["logical_id"][5]
group = config["nodegroups"][config["nodes"][node]["group"]]
params = dict(config["cluster"].get("diskparams", {}).get("drbd", {}))
params.update(group.get("diskparams", {}).get("drbd", {}))
print("--protocol=" + (params.get("protocol") or "C"))
print("--after-sb-0pri=discard-zero-changes")
print("--after-sb-1pri=consensus")
print("--cram-hmac-alg=md5")
print("--shared-secret=" + secret)
for word in shlex.split(params.get("net-custom") or ""):
    print(word)
' "$1"
