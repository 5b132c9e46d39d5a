"""The client of a Dask cluster: its address, its workers, and the chunks that it has run."""

import asyncio
import contextlib
import gzip
import logging
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from typing import TypeVar

from distributed import Client, Future, KilledWorker, LocalCluster, as_completed, rpc

from flagbench.cluster import chunk, environment, trial
from flagbench.cluster.chunk import Chunk, Done
from flagbench.errors import CouldNotRun, InputError, Problem
from flagbench.run import interrupts

T = TypeVar("T")

_PATIENCE_SECONDS = 15
# Attempts of a task whose process was ended by a signal. Tasks of lost workers are the
# scheduler's own: it gives them up after its `allowed-failures`.
RETRIES = 2
_CHUNKS_PER_THREAD = 4
# Four times the start of a chunk, which takes as long as 250 cells of a call (docs/scale.md).
_LEAST_COST = 2_000


class Engine:
    """A connection to a scheduler whose workers are as this installation."""

    def __init__(self, client: Client, where: str) -> None:
        self.client = client
        self._where = where
        self._check()

    @property
    def dashboard(self) -> str:
        """The address of the scheduler's dashboard, "none" where it has none."""
        has_one = "dashboard" in self.client.scheduler_info(n_workers=0)["services"]
        return self.client.dashboard_link if has_one else "none"

    @property
    def threads(self) -> Mapping[str, int]:
        """The number of threads of each worker now."""
        counts: dict[str, int] = self.client.nthreads()
        return counts

    def project(self, packed: bytes) -> "Future[bytes]":
        """The project's tar, compressed, for tasks that take it."""
        # A task, since what a client scatters is lost with the worker that holds it.
        return self.client.submit(bytes, gzip.compress(packed, 1, mtime=0),
                                  key=f"flagbench-project-{uuid.uuid4().hex[:8]}")  # fmt: skip

    def chunks(self, items: int, cost: int) -> int:
        """The number of chunks of so many items that keeps all workers busy to the end.

        `cost` is in calls and requests; a chunk is to cost more than its start.
        """
        threads = sum(self.threads.values())
        return min(items, max(threads, min(_CHUNKS_PER_THREAD * threads, cost // _LEAST_COST)))

    def run(self, chunks: Sequence[Chunk], packed: bytes) -> Iterator[tuple[Chunk, Done]]:
        """Run chunks, and give each when it has ended. Raises `CouldNotRun`, `InputError`."""
        run = uuid.uuid4().hex[:8]
        project = self.project(packed)
        waiting: dict[str, tuple[Chunk, Future[Done]]] = {}
        for each in chunks:
            key = f"flagbench-chunk-{each.number}-{run}"
            future = self.client.submit(chunk.run, each, project, key=key, retries=RETRIES)
            waiting[key] = each, future
        for future in as_completed(
            [future for _, future in waiting.values()], loop=self.client.loop
        ):
            each, _ = waiting.pop(future.key)
            yield each, self._result(each, future)

    def _result(self, each: Chunk, future: "Future[Done]") -> Done:
        done = self.outcome(future, f"chunk {each.name}", "run")
        if done.problems:
            raise (InputError if done.is_wrong_input else CouldNotRun)(done.problems)
        return done

    def outcome(self, future: "Future[T]", where: str, work: str) -> T:
        """The value that an ended task returned. Raises `CouldNotRun` for any other end.

        `work` is the word for what the tasks are part of.
        """
        try:
            return future.result()
        except CancelledError as error:
            raise self.gone(work) from error
        except KilledWorker as error:
            what = f"each worker that ran it was lost, the last is {error.last_worker.address}"
            fix = "see the workers' logs: they may lack memory"
            raise CouldNotRun(Problem(what, where, "workers that stay", fix)) from error
        except Exception as error:
            raise CouldNotRun(Problem(f"{type(error).__name__}: {error}", where)) from error

    def gone(self, work: str) -> CouldNotRun:
        """The error of a scheduler that has ended."""
        what = f"the scheduler went away while the {work} was going on"
        return CouldNotRun(Problem(what, self._where, "a scheduler that runs to the end",
                                   "start it, and run the same command again"))  # fmt: skip

    def check_keys(self, base_url: str) -> None:
        """Raise `InputError` with each worker that has no key for an endpoint."""
        found = self.client.run(trial.missing_key, base_url, on_error="ignore")
        wrong = [trial.without_key(worker, name) for worker, name in sorted(found.items()) if name]
        if wrong:
            raise InputError(wrong)

    def _check(self) -> None:
        """Raise `InputError` with all that is different on the workers."""
        try:
            self.client.wait_for_workers(1, timeout=_PATIENCE_SECONDS)
        except TimeoutError as error:
            what, fix = "the scheduler has no workers", f"dask worker {self._where}"
            raise CouldNotRun(Problem(what, self._where, "at least one", fix)) from error
        here, wrong = environment.installed(), list[Problem]()
        found = self.client.run(environment.installed, on_error="return")
        for worker, there in sorted(found.items()):
            if isinstance(there, Exception):
                what = f"flagbench cannot be imported: {type(there).__name__}: {there}"
                expected, fix = (
                    "the installation of this machine",
                    "pip install 'flagbench[cluster]'",
                )
                wrong.append(Problem(what, f"worker {worker}", expected, fix))
            else:
                wrong += environment.differences(worker, there, here)
        if wrong:
            raise InputError(wrong)


@contextlib.contextmanager
def connected(address: str) -> Iterator[Engine]:
    """The engine at an address; of "", a cluster of this machine's own processes.

    Raises `InputError` for workers that differ, `CouldNotRun` where no scheduler answers.
    """
    for name in ("distributed", "distributed.client"):  # a traceback for each lost connection
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as stack:
        if not address:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="flagbench-dask-"))
            # A Ctrl-C is for this process, which ends the others.
            with interrupts.ignored(interrupts.OF_A_TERMINAL):
                cluster = LocalCluster(
                    threads_per_worker=1,
                    local_directory=folder,
                    dashboard_address="127.0.0.1:0",
                    silence_logs=logging.CRITICAL,
                )
            address = stack.enter_context(cluster).scheduler_address
        try:
            asyncio.run(asyncio.wait_for(_ask(address), _PATIENCE_SECONDS))
            client = Client(address, timeout=_PATIENCE_SECONDS, set_as_default=False)
        except (OSError, TimeoutError, LookupError) as error:
            what, fix = f"no scheduler answers: {error}".rstrip(": "), "dask scheduler"
            raise CouldNotRun(Problem(what, address, "a Dask scheduler", fix)) from error
        yield Engine(stack.enter_context(client), address)


async def _ask(address: str) -> None:
    """Ask a scheduler for its name, since a client waits without end for what never answers.

    Raises `LookupError` for a worker, and `OSError`.
    """
    async with rpc(address) as server:
        kind = (await server.identity())["type"]
    if kind != "Scheduler":
        raise LookupError(f"it is the address of a {kind}")
