"""Runs generated code in children of a warm parent process, behind every wall that there is."""

import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType

from flagbench.acceptance.sandbox import isolation_checks
from flagbench.acceptance.sandbox.channel import Channel
from flagbench.acceptance.sandbox.child import Child
from flagbench.acceptance.sandbox.errors import Misbehaved, Raised, SandboxFailed, TimedOut
from flagbench.acceptance.sandbox.file_validation import checked
from flagbench.acceptance.sandbox.fork_server_client import ForkServerClient
from flagbench.acceptance.sandbox.isolation import ALL, Isolation, isolation_of
from flagbench.acceptance.sandbox.limits import Limits, count_tasks
from flagbench.acceptance.sandbox.readable_paths import readable_paths_for
from flagbench.errors import Problem

__all__ = [
    "Child",
    "Isolation",
    "Limits",
    "Misbehaved",
    "Raised",
    "Sandbox",
    "SandboxFailed",
    "TimedOut",
]

_DEFAULT = Limits()


class Sandbox:
    """Owns one warm parent; to be closed. One child after the other, from one thread.

    `warm` ("package.module:function") is called once in the parent. `walls` is for tests: a machine
    that lacks the others. The walls that stand are found by trying them in a child at the start.
    Raises `SandboxFailed` when the parent cannot start.
    """

    def __init__(
        self, warm: str, *, limits: Limits = _DEFAULT, walls: frozenset[str] = ALL
    ) -> None:
        self._warm = warm
        self._limits = limits
        self._children = 0
        self._parent = self._start(walls)
        try:
            self._walls, self.isolation = self._try_walls()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def child(self, answer: str, files: Mapping[str, str]) -> Iterator[Child]:
        """A child that has these files in its directory, and answers with what `answer` makes.

        `answer` ("package.module:function") is called in the child and returns the function that
        gets each command; it runs before anything of the files does. Raises `Misbehaved` for files
        that cannot be written there, and `SandboxFailed`.
        """
        delivered = checked(files, self._limits)
        if self._parent.is_gone:
            self._parent.close()
            self._parent = self._start(self._walls)
        fallen = sorted(self._walls - self._parent.walls)
        if fallen:
            what = f"a wall of the sandbox did not rise again ({', '.join(fallen)})"
            raise SandboxFailed(Problem(what))
        with self._forked(answer, self._walls) as child:
            reasons = child.begin(delivered)
            if reasons:
                what = ", ".join(f"{wall}: {why}" for wall, why in reasons.items())
                raise SandboxFailed(Problem(f"a wall of the sandbox did not rise again ({what})"))
            yield child

    def close(self) -> None:
        """End the parent and whatever it has started."""
        self._parent.close()

    def _start(self, walls: frozenset[str]) -> ForkServerClient:
        try:
            places = readable_paths_for((self._warm, __name__))
        except ModuleNotFoundError as error:
            raise SandboxFailed(Problem(f"the sandbox cannot warm up: {error}")) from error
        return ForkServerClient(self._warm, places, self._limits, walls)

    def _try_walls(self) -> tuple[frozenset[str], Isolation]:
        """The walls that stand, and what to tell of them."""
        wanted, reasons = self._parent.walls, dict(self._parent.reasons)
        with (
            self._forked(isolation_checks.ANSWER, wanted) as child,
            tempfile.NamedTemporaryFile(prefix="flagbench-") as outside,
            socket.create_server(("127.0.0.1", 0)) as server,
        ):
            reasons |= child.begin({})
            try:
                port = server.getsockname()[1]
                walls = sorted(wanted - reasons.keys())
                held = child.ask({"walls": walls, "outside": outside.name, "port": port})
            except (Misbehaved, Raised) as error:
                what = f"the walls of the sandbox could not be tried: {error}"
                raise SandboxFailed(Problem(what)) from error
        reasons |= {
            wall: "it does not hold"
            for wall in wanted
            if wall not in reasons and not held.get(wall, True)
        }
        standing = wanted - reasons.keys()
        return standing, isolation_of(standing, reasons)

    @contextmanager
    def _forked(self, answer: str, walls: frozenset[str]) -> Iterator[Child]:
        self._children += 1
        number, parent = self._children, self._parent
        ours, theirs = socket.socketpair()
        output, print_to = os.pipe()
        line = Channel(ours, output, self._limits)
        try:
            try:
                parent.fork(number, answer, walls, count_tasks(), (theirs.fileno(), print_to))
            finally:
                theirs.close()
                os.close(print_to)
        except BaseException:
            line.close()
            raise
        child = Child(line, self._limits, lambda patient: parent.end(number, is_patient=patient))
        try:
            yield child
        finally:
            child.close()
            parent.clear(number)
