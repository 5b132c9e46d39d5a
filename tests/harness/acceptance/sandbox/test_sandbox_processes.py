"""Hostile code and other processes, the network, and the child's own end."""

import os
import socket
import time

import pytest
from attacks import EXECUTOR, NOT_THERE, fault

from flagbench.acceptance.sandbox.sandbox import Misbehaved, Raised, Sandbox


@pytest.mark.parametrize(
    "code",
    [
        "import os\nwhile True: os.fork()",
        "import subprocess; subprocess.run(['/bin/true'])",
        "import os; os.execv('/bin/true', ['true'])",
        "import os; os.posix_spawn('/bin/true', ['true'], {})",
        "import os; os.forkpty()",
        "import multiprocessing as m; m.get_context('fork').Process(target=print).start()",
        "import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: print('free')",
    ],
)
def test_new_process(sandbox: Sandbox, code: str) -> None:
    """There is no way to a new process."""
    assert fault(sandbox, code).startswith(tuple(f"Raised: {one}" for one in NOT_THERE))


@pytest.mark.parametrize(
    "target",
    ["os.getppid()", "-1", "0", pytest.param(str(os.getpid()), id="the test's process"), "1"],
)
def test_signals(sandbox: Sandbox, target: str) -> None:
    """No signal reaches another process. It is signal 0, for the day that one does."""
    code = f"import os\nif os.getpid() != {target}: os.kill({target}, 0)\nelse: raise OSError"
    told = fault(sandbox, code)
    assert told.startswith(("Raised: PermissionError", "Raised: ProcessLookupError",
                            "Raised: OSError"))  # fmt: skip


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import os; os._exit(0)", "ended with exit code 0"),
        ("import os; os._exit(3)", "ended with exit code 3"),
        ("import ctypes; ctypes.string_at(0)", "was killed by SIGSEGV"),
        ("import ctypes; ctypes.CDLL(None).exit(4)", "ended with exit code 4"),
    ],
)
def test_end(sandbox: Sandbox, code: str, told: str) -> None:
    """A child that ends itself is told as that."""
    assert fault(sandbox, code) == f"Misbehaved: {told}"


def test_end_by_a_signal_without_a_name(tier: Sandbox) -> None:
    """A signal that has only a number is told by it; the first of a pid namespace ignores it."""
    told = fault(tier, "import os, time; os.kill(os.getpid(), 40); time.sleep(0.2); result = 1")
    is_first = "pid" in tier.isolation.standing
    assert told == ("nothing: 1" if is_first else "Misbehaved: was killed by signal 40")


def test_system_exit(sandbox: Sandbox) -> None:
    """`sys.exit` is an exception: the child lives on."""
    with sandbox.child(EXECUTOR, {}) as child:
        with pytest.raises(Raised, match="SystemExit: 3"):
            child.ask({"code": "import sys; sys.exit(3)"})
        assert child.ask({"code": "result = 1"}) == 1


def test_end_between_questions(sandbox: Sandbox) -> None:
    """A child that ends after its answer is told at the next question."""
    code = "import os, threading; threading.Timer(0.05, os._exit, (5,)).start()"
    with sandbox.child(EXECUTOR, {}) as child:
        child.ask({"code": code})
        time.sleep(0.3)
        for _ in range(2):
            with pytest.raises(Misbehaved, match="ended with exit code 5"):
                child.ask({"code": ""})


def test_network(full: Sandbox) -> None:
    """No server outside can be reached, by TCP or by datagram, and none by a path."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"
        assert fault(full, code).startswith("Raised: ConnectionRefusedError")
    code = "import socket; socket.socket(socket.{}, socket.{}).connect(('192.0.2.1', 53))"
    for kind in ("SOCK_STREAM", "SOCK_DGRAM"):
        assert "Network is unreachable" in fault(full, code.format("AF_INET", kind))
    for family in ("AF_UNIX", "AF_NETLINK", "AF_PACKET"):
        assert fault(full, code.format(family, "SOCK_DGRAM")).startswith("Raised: PermissionError")
