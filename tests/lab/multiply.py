"""Fills a stopped cluster's configuration up to N guests: multiply.py N. Runs on the master. Prints what the nodes have to have for it,
a line each: node, "run" or size in MiB, name of the guest or of the file."""
import json
import sys
import time
import uuid

PATH = "/var/lib/ganeti/config.data"
FILES = "/srv/ganeti/file-storage"
wanted = int(sys.argv[1])
now = time.time()


def stamped(serial, **values):
    return dict(values, uuid=str(uuid.uuid4()), serial_no=serial, ctime=now, mtime=now)


def disk(guest, index, node):
    identity = str(uuid.uuid4())
    path = "%s/%s/%s.file.disk%d" % (FILES, guest, identity, index)
    size = 1024 * (index + 1)
    print(node["name"], size, path)
    return stamped(1, dev_type="file", logical_id=["loop", path], children=[], nodes=[node["uuid"]], iv_name="disk/%d" % index,
                   size=size, mode="rw", params={}, name="data%d" % index if index else "root")


def nic(number, index):
    return {"mac": "aa:00:%02x:%02x:%02x:%02x" % (1 + (number >> 16), number >> 8 & 255, number & 255, index), "uuid": str(uuid.uuid4()),
            "name": "eth%d" % index, "nicparams": {"mode": "bridged", "link": "gntbr"}}


def guest(number, node):
    name = "scale%04d.lab.example" % number
    up = number // len(nodes) % 3 != 0
    disks = [disk(name, index, node) for index in range(number % 4)]
    # One in fifty has died.
    if up and number % 50 != 1:
        print(node["name"], "run", name)
    memory = 16 + 8 * (number % 3)
    return disks, stamped(
        1 + number % 7, name=name, primary_node=node["uuid"], os="noop+default", hypervisor="fake", hvparams={}, osparams={},
        osparams_private={}, beparams={"minmem": memory, "maxmem": memory, "vcpus": 1 + number % 2},
        admin_state="up" if up else "down", admin_state_source="admin", disks_active=up, disks=[each["uuid"] for each in disks],
        nics=[nic(number, index) for index in range(number // 4 % 3)], tags=["scale", "row%d" % (number % 10)])


with open(PATH) as source:
    config = json.load(source)
nodes = sorted(config["nodes"].values(), key=lambda node: node["name"])
names = {each["name"] for each in config["instances"].values()}
number = 0
while len(config["instances"]) < wanted:
    number += 1
    if "scale%04d.lab.example" % number not in names:
        disks, instance = guest(number, nodes[number % len(nodes)])
        config["instances"][instance["uuid"]] = instance
        config["disks"].update((each["uuid"], each) for each in disks)
config["serial_no"] += 1
config["cluster"]["serial_no"] += 1
with open(PATH, "w") as target:
    json.dump(config, target)
