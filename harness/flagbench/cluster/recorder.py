"""The recorder of trials on a cluster: what workers record and ask is kept and answered here."""

import queue
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distributed import Future

from flagbench.cassette import file, journal, lock, store
from flagbench.cluster import environment, project_tar, trial
from flagbench.cluster.channel import Answering, Asked
from flagbench.cluster.engine import RETRIES, Engine
from flagbench.cluster.trial import Recorded, TrialTask
from flagbench.errors import CouldNotRun, FlagbenchError, InputError
from flagbench.run import interrupts, recording
from flagbench.run.interrupts import Interrupted
from flagbench.run.options import Options
from flagbench.run.pace import Pace
from flagbench.run.recording import RecordedUsage
from flagbench.run.recording_process import MOST_SECONDS_TO_END
from flagbench.run.trial_recorders import Trial

_WORK = "recording"


@dataclass(frozen=True, slots=True)
class Sent:
    """A project as workers get it: its tar, and its folders from which subjects are imported.

    `scenarios` are the scenario files as they are called in the project, by their paths here.
    """

    packed: bytes
    path: Sequence[str]
    scenarios: Mapping[Path, Path]


@dataclass(slots=True)
class _Running:
    """A trial whose lock is held here, and the worker that it is on.

    `attempt` is the latest at its task, "" before the first.
    """

    started: Trial
    cassette: Path
    lock: ExitStack
    worker: str
    future: "Future[Recorded]"
    attempt: str = ""
    has_answers: bool = False
    cells: int = 0
    shown_cells: int = 0


@dataclass(frozen=True, slots=True)
class OnWorkers:
    """Records as many trials at a time as the workers have threads, and no more than `most`.

    The cassettes, the journals and their locks are here, and so are the times of the `pace`: a
    worker asks before each request. `base_url` is "" for the embedded provider.
    """

    engine: Engine
    sent: Sent
    options: Options
    base_url: str
    most: float
    fresh: bool
    pace: Pace | None

    @property
    def count(self) -> int:
        """The number of trials that are recorded at the same time; workers may come and go."""
        return self.of(self.threads())

    def threads(self) -> Mapping[str, int]:
        """The number of threads of each worker. Raises `CouldNotRun` without a scheduler."""
        try:
            return self.engine.threads
        except (OSError, CancelledError) as error:
            raise self.engine.gone(_WORK) from error

    def of(self, threads: Mapping[str, int]) -> int:
        """The same with so many threads of each worker; one trial waits where there is none."""
        return int(min(max(sum(threads.values()), 1), self.most))

    def __call__(
        self,
        take: Callable[[], Trial | None],
        done: Callable[[Trial, RecordedUsage], None],
        on_cell: Callable[[Trial], None],
    ) -> None:
        """Record the trials that `take` returns; a signal ends all, with the grace of a process."""
        told = queue.Queue[Asked | _Ended | None]()
        try:
            answering = Answering(self.engine.client, told)
        except (OSError, CancelledError) as error:
            raise self.engine.gone(_WORK) from error
        try:
            _Session(self, told, answering, take, done, on_cell).run()
        finally:
            answering.close()


