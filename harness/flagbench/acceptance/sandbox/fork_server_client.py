"""The harness's end of the warm parent."""

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
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
_LEAVING_SECONDS = 5.0
_MESSAGE_BYTES = 4096

_BOOT = """\
import json, sys
sys.path[:] = json.loads(sys.argv[3])
from flagbench.acceptance.sandbox.supervisor import main
main(int(sys.argv[1]), int(sys.argv[2]))
"""
# Threads that libraries start on import would be missing in a forked child, and each arena of the
# C library and of Arrow's allocators maps up to a gigabyte that nobody uses.
_CALM = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


@dataclass(frozen=True, slots=True)
class ChildExit:
    """How a child ended: exit code (negative for a signal), CPU seconds, and whether by us."""

    exit_code: int
    cpu_seconds: float
    was_alive: bool


class ForkServerClient:
    """Starts the processes, and asks them. Raises `SandboxFailed` when they cannot do it.

    `walls` are the namespaces that it found and the other walls wanted, `reasons` tell why a
    namespace is missing, `threads` are those that warming left running.
    """

    def __init__(
        self, warm: str, places: ReadablePaths, limits: Limits, walls: Iterable[str]
    ) -> None:
        self.is_gone = False
        self._asked = 0
        self._folder = tempfile.mkdtemp(prefix="flagbench-sandbox-")
        self._messages: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed with the rest
        self._process: subprocess.Popen[bytes] | None = None
        self._control, control = socket.socketpair()
        self._life, life = socket.socketpair()
        order = {
            "warm": warm,
            "readable": dict(places.readable),
            "walls": sorted(walls),
            "limits": asdict(limits),
            "folder": self._folder,
        }
        try:
            with control, life:
                self._process = self._start(control, life, places.path)
            self._control.settimeout(_START_SECONDS)
            ready = self._exchange(framing.packed(order))["ready"]
        except BaseException:
            self.close()
            raise
        self._control.settimeout(_REPLY_SECONDS)
        self.walls: frozenset[str] = frozenset(ready["walls"])
        self.reasons: dict[str, str] = ready["reasons"]
        self.threads: int = ready["threads"]

    def fork(
        self, child: int, answer: str, walls: Iterable[str], tasks: int, files: Sequence[int]
    ) -> None:
        """Fork a child, which gets its end of a socket and of the output pipe."""
        self._ask({
            "do": "fork", "child": child, "answer": answer, "walls": sorted(walls), "tasks": tasks,
        }, files)  # fmt: skip

    def end(self, child: int, *, is_patient: bool) -> ChildExit:
        """End a child, at once or after it had a second for it."""
        told = self._ask({"do": "end", "child": child, "is_patient": is_patient})
        return ChildExit(told["exit_code"], told["cpu_seconds"], told["was_alive"])

    def clear(self, child: int) -> None:
        """Remove what a child has left, if it had no file system of its own."""
        if "mount" not in self.walls:
            remove_tree(f"{self._folder}/{child}")

    def close(self) -> None:
        """End all processes, and wait for it."""
        self.is_gone = True
        self._control.close()
        self._life.close()
        if self._process is not None:
            try:
                self._process.wait(_LEAVING_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._messages.close()
        remove_tree(self._folder)

    def _start(
        self, control: socket.socket, life: socket.socket, path: Sequence[str]
    ) -> subprocess.Popen[bytes]:
        files = (control.fileno(), life.fileno())
        # Without the user's and the site's additions to Python, and nothing from the environment.
        command = [sys.executable, "-s", "-S", "-P", "-u", "-c", _BOOT]
        return subprocess.Popen(  # noqa: S603  this interpreter, and nothing that a user wrote
            [*command, *map(str, files), json.dumps(path)],
            env={**child_main.environment(WORK), **_CALM},
            pass_fds=files,
            stdin=subprocess.DEVNULL,
            stdout=self._messages,
            stderr=self._messages,
            cwd="/",
            start_new_session=True,
        )

    def _ask(self, request: dict[str, Any], files: Sequence[int] = ()) -> dict[str, Any]:
        self._asked += 1
        frame = framing.packed({**request, "of": self._asked})
        told = self._exchange(frame, files)
        # An answer that an interrupted question did not wait for comes first.
        while told.get("of") != self._asked:
            told = self._exchange(b"")
        return told

    def _exchange(self, frame: bytes, files: Sequence[int] = ()) -> dict[str, Any]:
        if self.is_gone:
            raise SandboxFailed(Problem("the sandbox was closed"))
        try:
            if frame:
                sent = socket.send_fds(self._control, [frame], files)
                self._control.sendall(frame[sent:])
            told: dict[str, Any] = framing.receive(self._control)
        except (OSError, EOFError, ValueError) as error:
            self.is_gone = True
            why = self._last_words() or f"{type(error).__name__} {error}".strip()
            raise SandboxFailed(Problem(f"the sandbox's parent process ended: {why}")) from error
        if "failed" in told and told.get("of") in (None, self._asked):
            raise SandboxFailed(Problem(f"the sandbox could not do its work: {told['failed']}"))
        return told

    def _last_words(self) -> str:
        with contextlib.suppress(OSError, ValueError):
            self._messages.seek(0)
            return self._messages.read()[-_MESSAGE_BYTES:].decode("utf-8", "replace").strip()
        return ""
