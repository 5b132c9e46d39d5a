"""One run of a command: a process behind its walls, its input, and the ends of what it prints."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flagbench.errors import CouldNotRun, Problem
from flagbench.printable import printable
from flagbench.run.command import launcher, processes
from flagbench.run.command.python_start.flagbench_clock import VARIABLE as CLOCK_VARIABLE
from flagbench.run.command.sleeps import ALARMS, Sleeps

_TAIL_BYTES = 4096
_TAIL_LINES = 12
_LAST_OUTPUT_SECONDS = 1.0
MOST_OUTPUT_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Walls:
    """The walls of a command: `limits_writing` to its cell, `holds_sleeps` on its clock."""

    limits_writing: bool
    holds_sleeps: bool


class Child:
    """A running command. `ended` has its exit code; a limit that it breaks is its exception."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        root: Path,
        workdir: Path,
        environment: Mapping[str, str],
        stdin: str | None,
        walls: Walls,
        clock: Path,
        on_started: Callable[[], None],
        on_alarm: Callable[[], None],
    ) -> None:
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[int] = loop.create_future()
        self._sleeps = Sleeps() if walls.holds_sleeps else None
        if self._sleeps is None:
            on_started()
        else:
            self._sleeps.on_started, self._sleeps.on_alarm = on_started, on_alarm
        self._tails = {"stdout": bytearray(), "stderr": bytearray()}
        self._printed = 0
        self._pipes: list[asyncio.ReadTransport] = []
        foreign = processes.all_now()
        try:
            self._process = _start(
                words, root, workdir, environment, stdin, walls, self._sleeps, clock
            )
        except BaseException:
            if self._sleeps is not None:
                self._sleeps.close()
            raise
        self.processes = processes.Processes(self._process.pid, foreign)
        self._waiter = threading.Thread(target=self._wait, args=(loop,), daemon=True)
        self._waiter.start()

    @property
    def slept_seconds(self) -> float:
        """The sum of its sleeps on the clock."""
        return self._sleeps.seconds if self._sleeps is not None else 0.0

    def drop_ended_sleeps(self) -> bool:
        """Forget the sleeps of threads that have ended. True if there were any."""
        return self._sleeps is not None and self._sleeps.drop_ended()

    async def read_output(self) -> None:
        """Begin to read what it prints."""
        for name, pipe in (("stdout", self._process.stdout), ("stderr", self._process.stderr)):
            loop = asyncio.get_running_loop()
            reader = _Tail(self, self._tails[name])
            opened, _ = await loop.connect_read_pipe(lambda reader=reader: reader, pipe)  # type: ignore[misc]
            self._pipes.append(opened)

    def tail(self, name: str) -> list[str]:
        """The last lines of `stdout` or `stderr`."""
        text = printable(self._tails[name].decode("utf-8", "replace")).replace("\r", "\n")
        return [line for line in text.split("\n") if line.strip()][-_TAIL_LINES:]

    def print_more(self, tail: bytearray, data: bytes) -> None:
        """Keep the end of what was printed."""
        tail += data[-_TAIL_BYTES:]
        del tail[:-_TAIL_BYTES]
        self._printed += len(data)
        if self._printed > MOST_OUTPUT_BYTES and not self.ended.done():
            what = f"the command printed more than {MOST_OUTPUT_BYTES / 2**20:g} MiB"
            self.ended.set_exception(CouldNotRun(Problem(what, expected="less output")))

    async def end(self) -> list[str]:
        """Kill what is left of it; returns the command lines of processes that it left behind."""
        left = self.processes.end(has_ended=self.ended.done() and not self.ended.exception())
        self._waiter.join()
        if self._sleeps is not None:
            self._sleeps.close()
        await self._close_output()
        return left

    async def _close_output(self) -> None:
        """Read the rest; a process that could not be seen may hold the pipes open for ever."""
        deadline = time.perf_counter() + _LAST_OUTPUT_SECONDS
        while any(not pipe.is_closing() for pipe in self._pipes):
            await asyncio.sleep(0)
            if time.perf_counter() > deadline:
                for pipe in self._pipes:
                    pipe.close()
        await asyncio.sleep(0)

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        code = self._process.wait()

        def end() -> None:
            if not self.ended.done():
                self.ended.set_result(code)

        if not loop.is_closed():
            loop.call_soon_threadsafe(end)


class _Tail(asyncio.Protocol):
    """A pipe that a command prints to."""

    def __init__(self, child: Child, tail: bytearray) -> None:
        self._child = child
        self._tail = tail

    def data_received(self, data: bytes) -> None:
        """Keep its end."""
        self._child.print_more(self._tail, data)


def _start(
    words: Sequence[str],
    root: Path,
    workdir: Path,
    environment: Mapping[str, str],
    stdin: str | None,
    walls: Walls,
    sleeps: Sleeps | None,
    clock: Path,
) -> "subprocess.Popen[bytes]":
    """Start the launcher, which becomes the command."""
    given = {
        "words": list(words),
        "path": str(_site_packages()),
        "socket": None if sleeps is None else sleeps.theirs.fileno(),
        "alarms": ALARMS,
        "clock": {CLOCK_VARIABLE: str(clock)},
        "work": str(root) if walls.limits_writing else None,
    }
    start = [sys.executable, "-I", "-S", launcher.__file__, json.dumps(given)]
    source = root / "stdin"
    source.write_text(stdin or "", encoding="utf-8")
    with source.open("rb") as input_:
        try:
            return subprocess.Popen(  # noqa: S603  the scenario's command, without a shell
                start,
                stdin=input_,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=workdir,
                env=dict(environment),
                start_new_session=True,
                pass_fds=() if sleeps is None else (sleeps.theirs.fileno(),),
            )
        except OSError as error:
            what = f"the command cannot be started: {error.strerror}"
            expected = "arguments and an environment that the system takes; longer input by a file"
            raise CouldNotRun(Problem(what, where=words[0], expected=expected)) from error


def _site_packages() -> Path:
    """The folder of the libraries that raise the walls."""
    import seccompy  # noqa: PLC0415  installed on Linux alone

    return Path(seccompy.__file__).parent.parent


def walls() -> Walls:
    """The walls of this machine."""
    from flagbench.run.command import sleeps  # noqa: PLC0415

    return Walls(_can_limit_writing(), sleeps.can_be_held())


def _can_limit_writing() -> bool:
    if sys.platform != "linux":
        return False
    try:
        import landlockpy  # noqa: PLC0415  installed on Linux alone

        return landlockpy.supported()
    except (ImportError, OSError):
        return False
