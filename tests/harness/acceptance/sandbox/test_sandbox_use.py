"""Hostile code and time, memory, output, threads and the stack."""

import textwrap

import pytest
from attacks import EXECUTOR, LIMITS, fault

from flagbench.acceptance.sandbox.sandbox import Misbehaved, Sandbox

OUT_OF_TIME = f"Misbehaved: used more than {LIMITS.cpu_seconds} s of CPU"


def test_endless_loop(sandbox: Sandbox) -> None:
    """A loop without end runs out of CPU time."""
    assert fault(sandbox, "while True: pass") == OUT_OF_TIME


def test_loop_that_ignores_signals(sandbox: Sandbox) -> None:
    """So does one that ignores whatever can be ignored, in a thread."""
    code = """
        import signal, threading
        for one in signal.valid_signals():
            try: signal.signal(one, signal.SIG_IGN)
            except (OSError, ValueError): pass
        def loop():
            while True: pass
        threading.Thread(target=loop).start()
        while True: pass
    """
    told = fault(sandbox, textwrap.dedent(code))
    assert told == OUT_OF_TIME


def test_sleep(hasty: Sandbox) -> None:
    """What sleeps without end runs out of time."""
    assert fault(hasty, "import time; time.sleep(1e6)") == "TimedOut: ran longer than 1 s"


def test_big_memory(sandbox: Sandbox) -> None:
    """One large piece of memory is refused, and told in words."""
    told = fault(sandbox, "bytearray(10**10)")
    assert told == "Raised: MemoryError: used more than 64 MiB of memory"


def test_slow_leak(sandbox: Sandbox) -> None:
    """So is a small one too many."""
    told = fault(sandbox, "kept = []\nwhile True: kept.append('x' * 10_000 + str(len(kept)))")
    assert told == "Raised: MemoryError: used more than 64 MiB of memory"


def test_shared_memory(sandbox: Sandbox) -> None:
    """Memory that is shared with nobody counts too, and there is none without a name."""
    assert "Cannot allocate memory" in fault(sandbox, "import mmap; mmap.mmap(-1, 10**9)")
    assert "Function not implemented" in fault(sandbox, "import os; os.memfd_create('m')")


def test_flood(sandbox: Sandbox) -> None:
    """A gigabyte of output is cut off."""
    with sandbox.child(EXECUTOR, {}) as child:
        with pytest.raises(Misbehaved, match="printed more than 64 KiB"):
            child.ask({"code": "for _ in range(10**6): print('x' * 1000)"})
        assert len(child.output) == LIMITS.output_bytes
        with pytest.raises(Misbehaved, match="printed more than 64 KiB"):
            child.ask({"code": ""})


def test_flood_without_a_question(sandbox: Sandbox) -> None:
    """A thread that prints on after the answer meets the limit at the next question."""
    code = """
        import os, threading
        def flood():
            while True: os.write(1, bytes(65536))
        threading.Thread(target=flood).start()
    """
    told = pytest.raises(Misbehaved, match="printed more than 64 KiB")
    with sandbox.child(EXECUTOR, {}) as child, told:
        for _ in range(10):
            child.ask({"code": textwrap.dedent(code)})


def test_many_threads(sandbox: Sandbox) -> None:
    """Threads without end are stopped."""
    code = """
        import threading, time
        threading.stack_size(65536)
        while True: threading.Thread(target=time.sleep, args=(60,)).start()
    """
    told = fault(sandbox, textwrap.dedent(code))
    # Where memory ends before anybody looks, that is what is told.
    assert told in (
        "Misbehaved: started more than 32 threads",
        "Raised: RuntimeError: can't start new thread",
    )


def test_a_few_threads_too_many(sandbox: Sandbox) -> None:
    """More threads than the limit are seen though there is memory for them."""
    code = """
        import threading, time
        threading.stack_size(65536)
        for _ in range(40): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        time.sleep(60)
    """
    told = fault(sandbox, textwrap.dedent(code))
    assert told == "Misbehaved: started more than 32 threads"


def test_many_descriptors(sandbox: Sandbox) -> None:
    """Open files are limited."""
    told = fault(sandbox, "kept = [open('/dev/null') for _ in range(1000)]")
    assert told.startswith("Raised: OSError: [Errno 24] Too many open files")


@pytest.mark.parametrize(
    "code",
    [
        "def down(): down()\ndown()",
        "import json; json.loads('[' * 100_000)",
        "class A:\n    def __repr__(self): return repr(self)\nrepr(A())",
        "import ast; ast.parse('(' * 5_000)",
        "a = []\nfor _ in range(100_000): a = [a]\nresult = a",
    ],
)
def test_recursion(sandbox: Sandbox, code: str) -> None:
    """Too deep a recursion is an exception, in C as well, and in the answer too."""
    assert fault(sandbox, code).startswith(("Raised: RecursionError", "Raised: SyntaxError"))


def test_recursion_without_limit(sandbox: Sandbox) -> None:
    """Recursion beyond the stack ends the child, or is an exception where Python stops it first."""
    code = """
        import sys
        sys.setrecursionlimit(10**9)
        class A:
            def __getattr__(self, name): return getattr(self, name)
        A().a
    """
    told = fault(sandbox, textwrap.dedent(code))
    # Python 3.12 and 3.13 limit recursion in C whatever was set.
    assert told in (
        "Misbehaved: was killed by SIGSEGV",
        "Raised: RecursionError: maximum recursion depth exceeded",
    )