class _Session:
    """The trials of one recording, from the first that is taken to the last that has ended."""

    def __init__(
        self,
        of: OnWorkers,
        told: "queue.Queue[Asked | _Ended | None]",
        answering: Answering,
        take: Callable[[], Trial | None],
        done: Callable[[Trial, RecordedUsage], None],
        on_cell: Callable[[Trial], None],
    ) -> None:
        self._of, self._told, self._answering = of, told, answering
        self._take, self._done, self._on_cell = take, done, on_cell
        self._project = of.engine.project(of.sent.packed)
        self._digest = project_tar.digest_of(of.sent.packed)
        self._running = dict[str, _Running]()
        self._errors = list[FlagbenchError]()

    def run(self) -> None:
        """Record. Raises the first error, once the trials that run have ended."""
        try:
            self._fill()
            while self._running:
                self._handle(self._told.get())
        except KeyboardInterrupt as interrupt:
            raise self._interrupted(interrupt) from None
        finally:
            with ExitStack() as all_of_them:
                for key in list(self._running):
                    all_of_them.callback(self._end, key)
        if self._errors:
            raise self._errors[0]

    def _fill(self) -> None:
        """Start as many trials as there is room for."""
        threads = self._of.threads()
        while not self._errors and len(self._running) < self._of.of(threads):
            if (started := self._take()) is None:
                return
            try:
                self._start(started, threads)
            except FlagbenchError as error:  # another recorder, or a folder that is not writable
                self._errors.append(error)

    def _start(self, started: Trial, threads: Mapping[str, int]) -> None:
        of, (scenario, number) = self._of, started
        # The scheduler would give two to the worker that has the project, and none to an idle one.
        busy = Counter(each.worker for each in self._running.values())
        worker = max(threads, key=lambda name: threads[name] - busy[name], default="")
        path = store.cassette_path(of.options.cassettes, scenario, number)
        with ExitStack() as held:
            held.enter_context(lock.held(path))
            key = f"flagbench-trial-{uuid.uuid4().hex}"
            task = TrialTask(
                key, self._answering.name, of.sent.scenarios[scenario.path], number,
                str(store.cassette_path(Path(), scenario, number)), of.options, of.base_url,
                of.fresh, of.sent.path, self._digest, environment.installed(),
            )  # fmt: skip
            future = of.engine.client.submit(
                trial.record, task, self._project, key=key, retries=RETRIES,
                workers=[worker] if worker else None, allow_other_workers=bool(worker),
            )  # fmt: skip
            self._running[key] = _Running(started, path, held.pop_all(), worker, future)
        future.add_done_callback(lambda ended: self._told.put(_Ended(ended.key)))

    def _handle(self, told: "Asked | _Ended | None") -> None:
        if told is None:
            raise self._of.engine.gone(_WORK)
        running = self._running.get(told.key)
        if isinstance(told, _Ended):
            if running is not None:
                self._finish(told.key, running)
                self._fill()
        elif running is None or (told.what != trial.BEGIN and told.attempt != running.attempt):
            self._answering.refuse(told)  # another attempt has taken its place
        else:
            try:
                self._answering.answer(told, self._answer(told, running))
            except FlagbenchError as error:
                self._errors.append(error)
                self._answering.refuse(told)
                self._end(told.key)
            if told.what == trial.BEGIN:
                self._fill()

    def _answer(self, asked: Asked, running: _Running) -> Any:
        """The answer to an attempt. Raises `CouldNotRun` for what cannot be kept."""
        pace = self._of.pace
        match asked.what:
            case trial.BEGIN:
                running.attempt, running.worker, running.cells = asked.attempt, asked.value, 0
                kept = None if self._of.fresh else _content(running.cassette)
                return [kept, _content(journal.path_of(running.cassette))]
            case trial.JOURNAL:
                running.has_answers = True
                journal.write_from(running.cassette, *asked.value)
            case trial.WAIT if pace is not None:
                return pace.seconds(asked.attempt)
            case trial.HOLD if pace is not None:
                pace.hold(asked.value, asked.attempt)
            case trial.CELL:
                running.cells += 1
                if running.cells > running.shown_cells:
                    running.shown_cells = running.cells
                    self._on_cell(running.started)
        return True

    def _finish(self, key: str, running: _Running) -> None:
        scenario, number = running.started
        recorded = None
        try:
            where = f"{scenario.path} trial {number}"
            recorded = self._of.engine.outcome(running.future, where, _WORK)
            if recorded.problems:
                raise (InputError if recorded.is_wrong_input else CouldNotRun)(recorded.problems)
        except FlagbenchError as error:
            self._errors.append(error)
        try:
            self._end(key, recorded)
        except FlagbenchError as error:
            self._errors.append(error)
            return
        if recorded is not None and recorded.usage is not None:
            self._done(running.started, recorded.usage)

    def _end(self, key: str, recorded: Recorded | None = None) -> None:
        """Keep what a trial has, in its cassette or for a fresh one its journal, and release it."""
        running = self._running.pop(key)
        running.future.release()
        with running.lock:
            if recorded is not None and recorded.cassette is not None:
                file.write(running.cassette, recorded.cassette)
            if self._of.fresh:
                return
            if recorded is not None and (recorded.cassette is not None or recorded.usage):
                journal.drop(running.cassette)
            elif running.has_answers:
                scenario, number = running.started
                recording.save_journal(self._of.options.cassettes, scenario, number)

    def _interrupted(self, interrupt: KeyboardInterrupt) -> Interrupted:
        """Let every worker end its process, keep what they have, and say what they could not."""
        number = interrupt.number if isinstance(interrupt, Interrupted) else signal.SIGINT
        unanswered = list[str]()
        with interrupts.ignored():
            self._of.engine.client.cancel([each.future for each in self._running.values()])
            waiting = {key for key, each in self._running.items() if each.attempt}
            end = time.monotonic() + MOST_SECONDS_TO_END
            while waiting and (left := end - time.monotonic()) > 0:
                try:
                    told = self._told.get(timeout=left)
                except queue.Empty:
                    break
                if told is None:
                    break
                if not isinstance(told, Asked):
                    continue
                running = self._running.get(told.key)
                if running is None or told.attempt != running.attempt:
                    self._answering.refuse(told)
                elif told.what == trial.LEFT:
                    request, cassette = told.value
                    unanswered += filter(None, [request])
                    waiting.discard(told.key)
                    self._end(told.key, Recorded(cassette=cassette))
                    self._answering.answer(told, True)
                elif told.what == trial.JOURNAL:
                    self._answering.answer(told, self._answer(told, running))
                else:
                    self._answering.refuse(told)
        return Interrupted(number, ", ".join(unanswered))


@dataclass(frozen=True, slots=True)
class _Ended:
    """The task of a key has ended, in whichever way."""

    key: str


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
