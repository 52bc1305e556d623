"""Multiplies the guests of a stopped Ganeti's configuration: multiply.py N makes them N. Runs on the master."""
import copy
import json
import sys
import uuid

PATH = "/var/lib/ganeti/config.data"
wanted = int(sys.argv[1])
with open(PATH) as source:
    config = json.load(source)

instances, disks, nodes = config["instances"], config["disks"], sorted(config["nodes"])
templates = sorted(instances.values(), key=lambda guest: guest["name"])
networks = sorted(config["networks"])


def new_disk(index):
    path = "/srv/ganeti/file-storage/scale/%s" % uuid.uuid4()
    return {"dev_type": "file", "logical_id": ["loop", path], "children": [], "nodes": [], "iv_name": "disk/%d" % index,
            "size": 1024 * (index + 1), "mode": "rw", "params": {}, "serial_no": 1,
            "uuid": str(uuid.uuid4()), "ctime": 1700000000.0, "mtime": 1700000000.0}


for number in range(len(instances), wanted):
    guest = copy.deepcopy(templates[number % len(templates)])
    guest["uuid"], guest["name"] = str(uuid.uuid4()), "scale%04d.lab.example" % number
    guest["primary_node"] = nodes[number % len(nodes)]
    guest["serial_no"], guest["tags"] = 1 + number % 7, ["scale", "row%d" % (number % 10)]
    guest["admin_state"] = "down" if number % 3 else "up"
    guest["disks_active"] = not number % 3
    guest.pop("network_port", None)
    guest["disks"] = []
    for index in range(number % 3):
        disk = new_disk(index)
        disk["nodes"] = [guest["primary_node"]]
        disks[disk["uuid"]] = disk
        guest["disks"].append(disk["uuid"])
    guest["nics"] = [
        {"mac": "aa:00:01:%02x:%02x:%02x" % (number >> 8, number & 255, index),
         "nicparams": {"mode": "bridged", "link": "gntbr"}, "uuid": str(uuid.uuid4())}
        for index in range(1 + number % 2)]
    instances[guest["uuid"]] = guest

config["serial_no"] += 1
config["cluster"]["serial_no"] += 1
with open(PATH, "w") as target:
    json.dump(config, target)
