"""A command as the subject of a cell: its runs, one after the other, and what they leave."""

import asyncio
import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flagbench import headers
from flagbench.errors import CouldNotRun, Problem
from flagbench.http_library import httpx
from flagbench.run.command import child as children
from flagbench.run.command import processes, surroundings
from flagbench.run.command.child import Child
from flagbench.run.command.clock import HeldLoop
from flagbench.run.command.server import VERSION, Proxy
from flagbench.run.command.shared_clock import shared_in
from flagbench.run.subject_call import Files
from flagbench.run.time_labels import EVENTS, SCALED
from flagbench.run.workdir import Workdir
from flagbench.scenario.command import Command
from flagbench.subject import Artifact

EXIT_EVENT = "command_exit"


@dataclass(frozen=True, slots=True)
class CommandEvent:
    """An event of a run of the command; texts that differ in every run are in lists."""

    name: str
    request_id: str
    fields: Mapping[str, Any]


@dataclass(slots=True)
class CommandRun:
    """The outcome of the runs of a command in a cell.

    `own_seconds` are the real ones without a pending call: starts, own work, timers of its own.
    """

    time: str
    artifacts: list[Artifact] = field(default_factory=list)
    rates: dict[str, tuple[int, int]] = field(default_factory=dict)
    own_seconds: float = 0.0


