"""A trial on a worker: a process records it, and the client gets each answer as it arrives."""

import os
import queue
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from distributed import get_worker

from flagbench.atomic_file import write_whole
from flagbench.cassette import journal, scrub
from flagbench.cluster import chunk
from flagbench.cluster.channel import Abandoned, Asking
from flagbench.errors import FlagbenchError, InputError, Problem
from flagbench.run.credentials import key_for, variables_for
from flagbench.run.options import Options
from flagbench.run.pace import AskedPace
from flagbench.run.recording import Endpoint, RecordedUsage
from flagbench.run.recording_process import (
    MOST_SECONDS_TO_END,
    RecordingProcess,
    Told,
    error_of,
)
from flagbench.run.trial_process import Job

# Between two looks at the journal, and at whether the client still wants the trial.
_LOOK_SECONDS = 0.1
# How long a client that has cancelled a trial is asked to keep what was left of it.
_LAST_WORDS_SECONDS = 5.0

BEGIN, JOURNAL, WAIT, HOLD, CELL, LEFT = "begin", "journal", "wait", "hold", "cell", "left"
"""Questions of an attempt: for the files of its trial; to keep what the journal has; when it may
send a request; to let others wait after a refusal; to note a cell, and its end by an interrupt."""


@dataclass(frozen=True, slots=True)
class TrialTask:
    """A trial to record, in the project of a digest, for the client that reads a channel.

    The scenario, the folders of `path`, from which it is imported, and the cassette are named as
    in the project and in the folder of cassettes. `base_url` is "" for the embedded provider.
    """

    key: str
    channel: str
    scenario: Path
    trial: int
    cassette: str
    options: Options
    base_url: str
    fresh: bool
    path: Sequence[str]
    digest: str
    installed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The usage that a trial added, and its cassette, None if it is as it was; or its problems.

    `is_wrong_input` is true for problems that are an `InputError`, else they are a `CouldNotRun`.
    """

    usage: RecordedUsage | None = None
    cassette: bytes | None = None
    problems: Sequence[Problem] = ()
    is_wrong_input: bool = False


def missing_key(base_url: str) -> str:
    """The variable in which the key of an endpoint is expected and is not, "" where it is."""
    return "" if key_for(base_url, os.environ) else variables_for(base_url)[0]


def without_key(worker: str, variable: str) -> Problem:
    """The problem of a worker without a key."""
    return Problem(
        f"{variable} is not set on the worker",
        f"worker {worker}",
        "the key in the worker's own environment: it is never sent there",
        f"export {variable}=… before: dask worker (any text for a server without keys)",
    )


def record(task: TrialTask, packed: bytes) -> Recorded:
    """Record a trial on this worker; `packed` is the project's tar, compressed.

    Raises `RuntimeError` for a process that a signal ended: another attempt goes on from what the
    client has. All other errors are returned, since they would be the same.
    """
    worker = get_worker()
    where = f"worker {worker.address}, {task.scenario} trial {task.trial}"
    try:
        project = chunk.project_of(task.digest, task.installed, packed)
        if task.base_url and (variable := missing_key(task.base_url)):
            raise InputError(without_key(worker.address, variable))
        client = Asking(task.channel, task.key)
        try:
            with tempfile.TemporaryDirectory(dir=worker.local_directory) as folder:
                return _Attempt(task, client, Path(folder)).recorded(project)
        finally:
            client.close()
    except Abandoned:
        return Recorded(problems=(Problem("the client has no more use for it", where),))
    except FlagbenchError as error:
        is_wrong_input = isinstance(error, InputError)
        return Recorded(problems=error.problems, is_wrong_input=is_wrong_input)
    except OSError as error:
        return Recorded(problems=(Problem(str(error), where),))


class _Attempt:
    """An attempt at a trial, in a folder of its own that has the client's files of the trial."""

    def __init__(self, task: TrialTask, client: Asking, folder: Path) -> None:
        self._task, self._client, self._folder = task, client, folder
        self._cassette = folder / task.cassette
        self._kept: bytes | None
        self._journal: bytes | None
        self._state: tuple[int, ...] = ()
        self._kept, self._journal = client.ask(BEGIN, get_worker().address)
        if self._kept is not None:
            write_whole(self._cassette, self._kept)
        if self._journal is not None:
            write_whole(path := journal.path_of(self._cassette), self._journal)
            with path.open("rb") as stream:
                self._state = _state_of(stream)

    def recorded(self, project: Path) -> Recorded:
        """Record to the end. Raises `Abandoned`, `RuntimeError`, `OSError`."""
        task, told = self._task, Told()
        path = [str(project / name) for name in task.path]
        ours, theirs = socket.socketpair()
        with ours, theirs:
            number = theirs.fileno()
            process = RecordingProcess(told, folder=project, path=path, inherited=[number])
            theirs.close()  # its end is that of the process
            reader = threading.Thread(target=_read, args=(ours.makefile("r"), process, told))
            reader.start()
            try:
                process.start(self._job(number))
                return self._until_the_end(process, told, ours)
            except BaseException as error:
                process.process.send_signal(signal.SIGTERM)
                process.wait_or_kill(MOST_SECONDS_TO_END)
                if isinstance(error, Abandoned):
                    self._leave(told)
                raise
            finally:
                process.close()
                with suppress(OSError):  # closed at the other end
                    ours.shutdown(socket.SHUT_RDWR)
                reader.join()

    def _job(self, pace: int) -> Job:
        task = self._task
        key = key_for(task.base_url, os.environ)
        endpoint = Endpoint(task.base_url, key, scrub.secrets_of(os.environ, key))
        options = replace(task.options, cassettes=self._folder)
        if not task.base_url:
            return Job(task.scenario, task.trial, options, None, task.fresh, None)
        return Job(task.scenario, task.trial, options, endpoint, task.fresh, AskedPace(pace))

    def _until_the_end(
        self, process: RecordingProcess, told: Told, pace: socket.socket
    ) -> Recorded:
        while True:
            line: dict[str, Any] | None = {}
            with suppress(queue.Empty):
                _, line = told.get(timeout=_LOOK_SECONDS)
            self._send_journal(self._client.ask)
            if line is None:
                if (code := process.process.wait()) < 0:
                    raise RuntimeError(f"a process was ended by signal {-code}")
                error = process.ended(self._task.scenario, self._task.trial)
                return self._problems(error)
            if not self._client.is_wanted:
                raise Abandoned
            if WAIT in line:
                answer = f"{self._client.ask(WAIT)}\n".encode()
                with suppress(OSError):  # it has ended meanwhile, which is the next line
                    pace.sendall(answer)
            elif HOLD in line:
                self._client.ask(HOLD, line[HOLD])
            elif "cell" in line:
                self._client.ask(CELL)
            elif "usage" in line:
                return Recorded(RecordedUsage(**line["usage"]), self._new_cassette())
            elif "problems" in line:
                return self._problems(error_of(line))

    def _problems(self, error: FlagbenchError) -> Recorded:
        is_wrong_input = isinstance(error, InputError)
        return Recorded(None, self._new_cassette(), error.problems, is_wrong_input)

    def _leave(self, told: Told) -> None:
        """Say what was left when the client had no more use for the trial, if it still listens."""
        unanswered = [line["interrupted"] for line in _rest(told) if line.get("interrupted")]
        leave = partial(self._client.leave, _LAST_WORDS_SECONDS)
        with suppress(Abandoned):
            self._send_journal(leave)
            leave(LEFT, [", ".join(unanswered), self._new_cassette()])

    def _new_cassette(self) -> bytes | None:
        """The cassette, None if it is as the client has it."""
        content = self._cassette.read_bytes() if self._cassette.exists() else None
        return None if content == self._kept else content

    def _send_journal(self, send: Callable[[str, Any], Any]) -> None:
        """Send what has come to the journal; a new one goes in place of the old."""
        try:
            with journal.path_of(self._cassette).open("rb") as stream:
                state = _state_of(stream)
                if state == self._state:
                    return
                content = stream.read()
        except FileNotFoundError:  # none yet, or none any more: then the cassette has all of it
            return
        whole, known = content[: content.rfind(b"\n") + 1], self._journal or b""
        start = len(known) if whole.startswith(known) else 0
        send(JOURNAL, [start, whole[start:]])
        self._journal, self._state = whole, state


def _state_of(stream: BinaryIO) -> tuple[int, ...]:
    """Numbers that change with a file."""
    found = os.fstat(stream.fileno())
    return found.st_ino, found.st_size, found.st_mtime_ns


def _read(lines: Iterable[str], process: RecordingProcess, told: Told) -> None:
    """Put the questions about the pace among what the process tells."""
    for line in lines:
        what, _, seconds = line.partition(" ")
        told.put((process, {what.strip(): float(seconds or 0.0)}))


def _rest(told: Told) -> Iterator[dict[str, Any]]:
    while not told.empty():
        _, line = told.get()
        if line:
            yield line
