"""The child: raises its walls, takes its files, and answers until nobody asks."""

import contextlib
import importlib
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
# Ready before it is needed: there is no memory then to make it.
_NO_MEMORY = framing.packed({"raised": {"type": "MemoryError", "message": "", "traceback": ""}})

Answer = Callable[[dict[str, Any]], Any]


def run_child(
    sock: socket.socket, raise_walls: Callable[[], dict[str, str]], answer: str, work: str
) -> NoReturn:
    """Be the child; `answer` names the factory of what answers. Never returns.

    The first frame holds the files. What is sent back first is either "ready" with the walls that
    could not be raised, or "failed" with why: until then nothing generated has run.
    """
    try:
        _be_like_new(work)
        reasons = raise_walls()
        for path, text in framing.receive(sock)["files"].items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(text, encoding="utf-8", newline="")
        answering: Answer = named(answer)()
        framing.send(sock, {"ready": reasons})
    except BaseException as error:  # whatever it is, the harness must be told
        with contextlib.suppress(OSError):
            framing.send(sock, {"failed": _traceback(error)})
        os._exit(_FAILED)
    with contextlib.suppress(EOFError, OSError):
        while True:
            sock.sendall(_reply(answering, framing.receive(sock)))
    os._exit(0)


def named(path: str) -> Any:
    """What "package.module:name" names. Raises `ImportError` or `AttributeError`."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def environment(work: str) -> Mapping[str, str]:
    """The whole environment of a child. Time zones and hashes are the same everywhere."""
    return {
        "HOME": work,
        "TMPDIR": work,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC0",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _reply(answering: Answer, command: dict[str, Any]) -> bytes:
    try:
        try:
            return framing.packed({"value": answering(command)})
        except MemoryError:
            raise
        except BaseException as error:  # generated code raises what it likes
            told = {
                "type": type(error).__name__,
                "message": _message(error),
                "traceback": _traceback(error),
            }
            return framing.packed({"raised": told})
        finally:
            _flush()
    except MemoryError:
        return _NO_MEMORY


def _message(error: BaseException) -> str:
    """An exception's message; one that cannot tell it says so, as in a traceback."""
    lines = traceback.format_exception_only(error)
    text = "".join(lines).strip()
    return text.partition(": ")[2][:_MESSAGE_CHARACTERS]


def _traceback(error: BaseException) -> str:
    return "".join(traceback.format_exception(error, limit=-20))[-_TRACEBACK_CHARACTERS:]


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


def _be_like_new(work: str) -> None:
    """Undo what a child should not see of its parent."""
    with contextlib.suppress(OSError):  # already so, where it is the first of a pid namespace
        os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment(work))