class Program:
    """Runs of a command in one cell, its calls answered by a transport."""

    def __init__(
        self,
        command: Command,
        transport: httpx.AsyncBaseTransport,
        base_url: str,
        folder: Workdir,
        offered: Mapping[str, Any],
    ) -> None:
        """`offered` is what a function would be offered: requests, flags, model, listener."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, HeldLoop)  # noqa: S101  the cell chose it
        self._loop = loop
        self._command = command
        self._folder = folder
        self._transport = transport
        self._requests: Sequence[str] = offered["requests"]
        self._flags: Mapping[str, str] = offered["flags"]
        self._model: str = offered["model"]
        self._listener: Callable[[Any], None] = offered["listener"]
        self._proxy = Proxy(self._answer, base_url, self._fail)
        self._proxy.on_change = self._note_pending
        self._failure: asyncio.Future[int] = loop.create_future()
        self._request_id = ""
        self._clock = _OwnTime()
        self._clock_file = folder.path.parent / "clock"

    async def run(self) -> CommandRun:
        """Run the command, once for each request if it takes one. Raises `CouldNotRun`."""
        made = CommandRun(EVENTS)
        if self._command.files is not None:
            shutil.copytree(
                self._command.files, self._folder.path, symlinks=True, dirs_exist_ok=True
            )
        await self._proxy.start()
        try:
            with processes.adopting_orphans(), shared_in(self._clock_file) as show:
                self._loop.on_advance = show
                for number, request in self._rounds():
                    self._request_id = number
                    before = _contents(self._folder.path)
                    await self._run_once(request)
                    made.artifacts += self._artifacts(number, before)
        finally:
            self._loop.on_advance = lambda _: None
            self._failure.cancel()
            await self._proxy.close()
        made.own_seconds = self._clock.seconds
        if self._loop.is_scaled or self._loop.has_own_timers:
            made.time = SCALED
        return made

    def _rounds(self) -> list[tuple[str, str]]:
        """Request ids with the request of each run, "" for all."""
        if self._command.is_run_for_each_request:
            return [(str(number), text) for number, text in enumerate(self._requests, start=1)]
        return [("1" if len(self._requests) == 1 else "", "")]

    async def _run_once(self, request: str) -> None:
        running = self._started(request)
        try:
            await running.read_output()
            code = await self._until_end(running)
        finally:
            self._clock.end()
            pending = len(self._proxy.pending)
            # No time passes meanwhile: what has ended is not at rest.
            left = await running.end()
            self._loop.processes = None
        self._report(running, code, pending, left)

    def _started(self, request: str) -> Child:
        """The command, started with its placeholders filled."""
        command, root = self._command, self._folder.path.parent
        listed = root / "requests.json"
        listed.write_text(json.dumps(list(self._requests), ensure_ascii=False), encoding="utf-8")
        values = {
            "request": request,
            "requests": list(self._requests),
            "requests_file": str(listed),
            "workdir": str(self._folder.path),
            "project": str(command.project),
            "model": self._model,
            "base_url": self._proxy.address + VERSION,
        }
        levels = {name: self._flags[variable] for name, variable in command.variables.items()}
        words = command.filled_words(values, levels)
        try:
            words[0] = command.program(words[0])
        except ValueError as error:
            expected = "a program in PATH, or a path relative to the project"
            raise CouldNotRun(
                Problem(f"the command cannot be started: {error}", expected=expected)
            ) from error
        declared = {
            name: command.filled(text, values, levels) for name, text in command.env.items()
        }
        return Child(
            words,
            root=root,
            workdir=self._folder.path,
            environment=surroundings.of_command(
                self._proxy.address, root, {**self._flags, **declared}
            ),
            stdin=None if command.stdin is None else command.filled(command.stdin, values, levels),
            walls=children.walls(),
            clock=self._clock_file,
            on_started=self._clock.begin,
            on_alarm=self._note_alarm,
        )

    async def _until_end(self, running: Child) -> int:
        """Wait until the command has ended, or something that ends the cell has happened."""
        loop, limit = self._loop, self._command.timeout_seconds
        loop.processes, loop.limit_seconds = running.processes, limit
        loop.at_rest = lambda: running.drop_ended_sleeps() or self._proxy.drop_abandoned()
        loop.on_stuck = self._fail_stuck
        loop.note_sign()
        ended: asyncio.Future[int] = running.ended
        await asyncio.wait({ended, self._failure}, return_when=asyncio.FIRST_COMPLETED)
        if self._failure.done():
            return self._failure.result()
        return ended.result()

    def _report(self, running: Child, code: int, pending: int, left: Sequence[str]) -> None:
        """Report the end as an event. Raises `CouldNotRun` for a bad one."""
        out, err = running.tail("stdout"), running.tail("stderr")
        fields = {"exit_code": code, "stdout": out, "stderr": err}
        if running.slept_seconds:
            fields["slept_seconds"] = round(running.slept_seconds, 2)
        self._listener(CommandEvent(EXIT_EVENT, self._request_id, fields))
        last = "".join(f"\n      {line}" for line in err or out)
        if code not in self._command.exit_codes:
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            raise CouldNotRun(
                Problem(
                    f"the command ended with {how}{last or ' and printed nothing'}",
                    where=self._where,
                    expected=f"exit code {', '.join(map(str, self._command.exit_codes))}",
                )
            )
        if pending:
            what = f"the command ended while {pending} calls were pending"
            raise CouldNotRun(Problem(what, self._where, expected="every answer awaited"))
        if left:
            what = f"the command left processes behind, which were killed: {'; '.join(left)}"
            expected = "a command that ends its processes, or waits for them"
            raise CouldNotRun(Problem(what, self._where, expected=expected))

    @property
    def _where(self) -> str:
        return str(self._command)

    def _artifacts(self, number: str, before: Mapping[Path, bytes]) -> list[Artifact]:
        """The files that a run has written or changed."""
        files = Files(self._folder.path, number)
        root = self._folder.path
        if self._command.artifacts:
            paths = sorted({
                path for pattern in self._command.artifacts
                for path in root.glob(pattern) if path.is_file()
            })  # fmt: skip
            chosen = [files.read(path) for path in paths]
        else:
            chosen = list(files.all())
        return [
            made for made in chosen
            if before.get(root / made.path) != (root / made.path).read_bytes()
        ]  # fmt: skip

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self._loop.note_sign()
        request.headers.setdefault(headers.REQUEST_ID, self._request_id)
        try:
            return await self._transport.handle_async_request(request)
        finally:
            self._loop.note_sign()

    def _note_alarm(self) -> None:
        self._loop.has_own_timers = True

    def _note_pending(self) -> None:
        self._clock.note(is_pending=bool(self._proxy.pending))

    def _fail(self, error: BaseException) -> None:
        if not self._failure.done() and not isinstance(error, KeyboardInterrupt):
            self._failure.set_exception(error)

    def _fail_stuck(self, seconds: float) -> None:
        waiting = len(self._proxy.pending)
        state = "did not come to rest" if waiting else "made no call and did not end"
        self._fail(
            CouldNotRun(
                Problem(
                    f"the command is stuck: it {state} for {seconds:g} real seconds",
                    where=self._where,
                    expected="a command that ends, or a greater timeout_seconds",
                )
            )
        )


class _OwnTime:
    """Real seconds while a command runs and no call of it is pending."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._since: float | None = None
        self._is_running = False

    def begin(self) -> None:
        """The command starts."""
        self._is_running = True
        self._since = time.perf_counter()

    def note(self, *, is_pending: bool) -> None:
        """Calls are pending from now on, or none is."""
        now = time.perf_counter()
        if self._since is not None:
            self.seconds += now - self._since
        self._since = None if is_pending or not self._is_running else now

    def end(self) -> None:
        """The command has ended."""
        self._is_running = False
        self.note(is_pending=True)


def _contents(folder: Path) -> dict[Path, bytes]:
    """The files of a folder with their content; empty before the first run."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
