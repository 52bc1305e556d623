"""Talks to a machine's QEMU: monitor.py SOCKET COMMAND, a command of the human monitor, or: save FILE | wait STATE.
What the command answers is an error, unless it begins with "info"."""
import json
import socket
import sys
import time


class Monitor:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rb")
        self.stream.readline()
        self.call("qmp_capabilities")

    def call(self, command, **arguments):
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            line = self.stream.readline()
            if not line:
                raise SystemExit("the machine ended during %s" % command)
            answer = json.loads(line)
            if "error" in answer:
                raise SystemExit("%s: %s" % (command, answer["error"]["desc"]))
            if "return" in answer:
                return answer["return"]

    def human(self, line):
        answer = self.call("human-monitor-command", **{"command-line": line}).strip()
        if answer and not line.startswith("info"):
            raise SystemExit("%s: %s" % (line, answer))
        return answer

    def save(self, path):
        """The memory of a machine that is stopped; afterwards its disks are at rest."""
        self.call("migrate-set-parameters", **{"max-bandwidth": 1 << 40})
        self.call("migrate", uri="exec:cat >%s" % path)
        while True:
            state = self.call("query-migrate").get("status")
            if state == "completed":
                return
            if state in ("failed", "cancelled"):
                raise SystemExit("the memory was not saved: %s" % self.call("query-migrate"))
            time.sleep(0.05)

    def wait(self, state):
        deadline = time.monotonic() + 300
        while self.call("query-status")["status"] != state:
            if time.monotonic() > deadline:
                raise SystemExit("the machine is %s, not %s" % (self.call("query-status")["status"], state))
            time.sleep(0.02)


monitor = Monitor(sys.argv[1])
if sys.argv[2] == "save":
    monitor.save(sys.argv[3])
elif sys.argv[2] == "wait":
    monitor.wait(sys.argv[3])
else:
    answer = monitor.human(" ".join(sys.argv[2:]))
    if answer:
        print(answer)
