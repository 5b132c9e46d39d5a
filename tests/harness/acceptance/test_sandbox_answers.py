"""A child that talks to the harness itself, past what answers."""

import textwrap
import time
from pathlib import Path

import pytest
from attacks import EXECUTOR, fault

from harness.acceptance.sandbox import Misbehaved, Sandbox

PROJECT = Path(__file__).parents[3]
NOT_THERE = ("FileNotFoundError", "PermissionError")


SOCKET = """
import gc, os, socket, struct, time, json
sock = next(one for one in gc.get_objects() if isinstance(one, socket.socket))
def frame(body): return struct.pack("!I", len(body)) + body
"""


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("sock.sendall(frame(b'{')); time.sleep(60)", "answered something that is no JSON"),
        ("sock.sendall(frame(b'\\xff')); time.sleep(60)", "answered something that is no JSON"),
        (
            "sock.sendall(frame(b'{\"value\": NaN}')); time.sleep(60)",
            "answered something that is no JSON",
        ),
        (
            "sock.sendall(frame(b'\"\\\\ud800\"')); time.sleep(60)",
            "answered something that is no JSON",
        ),
        (
            "sock.sendall(frame(b'[' * 60_000)); time.sleep(60)",
            "answered something that is no JSON",
        ),
        (
            "sock.sendall(frame(b'9' * 60_000)); time.sleep(60)",
            "answered something that is no JSON",
        ),
        ("sock.sendall(frame(b'[]')); time.sleep(60)", "answered something that is no answer"),
        ("sock.sendall(frame(b'{}')); time.sleep(60)", "answered something that is no answer"),
        (
            "sock.sendall(frame(b'{\"raised\": {}}')); time.sleep(60)",
            "answered something that is no answer",
        ),
        (
            "sock.sendall(frame(b'{\"raised\": 1}')); time.sleep(60)",
            "answered something that is no answer",
        ),
        ("sock.sendall(b'garbage'); time.sleep(60)", "answered with more than 64 KiB"),
        ("sock.sendall(b'\\xff' * 10**6); time.sleep(60)", "answered with more than 64 KiB"),
        ("sock.sendall(frame(b'{}') * 2); time.sleep(60)", "answered more than it was asked"),
        ("sock.shutdown(socket.SHUT_RDWR); time.sleep(60)", "closed its connection"),
        ("os.close(sock.fileno()); time.sleep(60)", "closed its connection"),
    ],
)
def test_lies(sandbox: Sandbox, code: str, told: str) -> None:
    """What is no answer is told as that."""
    assert fault(sandbox, f"{SOCKET}{code}") == f"Misbehaved: {told}"


def test_big_answer(sandbox: Sandbox) -> None:
    """An honest answer that is too large is none either."""
    told = fault(sandbox, "result = 'x' * 10**6")
    assert told == "Misbehaved: answered with more than 64 KiB"


def test_slow_answer(hasty: Sandbox) -> None:
    """A byte now and then does not make the time longer."""
    code = f"{SOCKET}\nsock.sendall(b'\\0\\0\\xff\\0')\nfor _ in range(6000): "
    code += "sock.send(b' '); time.sleep(.01)"
    assert fault(hasty, "import time; time.sleep(60)") == "Misbehaved: ran longer than 1 s"
    assert fault(hasty, code) == "Misbehaved: ran longer than 1 s"


def test_early_answer(sandbox: Sandbox) -> None:
    """An answer that comes before its question is refused."""
    with sandbox.child(EXECUTOR, {}) as child:
        send = "threading.Timer(0.05, sock.sendall, (frame(b'{\"value\": true}'),)).start()"
        child.ask({"code": f"{SOCKET}\nimport threading; {send}"})
        time.sleep(0.3)
        with pytest.raises(Misbehaved, match="answered before it was asked"):
            child.ask({"code": "result = False"})


def test_files_in_the_answer(sandbox: Sandbox) -> None:
    """Descriptors that come with an answer are not taken."""
    before = len(list(Path("/dev/fd").iterdir()))
    code = """
        body = frame(b'{"value": 1}')
        socket.send_fds(sock, [body], [1] * 20)
        time.sleep(60)
    """
    with sandbox.child(EXECUTOR, {}) as child:
        child.ask({"code": SOCKET + textwrap.dedent(code)})
        assert len(list(Path("/dev/fd").iterdir())) <= before + 2


def test_does_not_read(hasty: Sandbox) -> None:
    """A child that does not read its command runs out of time."""
    code = "import ctypes, threading\nhold = ctypes.PyDLL(None).usleep\n"
    code += "threading.Timer(0.05, lambda: [hold(900_000) for _ in range(60)]).start()"
    with hasty.child(EXECUTOR, {}) as child:
        child.ask({"code": code})
        time.sleep(0.3)
        with pytest.raises(Misbehaved, match="ran longer than 1 s"):
            child.ask({"code": "#" * 10**7})


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("result = {1, 2}", "TypeError: Object of type set is not JSON serializable"),
        ("result = float('nan')", "ValueError: Out of range float"),
        ("a = []; a.append(a); result = a", "ValueError: Circular reference detected"),
    ],
)
def test_no_json(sandbox: Sandbox, code: str, told: str) -> None:
    """A result that is no JSON is the code's exception."""
    assert fault(sandbox, code).startswith(f"Raised: {told}")


def test_hostile_exception(sandbox: Sandbox) -> None:
    """An exception that cannot be told, or tells what should not be shown, is told plainly."""
    code = "class E(Exception):\n    def __str__(self): {}\nE.__name__ = 'E\\x1b[2J'\nraise E()"
    told = fault(sandbox, code.format("raise KeyError"))
    assert told == "Raised: E\ufffd[2J: <exception str() failed>"
    told = fault(sandbox, code.format("return '\\x1b]0;hi\\x07' + 'x' * 10**6"))
    assert told.startswith("Raised: E\ufffd[2J: \ufffd]0;hi\ufffdxxx")
    assert len(told) < 5000
