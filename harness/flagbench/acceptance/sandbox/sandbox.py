"""Sandbox: generated code runs in children of a fork server, behind every available wall."""

import itertools
import os
import socket
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from flagbench.acceptance.sandbox import isolation_checks
from flagbench.acceptance.sandbox.channel import Channel
from flagbench.acceptance.sandbox.child import Child
from flagbench.acceptance.sandbox.errors import Misbehaved, Raised, SandboxFailed, TimedOut
from flagbench.acceptance.sandbox.file_validation import validate
from flagbench.acceptance.sandbox.fork_server_client import ForkServerClient
from flagbench.acceptance.sandbox.isolation import ALL, Isolation, isolation_of
from flagbench.acceptance.sandbox.kept_child import KeptChild
from flagbench.acceptance.sandbox.limits import Limits, count_tasks
from flagbench.acceptance.sandbox.readable_paths import readable_paths_for
from flagbench.errors import Problem

__all__ = [
    "Application",
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
# The place of the child that checks the walls.
_CHECKED = 0


class Sandbox:
    """Owns fork servers, and must be closed.

    `warm` ("package.module:function") is called once in the first fork server; an application may
    have another one, which starts when it is wanted. `walls` simulates, in tests, a machine that
    lacks the others. `runs_programs`: children may start programs and read
    what those need. They may read the `further` paths, and import the packages of `names`.
    `isolation` is the tier obtained: the walls that hold when a child tries to pass them at the
    start. Raises `SandboxFailed` if a server cannot start.
    """

    def __init__(
        self, warm: str, *, limits: Limits = _DEFAULT, walls: frozenset[str] = ALL,
        runs_programs: bool = False, further: Sequence[str] = (), names: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._runs_programs = runs_programs
        self._further = further
        self._names = names
        self._warm = warm
        self._limits = limits
        self._children = itertools.count(1)
        self._applications = itertools.count(1)
        self._kept: dict[str, KeptChild] = {}
        self._servers = {warm: self._start(warm, walls)}
        try:
            self._walls, self.isolation = self._check_walls()
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
    def application(self, warm: str = "") -> Iterator["Application"]:
        """Open a directory of limited size for the children of one application.

        `warm` names their parent's function, "" for that of the sandbox.
        """
        number, server = next(self._applications), self._server_of(warm or self._warm)
        try:
            yield Application(self, server, number)
        finally:
            server.close_place(number)

    @contextmanager
    def child(self, answer: str, files: Mapping[str, str]) -> Iterator[Child]:
        """Fork the only child of an application; see `Application.child`."""
        with self.application() as application, application.child(answer, files) as child:
            yield child

    def kept(self, answer: str) -> KeptChild:
        """The kept child with this handler; see there for what it may do."""
        if answer not in self._kept:
            self._kept[answer] = KeptChild(lambda: self.child(answer, {}), self._limits)
        return self._kept[answer]

    def close(self) -> None:
        """End the fork servers and all their children."""
        for child in self._kept.values():
            child.close()
        for server in self._servers.values():
            server.close()

    @property
    def _server(self) -> ForkServerClient:
        return self._servers[self._warm]

    def _server_of(self, warm: str) -> ForkServerClient:
        """The running fork server with this parent, started where it is not running."""
        server = self._servers.get(warm)
        if server is None or server.is_gone:
            if server is not None:
                server.close()
            server = self._servers[warm] = self._start(warm, self._walls)
        lost = sorted(self._walls - server.walls)
        if lost:
            what = f"a wall of the sandbox could not be raised again ({', '.join(lost)})"
            raise SandboxFailed(Problem(what))
        return server

    def _start(self, warm: str, walls: frozenset[str]) -> ForkServerClient:
        try:
            paths = readable_paths_for(
                (warm, __name__, *self._names),
                self._further,
                runs_programs=self._runs_programs,
            )
        except ModuleNotFoundError as error:
            raise SandboxFailed(Problem(f"the sandbox cannot warm up: {error}")) from error
        return ForkServerClient(warm, paths, self._limits, walls, runs_programs=self._runs_programs)

    def _check_walls(self) -> tuple[frozenset[str], Isolation]:
        """Check the walls in a child; return those that stand, and the tier that they make."""
        wanted, reasons = self._server.walls, dict(self._server.reasons)
        with (
            self._fork(self._server, isolation_checks.ANSWER, wanted, _CHECKED) as child,
            tempfile.NamedTemporaryFile(prefix="flagbench-") as outside,
            socket.create_server(("127.0.0.1", 0)) as server,
        ):
            reasons |= child.begin({})
            try:
                port = server.getsockname()[1]
                walls = sorted(wanted - reasons.keys())
                holds = child.ask({
                    "walls": walls, "outside": outside.name, "port": port,
                    "runs_programs": self._runs_programs,
                })  # fmt: skip
            except (Misbehaved, Raised) as error:
                what = f"the walls of the sandbox could not be checked: {error}"
                raise SandboxFailed(Problem(what)) from error
        self._server.close_place(_CHECKED)
        reasons |= {
            wall: "it does not hold"
            for wall in wanted
            if wall not in reasons and not holds.get(wall, True)
        }
        standing = wanted - reasons.keys()
        return standing, isolation_of(standing, reasons)

    @contextmanager
    def _fork(
        self, server: ForkServerClient, answer: str, walls: frozenset[str], place: int,
        *, serves: bool = False,
    ) -> Iterator[Child]:  # fmt: skip
        number = next(self._children)
        path = server.socket_path(number)
        listening = server.listen(number) if serves else None
        ours, theirs = socket.socketpair()
        output, print_to = os.pipe()
        channel = Channel(ours, output, self._limits)
        try:
            try:
                files = [theirs.fileno(), print_to]
                if listening is not None:
                    files.append(listening.fileno())
                server.fork(number, place, answer, walls, count_tasks(), files)
            finally:
                theirs.close()
                if listening is not None:
                    listening.close()
                os.close(print_to)
        except BaseException:
            channel.close()
            raise
        child = Child(
            channel,
            self._limits,
            lambda is_patient: server.end(number, is_patient=is_patient),
            path,
        )
        try:
            yield child
        finally:
            child.close()
            if serves:
                Path(path).unlink(missing_ok=True)


class Application:
    """The directory of one application, and its children: one after the other, and together."""

    def __init__(self, sandbox: Sandbox, server: ForkServerClient, number: int) -> None:
        self._sandbox = sandbox
        self._server = server
        self._number = number

    @contextmanager
    def child(
        self, answer: str, files: Mapping[str, str], *, serves: bool = False
    ) -> Iterator[Child]:
        """Fork a child that writes these files and has the command handler of `answer`.

        `answer` ("package.module:function") is called in the child, before any code of the files,
        and returns the function that gets each command. Raises `Misbehaved` for files that cannot
        be written there, and `SandboxFailed`.
        """
        sandbox = self._sandbox
        delivered = validate(files, sandbox._limits)
        with sandbox._fork(
            self._server, answer, sandbox._walls, self._number, serves=serves
        ) as child:
            reasons = child.begin(delivered)
            if reasons:
                what = ", ".join(f"{wall}: {why}" for wall, why in reasons.items())
                raise SandboxFailed(
                    Problem(f"a wall of the sandbox could not be raised again ({what})")
                )
            yield child

    def tidy(self, kept: Iterable[str]) -> None:
        """Remove all files but the `kept` ones at the top. No other child may be writing.

        Raises `SandboxFailed`.
        """
        self._server.tidy(self._number, kept)
