"""Fibers of Sennit in gdb, of a program that runs and of a core.

    (gdb) source sennit-gdb.py
    (gdb) info sn-fibers
    (gdb) sn-fiber 7            its backtrace
    (gdb) sn-fiber 7 bt full    the same with all variables; or any other command of gdb

The library needs its debug information. A fiber's frames count from 1: gdb's innermost frame is
always the thread's own, and the fiber's are put behind it (see FiberUnwinder).
"""

import time

import gdb
import gdb.unwinder

STATES = ["starting", "running", "waiting", "over"]
# enum flow_wait, which the compiler may leave out.
WAITS = {1000: "Operation", 1001: "Poll", 1002: "Time", 1003: "Turn", 1004: "Lock", 1005: "Condition",
         1006: "Semaphore", 1007: "Channel", 1008: "Group", 1010: "Offload"}
KINDS = "SN_OPERATION_"


def symbol(name):
    try:
        return gdb.parse_and_eval(name)
    except gdb.error as error:
        raise gdb.GdbError(
            f"{error}\nIs libsennit loaded, and its debug information there?")


def wait_name(wait):
    if wait in WAITS:
        return WAITS[wait]
    try:
        for field in gdb.lookup_type("sn_operation_kind").strip_typedefs().fields():
            if field.enumval == wait and field.name.startswith(KINDS):
                words = field.name[len(KINDS):].split("_")
                return "".join(word.capitalize() for word in words)
    except gdb.error:
        pass
    return f"kind {wait}"


class Fiber:
    def __init__(self, record):
        self.record = record
        self.number = int(record["number"])
        self.name = record["name"].address.cast(
            gdb.lookup_type("char").pointer()).string(errors="replace")
        self.state = int(record["state"])
        self.wait = int(record["flow"]["wait"])
        self.handle = int(record["flow"]["handle"])
        self.switches = int(record["switches"])
        self.since_ns = int(record["since_ns"])
        self.place = int(record["context"]["place"])
        worker = record["flow"]["worker"]
        self.engine = worker["engine"]
        self.thread = int(worker - self.engine["workers"])

    def waits_for(self):
        if STATES[self.state] != "waiting":
            return "-"
        name = wait_name(self.wait)
        return f"{name} on {self.handle}" if self.handle >= 0 else name

    def since(self, now_ns):
        return f"{max(0, now_ns - self.since_ns) // 1000000} ms" if now_ns else "-"


def fibers():
    """Those that have not ended, in the order of their starts: see src/fiber/registry.c."""
    stripes = symbol("fiber_stripes")
    entry = gdb.lookup_type("struct registry_entry").pointer()
    fiber = gdb.lookup_type("struct sn_fiber")
    offset = next(field.bitpos // 8 for field in fiber.fields() if field.name == "entry")
    found = []
    for i in range(stripes.type.range()[1] + 1):
        head = stripes[i]["entries"]
        link = head["next"]
        while int(link) != int(head.address):
            if not link.cast(entry)["is_mark"]:
                record = gdb.Value(int(link) - offset).cast(fiber.pointer())
                found.append(Fiber(record.dereference()))
            link = link["next"]
    return sorted(found, key=lambda fiber: fiber.number)


def clock_ns():
    """The clock of the fibers' times, which a core and another machine do not share with us."""
    connection = getattr(gdb.selected_inferior(), "connection", None)
    if connection is None or connection.type != "native":
        return 0
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


class InfoFibers(gdb.Command):
    """List the fibers of Sennit that have not ended."""

    def __init__(self):
        super().__init__("info sn-fibers", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        now_ns = clock_ns()
        rows = [("Fiber", "State", "Waits for", "Since", "Switches", "Engine", "Thread", "Name")]
        for fiber in fibers():
            rows.append((str(fiber.number), STATES[fiber.state], fiber.waits_for(),
                         fiber.since(now_ns), str(fiber.switches), hex(int(fiber.engine)),
                         str(fiber.thread), fiber.name))
        if len(rows) == 1:
            print("No fibers.")
            return
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        for row in rows:
            print("  ".join(word.ljust(width) for word, width in zip(row, widths)).rstrip())


class FrameId:
    """gdb has a class for it since version 14 only; any that has both will do."""

    def __init__(self, sp, pc):
        self.sp = sp
        self.pc = pc


class FiberUnwinder(gdb.unwinder.Unwinder):
    """Says of the innermost frame of the thread that a fiber which is left has called it.

    Its registers could be changed instead, but not in a core; and whoever goes on with the program
    then, or loses the connection, has spoilt it."""

    REGISTERS = {"i386:x86-64": ("rip", "rsp"), "aarch64": ("pc", "sp")}

    def __init__(self):
        super().__init__("sennit-fiber")
        self.enabled = False
        self.innermost = None
        self.caller = None

    def __call__(self, pending):
        names = self.REGISTERS.get(pending.architecture().name())
        if not names or not self.caller:
            return None
        if tuple(int(pending.read_register(name)) for name in names) != self.innermost:
            return None
        word = gdb.lookup_type("unsigned long")
        pc, sp = (gdb.Value(value).cast(word) for value in self.caller)
        # A frame below the caller's, or gdb takes the stack for a corrupt one.
        info = pending.create_unwind_info(FrameId(sp, pc))
        info.add_saved_register(names[0], pc)
        info.add_saved_register(names[1], sp)
        return info

    def run(self, fiber, command):
        architecture = gdb.newest_frame().architecture().name()
        names = self.REGISTERS.get(architecture)
        if not names:
            raise gdb.GdbError(f"Fibers on {architecture} are left by the C library's switch, "
                               "which gdb cannot walk through.")
        newest = gdb.newest_frame()
        self.innermost = tuple(int(newest.read_register(name)) for name in names)
        left = int(symbol("(unsigned long)&context_left"))
        self.caller = (left, fiber.place)
        self.enabled = True
        gdb.invalidate_cached_frames()
        try:
            return gdb.execute(command, to_string=True)
        finally:
            self.enabled = False
            self.caller = None
            gdb.invalidate_cached_frames()


unwinder = FiberUnwinder()
gdb.unwinder.register_unwinder(None, unwinder, replace=True)


class FiberCommand(gdb.Command):
    """Run a command in a fiber of Sennit: sn-fiber NUMBER [COMMAND], its backtrace by default."""

    def __init__(self):
        super().__init__("sn-fiber", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        number, _, command = argument.strip().partition(" ")
        if not number.isdigit():
            raise gdb.GdbError("usage: sn-fiber NUMBER [COMMAND]; see info sn-fibers")
        fiber = next((one for one in fibers() if one.number == int(number)), None)
        if fiber is None:
            raise gdb.GdbError(f"There is no fiber {number}.")
        if STATES[fiber.state] == "running":
            raise gdb.GdbError(f"Fiber {number} runs: it is in the backtrace of its thread.")
        text = unwinder.run(fiber, command.strip() or "backtrace")
        if text.startswith("#0 "):
            text = text[text.index("\n#1 ") + 1:] if "\n#1 " in text else ""
        print(text, end="")


InfoFibers()
FiberCommand()
