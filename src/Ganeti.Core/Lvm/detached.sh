# shellcheck shell=sh
# On the master: the volumes of all disks in Ganeti's configuration, those that are attached to no guest included, which no query tells; a line each, with tabs between: the
# disk's UUID, the guest or nothing, node, volume group, volume. Of a disk on DRBD those of both nodes. The secrets in that file stay there.
python3 -c '
import json
config = json.load(open("/var/lib/ganeti/config.data"))
guests = dict((uuid, guest["name"]) for guest in config["instances"].values() for uuid in guest.get("disks", []) if not isinstance(uuid, dict))
names = dict((uuid, node["name"]) for uuid, node in config["nodes"].items())
def tell(uuid, disk, nodes):
    if disk.get("dev_type") == "drbd":
        nodes = disk["logical_id"][:2]
    if disk.get("dev_type") == "plain":
        for node in nodes or names:
            print("\t".join([uuid, guests.get(uuid, ""), names.get(node, node)] + disk["logical_id"][:2]))
    for child in disk.get("children", []):
        tell(uuid, child, nodes)
for uuid, disk in config.get("disks", {}).items():
    tell(uuid, disk, disk.get("nodes"))
'
