"""A child that talks to the harness itself, past what answers."""

import textwrap
import time
from pathlib import Path

import pytest
from attacks import EXECUTOR, fault

from flagbench.acceptance.sandbox.sandbox import Misbehaved, Sandbox, TimedOut

SOCKET = """
import gc, os, socket, struct, time, json
sock = next(one for one in gc.get_objects() if isinstance(one, socket.socket))
def frame(body): return struct.pack("!I", len(body)) + body
"""


# What is sent, so that nothing that answers can add to it.
NO_JSON = [
    "b'{'",
    "b'\\xff'",
    """b'{"value": NaN}'""",
    """b'{"value": 1e999}'""",
    """b'{"value": "\\\\ud800"}'""",
    "b'[' * 60_000",
    "b'9' * 60_000",
]
NO_ANSWER = [
    "b'[]'",
    "b'{}'",
    """b'{"raised": 1}'""",
    """b'{"raised": {}}'""",
    """b'{"ready": {}}'""",
    """b'{"asked": 1}'""",
]


@pytest.mark.parametrize("body", NO_JSON)
def test_no_json(sandbox: Sandbox, body: str) -> None:
    """What is no JSON, or not text and numbers all the way down, is told as that."""
    code = f"{SOCKET}sock.sendall(frame({body})); time.sleep(60)"
    assert fault(sandbox, code) == "Misbehaved: answered something that is not JSON"


@pytest.mark.parametrize("body", NO_ANSWER)
def test_no_answer(sandbox: Sandbox, body: str) -> None:
    """So is JSON in another form than an answer has."""
    code = f"{SOCKET}sock.sendall(frame({body})); time.sleep(60)"
    assert fault(sandbox, code) == "Misbehaved: answered something that is not an answer"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("sock.sendall(b'garbage')", "answered with more than 64 KiB"),
        ("sock.sendall(b'\\xff' * 10**6)", "answered with more than 64 KiB"),
        ("sock.sendall(frame(b'{}') * 2)", "answered more than it was asked"),
        ("sock.shutdown(socket.SHUT_RDWR)", "closed its connection"),
        ("os.close(sock.fileno())", "closed its connection"),
    ],
)
def test_other_bytes(sandbox: Sandbox, code: str, told: str) -> None:
    """So are bytes that are no frame, or two, and a socket that is closed."""
    assert fault(sandbox, f"{SOCKET}{code}; time.sleep(60)") == f"Misbehaved: {told}"


def test_big_answer(sandbox: Sandbox) -> None:
    """An honest answer that is too large is none either."""
    told = fault(sandbox, "result = 'x' * 10**6")
    assert told == "Misbehaved: answered with more than 64 KiB"


def test_slow_answer(hasty: Sandbox) -> None:
    """A byte now and then does not make the time longer."""
    code = f"{SOCKET}\nsock.sendall(b'\\0\\0\\xff\\0')\nfor _ in range(6000): "
    code += "sock.send(b' '); time.sleep(.01)"
    assert fault(hasty, "import time; time.sleep(60)") == "TimedOut: ran longer than 1 s"
    assert fault(hasty, code) == "TimedOut: ran longer than 1 s"


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
def test_result_is_no_json(sandbox: Sandbox, code: str, told: str) -> None:
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


def test_a_child_asks_while_it_is_asked(sandbox: Sandbox) -> None:
    """What it gets is what the harness answers, in turn."""
    code = f"""{SOCKET}
def ask(value):
    body = json.dumps({{"asked": value}}).encode()
    sock.sendall(frame(body))
    (size,) = struct.unpack("!I", sock.recv(4))
    return json.loads(sock.recv(size))["answer"]
result = [ask(1), ask("two")]
"""
    with sandbox.child(EXECUTOR, {}) as child:
        assert child.ask({"code": code}, lambda asked: [asked]) == [[1], ["two"]]


def test_a_child_that_asks_without_end_is_out_of_time(hasty: Sandbox) -> None:
    """Each answer comes at once: it is the whole that takes too long."""
    code = f"""{SOCKET}
while True:
    sock.sendall(frame(b'{{"asked": 1}}'))
    sock.recv(100)
"""
    with hasty.child(EXECUTOR, {}) as child, pytest.raises(TimedOut, match="ran longer than"):
        child.ask({"code": code}, lambda _: None)
