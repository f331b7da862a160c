"""CPython's own tests of sockets, once with Python's sockets and once with Sennit's.

    run_test_socket.py [--suite socket|sock_lowlevel] [--limit SECONDS] [--least PERCENT] [TEST ...]

The tests are those of the Python that runs this (Debian: libpython3-testsuite); none of them is copied. They run in
processes of their own, in which the module `socket` is `sennit.socket` for the second run, and for the suite
sock_lowlevel the loop is that of `sennit.asyncio`. A test that takes longer than the limit counts as hung, and the
rest goes on in another process.

The last line says how many of the tests that plain Python passes here the binding passes as well. The status is 1 where
they are fewer than --least percent (98), or where a difference is not explained in differences.md beside this folder;
77 where the suite is not installed.
"""
import argparse
import concurrent.futures
import importlib
import importlib.util
import json
import os
import pathlib
import selectors
import subprocess
import sys
import tempfile
import time
import unittest

SUITES = {"socket": "test.test_socket", "sock_lowlevel": "test.test_asyncio.test_sock_lowlevel"}
EXPLANATIONS = pathlib.Path(__file__).resolve().parent.parent / "differences.md"
SKIPPED = 77
PATIENCE_S = 60  # until a worker has imported everything


# --- In the process that runs tests --------------------------------------------------------------------


