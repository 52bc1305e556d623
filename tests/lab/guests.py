"""Creates the lab's network and guests through LUXI, in one batch of parallel jobs. Runs on the master:
guests.py network | guests.py NUMBER_OF_NODES | guests.py mirrored"""
import json
import socket
import sys

DOMAIN = "lab.example"
NODES = ["h%d.%s" % (number, DOMAIN) for number in range(1, int(sys.argv[1]) + 1)] if sys.argv[1].isdigit() else []
MIRRORED = sys.argv[1] == "mirrored"
if MIRRORED:
    NODES = ["g%d.%s" % (number, DOMAIN) for number in (1, 2)]
BRIDGED = {"mode": "bridged", "link": "gntbr"}


class Luxi:
    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect("/run/ganeti/socket/ganeti-query")
        self.stream = self.socket.makefile("rb")

    def call(self, method, *args):
        self.socket.sendall(json.dumps({"method": method, "args": args, "version": 3000000}).encode() + b"\3")
        reply = b""
        while not reply.endswith(b"\3"):
            part = self.stream.read1(65536)
            if not part:
                raise SystemExit("the connection ended during %s" % method)
            reply += part
        answer = json.loads(reply[:-1])
        if not answer["success"]:
            raise SystemExit("%s: %s" % (method, answer["result"]))
        return answer["result"]

    def wait(self, number):
        """The job's final state, and what its opcodes answered."""
        while True:
            change = self.call("WaitForJobChange", number, ["status", "opresult"], None, None, 20)
            if change != "nochange" and change[0][0] in ("success", "error", "canceled"):
                return change[0]
            self.call("WaitForJobChange", number, ["status", "opresult"], change[0], None, 20)


def opcode(op_id, **values):
    return dict(values, OP_ID=op_id, reason=[])


def guest(name, node, install=False, tags=(), start=True, **values):
    full = "%s.%s" % (name, DOMAIN)
    yield opcode(
        "OP_INSTANCE_CREATE", **dict(dict(
            mode="create", instance_name=full, pnode=NODES[node % len(NODES)], hypervisor="fake", os_type="noop+default",
            disk_template="diskless", disks=[], nics=[], no_install=not install, start=False, name_check=False, ip_check=False,
            conflicts_check=False, wait_for_sync=False, beparams={"maxmem": 64, "minmem": 64, "vcpus": 1}), **values))
    if tags:
        yield opcode("OP_TAGS_SET", kind="instance", name=full, tags=list(tags))
    if start:
        yield opcode("OP_INSTANCE_STARTUP", instance_name=full)


def kvm(name, system):
    return guest(name, 1, install=True, os_type=system, hypervisor="kvm", disk_template="sharedfile", disks=[{"size": 64}])


def network():
    yield opcode("OP_NETWORK_ADD", network_name="net1", network="198.51.100.0/24", gateway="198.51.100.1")
    yield opcode("OP_NETWORK_CONNECT", group_name="default", network_name="net1", network_mode="bridged", network_link="gntbr")


def mirrored(name, node, sizes=(64,), **values):
    return guest(name, node, disk_template="drbd", disks=[{"size": size} for size in sizes], snode=NODES[1 - node], **values)


def mirrored_jobs():
    """One: an emulated processor is so slow that jobs which start at the same time give up on each other."""
    return [[
        *mirrored("kvm1", 0, install=True, os_type="busy+default", hypervisor="kvm"),
        *mirrored("vm1", 1, sizes=(96, 32), tags=["web"]),
        *mirrored("vm2", 0, start=False),
        opcode("OP_INSTANCE_DEACTIVATE_DISKS", instance_name="vm2.%s" % DOMAIN),
        *guest("vm3", 1, disk_template="plain", disks=[{"size": 64}]),
    ]]


def jobs():
    """Few, because starting a job takes longer than most of its work."""
    if not NODES:
        return [[*network()]]
    if len(NODES) == 1:
        return [[*guest("vm1", 0)], [*guest("vm2", 0)]]
    return [
        [*kvm("kvm1", "busy+default"), *kvm("kvm2", "tiny+default")],
        [*guest("vm3", 2, disk_template="sharedfile", disks=[{"size": 64, "name": "root"}, {"size": 32}], nics=[BRIDGED], tags=["web"]),
         *guest("vm1", 0)],
        [*guest("vm2", 1, nics=[{"network": "net1", "ip": "198.51.100.12"}]),
         *guest("vm4", 2, disk_template="file", disks=[{"size": 64}], nics=[dict(BRIDGED, name="lan")], start=False)],
    ]


luxi = Luxi()
failed = False
for accepted, number in luxi.call("SubmitManyJobs", mirrored_jobs() if MIRRORED else jobs()):
    state, results = luxi.wait(number) if accepted else ("refused", number)
    if state != "success":
        failed = True
        print("job %s: %s: %s" % (number, state, results))
raise SystemExit(1 if failed else 0)
