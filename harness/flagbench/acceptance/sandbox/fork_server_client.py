"""Client of the fork server: starts its processes and sends requests."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any

from flagbench.acceptance.sandbox import child_main, framing
from flagbench.acceptance.sandbox.cleanup import remove_tree
from flagbench.acceptance.sandbox.errors import SandboxFailed
from flagbench.acceptance.sandbox.limits import Limits
from flagbench.acceptance.sandbox.readable_paths import ReadablePaths
from flagbench.acceptance.sandbox.root_filesystem import WORK
from flagbench.errors import Problem

# Imports take 2 to 5 seconds, and a busy machine several times as long.
_START_SECONDS = 180.0
# A fork takes milliseconds.
_REPLY_SECONDS = 60.0
_EXIT_SECONDS = 5.0
_MESSAGE_BYTES = 4096
_MOST_PATH_BYTES = 64

_BOOT = """\
import json, sys
sys.path[:] = json.loads(sys.argv[3])
from flagbench.acceptance.sandbox.supervisor import main
main(int(sys.argv[1]), int(sys.argv[2]))
"""
# Threads that libraries start on import would be missing in a forked child, and each arena of the
# C library and of Arrow's allocators maps up to a gigabyte that stays unused.
_FEW_THREADS = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


@dataclass(frozen=True, slots=True)
class ChildExit:
    """A child's end: exit code (negative for a signal) and CPU seconds.

    `was_alive` says that it had not ended by itself.
    """

    exit_code: int
    cpu_seconds: float
    was_alive: bool


class ForkServerClient:
    """Starts the processes and sends them requests. Raises `SandboxFailed` when they fail.

    `walls` are the available namespaces and the other wanted walls; `reasons` maps a missing wall
    to the reason; `threads` is the number of threads left by the warm-up.
    """

    def __init__(
        self, warm: str, paths: ReadablePaths, limits: Limits, walls: Iterable[str],
        *, runs_programs: bool = False,
    ) -> None:  # fmt: skip
        self.is_gone = False
        self._requests = 0
        self._lock = threading.Lock()
        # The path of a Unix socket has at most 103 bytes (macOS), and a temporary directory may be
        # deep.
        is_deep = len(os.fsencode(tempfile.gettempdir())) > _MOST_PATH_BYTES
        parent = "/tmp" if is_deep else None  # noqa: S108  mkdtemp makes a private directory
        self._folder = tempfile.mkdtemp(prefix="flagbench-sandbox-", dir=parent)
        self._messages: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed with the rest
        self._process: subprocess.Popen[bytes] | None = None
        self._control, control = socket.socketpair()
        self._life, life = socket.socketpair()
        config = {
            "warm": warm,
            "readable": dict(paths.readable),
            "walls": sorted(walls),
            "limits": asdict(limits),
            "folder": self._folder,
            "runs_programs": runs_programs,
        }
        try:
            with control, life:
                self._process = self._start(control, life, paths.path)
            self._control.settimeout(_START_SECONDS)
            ready = self._exchange(framing.pack(config))["ready"]
        except BaseException:
            self.close()
            raise
        self._control.settimeout(_REPLY_SECONDS)
        self.walls: frozenset[str] = frozenset(ready["walls"])
        self.reasons: dict[str, str] = ready["reasons"]
        self.threads: int = ready["threads"]

    def fork(
        self, child: int, place: int, answer: str, walls: Iterable[str], tasks: int,
        files: Sequence[int],
    ) -> None:  # fmt: skip
        """Fork a child in a place, which is made unless it exists.

        `files`: its ends of a socket and of the output pipe, and a listening socket if it serves.
        """
        self._request({
            "do": "fork", "child": child, "place": place, "answer": answer, "walls": sorted(walls),
            "tasks": tasks,
        }, files)  # fmt: skip

    def end(self, child: int, *, is_patient: bool) -> ChildExit:
        """End a child, immediately or after a grace period of a second."""
        reply = self._request({"do": "end", "child": child, "is_patient": is_patient})
        return ChildExit(reply["exit_code"], reply["cpu_seconds"], reply["was_alive"])

    def tidy(self, place: int, kept: Iterable[str]) -> None:
        """Remove everything from a place but the `kept` files at its top."""
        self._request({"do": "tidy", "place": place, "kept": sorted(kept)})

    def close_place(self, place: int) -> None:
        """Remove a place; that of an ended server is gone."""
        if not self.is_gone:
            self._request({"do": "close", "place": place})

    def socket_path(self, child: int) -> str:
        """Path of the socket on which a child serves."""
        return f"{self._folder}/{child}.sock"

    def listen(self, child: int) -> socket.socket:
        """A socket that listens there, for the child."""
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listening.bind(self.socket_path(child))
            listening.listen()
        except BaseException:
            listening.close()
            raise
        return listening

    def close(self) -> None:
        """End all processes and wait for them."""
        self.is_gone = True
        self._control.close()
        self._life.close()
        if self._process is not None:
            try:
                self._process.wait(_EXIT_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._messages.close()
        remove_tree(self._folder)

    def _start(
        self, control: socket.socket, life: socket.socket, path: Sequence[str]
    ) -> subprocess.Popen[bytes]:
        files = (control.fileno(), life.fileno())
        # No site or user packages, and no environment variables.
        command = [sys.executable, "-s", "-S", "-P", "-u", "-c", _BOOT]
        return subprocess.Popen(  # noqa: S603  this interpreter, and nothing that a user wrote
            [*command, *map(str, files), json.dumps(path)],
            env={**child_main.environment(WORK), **_FEW_THREADS},
            pass_fds=files,
            stdin=subprocess.DEVNULL,
            stdout=self._messages,
            stderr=self._messages,
            cwd="/",
            start_new_session=True,
        )

    def _request(self, request: dict[str, Any], files: Sequence[int] = ()) -> dict[str, Any]:
        with self._lock:
            self._requests += 1
            frame = framing.pack({**request, "of": self._requests})
            reply = self._exchange(frame, files)
            # The reply to an interrupted request comes first.
            while reply.get("of") != self._requests:
                reply = self._exchange(b"")
            return reply

    def _exchange(self, frame: bytes, files: Sequence[int] = ()) -> dict[str, Any]:
        if self.is_gone:
            raise SandboxFailed(Problem("the sandbox was closed"))
        try:
            if frame:
                sent = socket.send_fds(self._control, [frame], files)
                self._control.sendall(frame[sent:])
            reply: dict[str, Any] = framing.receive(self._control)
        except (OSError, EOFError, ValueError) as error:
            self.is_gone = True
            why = self._last_messages() or f"{type(error).__name__} {error}".strip()
            raise SandboxFailed(Problem(f"the sandbox's fork server ended: {why}")) from error
        if "failed" in reply and reply.get("of") in (None, self._requests):
            raise SandboxFailed(Problem(f"the sandbox could not do its work: {reply['failed']}"))
        return reply

    def _last_messages(self) -> str:
        with contextlib.suppress(OSError, ValueError):
            self._messages.seek(0)
            return self._messages.read()[-_MESSAGE_BYTES:].decode("utf-8", "replace").strip()
        return ""
