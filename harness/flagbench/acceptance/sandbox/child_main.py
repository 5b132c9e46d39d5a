"""Main function of a child: raises its walls, writes its files, and answers commands."""

import contextlib
import importlib
import inspect
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from flagbench.acceptance.sandbox import framing

_TRACEBACK_CHARACTERS = 8_000
_MESSAGE_CHARACTERS = 4_000
_FAILED = 70  # EX_SOFTWARE
# Made in advance: it is sent when memory has run out.
_NO_MEMORY = framing.pack({"raised": {"type": "MemoryError", "message": "", "traceback": ""}})

Answer = Callable[[dict[str, Any]], Any]


class Line:
    """The line to the harness, for a command that does not return while it is answered."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def reply(self, value: Any) -> None:
        """Answer the last command."""
        framing.send(self._sock, {"value": value})

    def ask(self, value: Any) -> Any:
        """Ask the harness while a command is executed; its answer."""
        framing.send(self._sock, {"asked": value})
        return framing.receive_alone(self._sock)["answer"]

    def receive(self) -> dict[str, Any]:
        """The next command. Raises `EOFError` when there is none."""
        command: dict[str, Any] = framing.receive_alone(self._sock)
        return command


def run_child(
    sock: socket.socket,
    raise_walls: Callable[[], dict[str, str]],
    answer: str,
    work: str,
    listening: socket.socket | None,
) -> NoReturn:
    """Run the child; `answer` names the factory of the function that answers. Never returns.

    A factory may take `listening`, the socket on which the child serves, and `line`. A function
    that answers may have an attribute `passed`, a socket that goes to the harness with the first
    reply.
    The first frame holds the files. The first reply is either "ready" with the walls that could not
    be raised, or "failed" with the reason: until then no generated code has run.
    """
    try:
        _reset_process(work)
        reasons = raise_walls()
        write_files(framing.receive(sock)["files"])
        factory = resolve(answer)
        offered = {"listening": listening, "line": Line(sock)}
        wanted = inspect.signature(factory).parameters
        handler: Answer = factory(**{name: offered[name] for name in wanted})
        passed = getattr(handler, "passed", None)
        socket.send_fds(
            sock, [framing.pack({"ready": reasons})], [passed.fileno()] if passed else []
        )
    except BaseException as error:  # whatever it is, the harness must know
        with contextlib.suppress(OSError):
            framing.send(sock, {"failed": _traceback(error)})
        os._exit(_FAILED)
    with contextlib.suppress(EOFError, OSError):
        while True:
            sock.sendall(_reply(handler, framing.receive_alone(sock)))
    os._exit(0)


def write_files(files: Mapping[str, str]) -> None:
    """Write files beneath the current directory, each as it is."""
    for path, text in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8", newline="")


def resolve(path: str) -> Any:
    """Import the object at "package.module:name". Raises `ImportError` or `AttributeError`."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def environment(work: str) -> Mapping[str, str]:
    """The complete environment of a child: time zone and hashes are the same on every machine."""
    return {
        "HOME": work,
        "TMPDIR": work,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC0",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _reply(handler: Answer, command: dict[str, Any]) -> bytes:
    try:
        try:
            return framing.pack({"value": handler(command)})
        except MemoryError:
            raise
        except BaseException as error:  # generated code raises what it likes
            raised = {
                "type": type(error).__name__,
                "message": _message(error),
                "traceback": _traceback(error),
            }
            return framing.pack({"raised": raised})
        finally:
            _flush()
    except MemoryError:
        return _NO_MEMORY


def _message(error: BaseException) -> str:
    """An exception's message; if `str` of it fails, the placeholder that a traceback has."""
    lines = traceback.format_exception_only(error)
    text = "".join(lines).strip()
    return text.partition(": ")[2][:_MESSAGE_CHARACTERS]


def _traceback(error: BaseException) -> str:
    return "".join(traceback.format_exception(error, limit=-20))[-_TRACEBACK_CHARACTERS:]


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


def _reset_process(work: str) -> None:
    """Reset session, signals and environment, so that a child sees nothing of its parent's."""
    with contextlib.suppress(OSError):  # already so, where it is the first of a pid namespace
        os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment(work))
