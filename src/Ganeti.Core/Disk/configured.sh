# shellcheck shell=sh
# On the master: the disks on LVM volumes in Ganeti's configuration (lib/objects.py, Disk), those that are attached to no guest included; as JSON, a list of
#   {"uuid", "instance", "index", "dev_type", "sides": [[node, minor], …], "port", "volumes": [[group, name], …]}
# with the primary side first, and of DRBD data before meta data. The secrets in that file stay there.
#   NAME…     the guests whose disks are meant; without, all
# luxid reads the same file for its queries, and no change of the configuration ends before it is written. A job that tells as much would wait where the queue is full.
python3 -c '
import json, sys
try:
    with open("/var/lib/ganeti/config.data") as file:
        config = json.load(file)
except (OSError, ValueError) as error:
    sys.exit(str(error))
names = dict((uuid, node["name"]) for uuid, node in config["nodes"].items())
disks = config.get("disks", {})
wanted = sys.argv[1:]
told = []
seen = set()

def tell(disk, guest, index):
    kind = disk.get("dev_type")
    port = None
    logical = disk.get("logical_id") or []
    if kind in ("drbd", "drbd8") and len(logical) >= 5:
        kind = "drbd"
        first, second, port, minor, other = logical[:5]
        sides = [[first, minor], [second, other]]
        if guest and second == guest["primary_node"]:
            sides.reverse()
        volumes = [(child.get("logical_id") or [])[:2] for child in disk.get("children") or []]
    elif kind in ("plain", "lvm") and len(logical) >= 2:
        kind = "plain"
        sides = [[node, None] for node in ([guest["primary_node"]] if guest else disk.get("nodes") or names)]
        volumes = [logical[:2]]
    else:
        return
    told.append({"uuid": disk.get("uuid"), "instance": guest and guest["name"], "index": index, "dev_type": kind, "sides": [[names.get(node, node), minor] for node, minor in sides], "port": port, "volumes": volumes})

for guest in config["instances"].values():
    # Before Ganeti 2.13 the disks themselves.
    for index, disk in enumerate(guest.get("disks") or []):
        if not isinstance(disk, dict):
            seen.add(disk)
            disk = disks.get(disk)
        if disk and (not wanted or guest["name"] in wanted):
            tell(disk, guest, index)
if not wanted:
    for uuid, disk in disks.items():
        if uuid not in seen:
            tell(disk, None, None)
print(json.dumps(told))
' "$@"
