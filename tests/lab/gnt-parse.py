"""What Ganeti's own command-line client makes of a command line. Runs on the master, which it asks for names; submits nothing.

gnt-parse.py compare   reads [[line, opcode], ...] as JSON, writes for each what is not the same in the client's opcode and in the given
                       one, once both have Ganeti's defaults
gnt-parse.py commands  writes {program: {subcommand: [[option, ...], ...]}} of all gnt-* programs
"""
import importlib
import json
import shlex
import sys

sys.path.insert(0, "/usr/share/ganeti/default")

from ganeti import cli, errors, opcodes, serializer  # pylint: disable=C0413

SECRET = ("osparams_private", "osparams_secret", "osparams_private_cluster")
PROGRAMS = ("backup", "cluster", "filter", "group", "instance", "job", "network", "node", "os", "storage")


class Submitted(Exception):
    pass


def submit(opcode, *_, opts=None, **__):
    raise Submitted(opcode)


class Jobs:
    def __init__(self, *_, **__):
        pass

    def QueueJob(self, _, *ops):
        raise Submitted(ops[0])


def parsed(line):
    program, *arguments = shlex.split(line)
    module = importlib.import_module("ganeti.client." + program.replace("-", "_"))
    for place in (module, cli):
        place.SubmitOrSend = place.SubmitOpCode = submit
        place.JobExecutor = Jobs
    for option in module.commands[arguments[0]][2]:
        # optparse appends to the very list that is the default.
        option.default = [] if isinstance(option.default, list) else option.default
    function, options, operands = cli._ParseArgs(program, [program] + arguments, module.commands, getattr(module, "aliases", {}), set())
    # What the program tells the functions that it shares with others, for example whose tags they are.
    module.GenericMain = lambda _, override=None, **__: vars(options).update(override or {})
    module.Main()
    try:
        function(options, operands)
    except Submitted as submitted:
        opcode = submitted.args[0]
        cli.SetGenericOpcodeOpts([opcode], options)
        return opcode
    raise SystemExit("nothing was submitted by: %s" % line)


def state(opcode):
    opcode.Validate(True)
    values = json.loads(json.dumps(opcode.__getstate__(), default=str))
    for secret in SECRET:
        # The line has their names only; none at all and nothing are the same to Ganeti.
        values[secret] = sorted(values.get(secret) or {})
    return values


def loaded(opcode):
    # As the master's reader does it.
    for secret in SECRET:
        if opcode.get(secret):
            one = secret != "osparams_private_cluster"
            opcode[secret] = serializer.PrivateDict(opcode[secret]) if one else {os: serializer.PrivateDict(values) for os, values in opcode[secret].items()}
    return opcodes.OpCode.LoadOpCode(opcode)


def same(one, other):
    """Not given and no are the same to Ganeti; so are a number and its text, which it reads by the parameter's type."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, (bool, type(None))) or isinstance(other, (bool, type(None))):
        return (one or False) == (other or False) or str(one) == str(other)
    return str(one) == str(other)


def different(line, opcode):
    try:
        ours = state(loaded(opcode))
        theirs = state(parsed(line))
    except (errors.GenericError, SystemExit) as error:
        return [str(error)]
    ignored = ("reason", "depends", "instance_uuid", "debug_level", "comment")
    names = [name for name in sorted(set(ours) | set(theirs)) if name not in ignored and not name.startswith("_")]
    return ["%s: %r in the line, %r in the opcode" % (name, theirs.get(name), ours.get(name)) for name in names if not same(theirs.get(name), ours.get(name))]


def commands():
    found = {}
    for program in PROGRAMS:
        module = importlib.import_module("ganeti.client.gnt_" + program)
        found["gnt-" + program] = {name: [option._short_opts + option._long_opts for option in parts[2]] for name, parts in module.commands.items()}
    return found


if sys.argv[1] == "compare":
    json.dump([different(line, opcode) for line, opcode in json.load(sys.stdin)], sys.stdout)
else:
    json.dump(commands(), sys.stdout)