class Reporter(unittest.TestResult):
    """Says of each test that it begins, and how it ended: a line of JSON each."""

    def __init__(self, out):
        super().__init__()
        self.out = out
        self.outcome = None

    def say(self, *words):
        self.out.write(json.dumps(words) + "\n")
        self.out.flush()

    def startTest(self, test):
        super().startTest(test)
        self.outcome = ["ok", ""]
        self.say("begins", test.id())

    def stopTest(self, test):
        super().stopTest(test)
        self.say("ended", test.id(), *self.outcome)

    def note(self, test, what, text):
        if self.outcome is None:  # a class or the module could not be set up: all of its tests
            self.say("ended", test.id(), what, text)
        elif self.outcome[0] in ("ok", "skipped"):
            self.outcome = [what, text]

    def addError(self, test, err):
        super().addError(test, err)
        self.note(test, "error", self.errors[-1][1])

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note(test, "failed", self.failures[-1][1])

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.note(test, "failed", self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        if self.outcome is None:
            self.say("ended", test.id(), "skipped", reason)
        else:
            self.note(test, "skipped", reason)


def flat(suite):
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from flat(each)
        else:
            yield each


def load(suite, with_binding):
    """The tests, with the binding in the place of Python's sockets or without it."""
    if with_binding:
        import sennit.socket

        sys.modules["socket"] = sennit.socket
        if suite == "sock_lowlevel":
            import asyncio

            import sennit.asyncio

            asyncio.SelectorEventLoop = sennit.asyncio.EventLoop
    from test import support

    support.use_resources = []  # nothing outside this machine
    module = importlib.import_module(SUITES[suite])
    # Otherwise the second run would be the first one again.
    assert (module.socket.socket.__module__ == "sennit.socket") == with_binding
    return list(flat(unittest.defaultTestLoader.loadTestsFromName(SUITES[suite])))


def work(suite, with_binding):
    """The tests whose names come on standard input; none: their names are written."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a test prints is no report
    tests = load(suite, with_binding)
    wanted = json.loads(sys.stdin.readline())
    if not wanted:
        out.write(json.dumps([each.id() for each in tests]) + "\n")
        out.flush()
        return
    wanted = set(wanted)
    unittest.TestSuite(each for each in tests if each.id() in wanted).run(Reporter(out))


# --- In the process that counts ------------------------------------------------------------------------


class Worker:
    """A process that runs tests, and what it says."""

    def __init__(self, suite, with_binding, names):
        # A test that is ended leaves its files where it ran.
        self.folder = tempfile.TemporaryDirectory()
        words = [sys.executable, "-W", "ignore", str(pathlib.Path(__file__).resolve()), "--worker", "--suite", suite]
        self.process = subprocess.Popen(
            words + ["--with-binding"] * with_binding, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, cwd=self.folder.name,
        )
        self.process.stdin.write(json.dumps(names).encode() + b"\n")
        self.process.stdin.close()
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        self.rest = b""

    def line(self, limit):
        """The next report; None at the end; raises TimeoutError."""
        end = time.monotonic() + limit
        while b"\n" not in self.rest:
            if not self.selector.select(max(end - time.monotonic(), 0)):
                raise TimeoutError
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                return None
            self.rest += more
        line, _, self.rest = self.rest.partition(b"\n")
        return json.loads(line)

    def end(self, at_once=False):
        self.selector.close()
        self.process.stdout.close()
        if at_once:
            self.process.terminate()
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self.folder.cleanup()


def names_of(suite):
    worker = Worker(suite, False, [])
    try:
        return worker.line(PATIENCE_S)
    finally:
        worker.end()


def run(suite, with_binding, names, limit):
    """How each test ended: {name: (what, text)}. Half of the classes run beside the other half, since the tests wait
    most of the time."""
    classes = sorted({name.rpartition(".")[0] for name in names})
    halves = [[name for name in names if classes.index(name.rpartition(".")[0]) % 2 == which] for which in (0, 1)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        parts = pool.map(lambda half: run_in_order(suite, with_binding, half, limit), halves)
        return {name: outcome for part in parts for name, outcome in part.items()}


def run_in_order(suite, with_binding, names, limit):
    outcomes = {}
    while left := [name for name in names if name not in outcomes]:
        worker = Worker(suite, with_binding, left)
        current = None
        hung = False
        try:
            while (report := worker.line(limit if current else PATIENCE_S)) is not None:
                current = report[1] if report[0] == "begins" else None
                if report[0] == "ended":
                    outcomes[report[1]] = (report[2], report[3])
        except TimeoutError:
            if current is None:
                raise SystemExit("the process that runs the tests does not answer")
            outcomes[current] = ("hung", f"longer than {limit} s")
            current = None
            hung = True
        status = worker.end(at_once=hung)
        if current is not None:
            outcomes[current] = ("crashed", f"status {status}")
        elif not any(name in outcomes for name in left):
            # A class that could not be set up names itself and not its tests.
            outcomes.update((name, ("error", f"did not run, status {status}")) for name in left)
    return outcomes


def last_line(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def short(name):
    return ".".join(name.split(".")[-2:])


def compare(suite, names, limit):
    """The tests that plain Python passes, and of these the ones that the binding does not, with the reasons."""
    plain = run(suite, False, names, limit)
    passed = [name for name in names if plain.get(name, ("",))[0] == "ok"]
    bound = run(suite, True, passed, limit)
    # One that depends on time may fail for once, with either kind of socket; each gets a second attempt, and says so.
    again = [name for name in passed if bound.get(name, ("",))[0] != "ok"]
    second = run(suite, True, again, limit) if again else {}
    for name in again:
        if second.get(name, ("",))[0] == "ok":
            print(f"second attempt: {short(name)}: {last_line(bound[name][1])}")
            bound[name] = second[name]
    print(f"plain Python: {len(passed)} of {len(names)} pass; the others:")
    others = {}
    for name in names:
        what = plain.get(name, ("did not run", ""))
        if what[0] != "ok":
            key = what[0] if what[0] != "skipped" else f"skipped: {what[1]}"
            others.setdefault(key, []).append(short(name))
    for key, which in sorted(others.items()):
        print(f"  {len(which):3} {key}" + ("" if key.startswith("skipped") else f": {', '.join(which)}"))
    return passed, {name: bound.get(name, ("did not run", "")) for name in passed if bound.get(name, ("",))[0] != "ok"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suite", choices=sorted(SUITES), default="socket")
    parser.add_argument("--limit", type=float, default=30, help="seconds for one test")
    parser.add_argument("--least", type=float, default=98, help="percent that have to pass")
    parser.add_argument("--verbose", action="store_true", help="with what the tests that differ have said")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--with-binding", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("tests", nargs="*", help="parts of names")
    words = parser.parse_args()
    if words.worker:
        work(words.suite, words.with_binding)
        return 0
    try:
        if importlib.util.find_spec(SUITES[words.suite]) is None:
            raise ImportError
    except ImportError:
        print(f"skipped: {SUITES[words.suite]} is not installed (Debian: libpython3-testsuite)")
        return SKIPPED
    names = [name for name in names_of(words.suite) if not words.tests or any(part in name for part in words.tests)]
    passed, differences = compare(words.suite, names, words.limit)
    explained = EXPLANATIONS.read_text(encoding="utf-8") if EXPLANATIONS.exists() else ""
    unexplained = []
    print(f"differences: {len(differences)}")
    for name, (what, text) in differences.items():
        known = f"`{short(name)}`" in explained
        if not known:
            unexplained.append(name)
        print(f"  {short(name)}: {what}: {last_line(text)}" + ("" if known else "  (not in differences.md)"))
        if words.verbose:
            print("    " + text.strip().replace("\n", "\n    "))
    good = len(passed) - len(differences)
    percent = 100 * good / len(passed) if passed else 0
    print(f"passed {good} of {len(passed)} that plain Python passes ({percent:.1f} %)")
    return 1 if percent < words.least or unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
