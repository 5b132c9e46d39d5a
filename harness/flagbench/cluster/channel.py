"""Questions of a task to its client, by queues at the scheduler: no connection is added."""

import queue
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any

from distributed import Client, Queue, get_worker

# Between two looks at whether the client still wants a task.
_LOOK_SECONDS = 1.0
_WANTED = ("executing", "long-running")


class Abandoned(Exception):  # noqa: N818  no error, and answered where it is caught
    """The client wants nothing of this attempt at a task any more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of an attempt at the task of a key; `value` is of plain data."""

    key: str
    attempt: str
    what: str
    value: Any


class Asking:
    """The end of an attempt at a task, on its worker. Close it."""

    def __init__(self, channel: str, key: str) -> None:
        self._key, self._attempt = key, uuid.uuid4().hex
        self._worker = get_worker()
        self._asked = Queue(channel)
        self._answers = Queue(self._attempt)

    @property
    def is_wanted(self) -> bool:
        """False once the scheduler has let go of the task: it was cancelled, or its client left."""
        task = self._worker.state.tasks.get(self._key)
        return task is not None and task.state in _WANTED

    def ask(self, what: str, value: Any = None) -> Any:
        """The client's answer. Raises `Abandoned` where there is none for this attempt."""
        return self._ask(what, value, lambda: self.is_wanted)

    def leave(self, seconds: float, what: str, value: Any = None) -> None:
        """Say something last, which is heard where the client is there for so many seconds."""
        end = time.monotonic() + seconds
        self._ask(what, value, lambda: time.monotonic() < end)

    def _ask(self, what: str, value: Any, goes_on: Callable[[], bool]) -> Any:
        self._asked.put([self._key, self._attempt, what, value])
        while goes_on():
            try:
                answered: tuple[Any, ...] = self._answers.get(timeout=_LOOK_SECONDS)
            except TimeoutError:
                continue
            if answered:
                return answered[0]
            break
        raise Abandoned

    def close(self) -> None:
        """Let go of the queues, which end with the last that holds them."""
        self._answers.close()
        self._asked.close()


class Answering:
    """The client's end: what is asked goes into `told`, None once the scheduler is gone."""

    def __init__(self, client: Client, told: "queue.Queue[Any]") -> None:
        self.name = f"flagbench-{uuid.uuid4().hex}"
        self._client = client
        self._told = told
        self._asked = Queue(self.name, client=client)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def answer(self, asked: Asked, value: Any) -> None:
        """Answer, without a wait."""
        self._send(asked.attempt, [value])

    def refuse(self, asked: Asked) -> None:
        """Let an attempt end whose answers nobody waits for."""
        self._send(asked.attempt, [])

    def close(self) -> None:
        """Read no more, and delete the queue."""
        if self._reader.is_alive():
            try:
                self._asked.put(None)
            except OSError:  # the scheduler has just gone, and the queue with it
                return
            self._reader.join()
            self._asked.close()

    def _read(self) -> None:
        try:
            while (asked := self._asked.get()) is not None:
                self._told.put(Asked(*asked))
        except (OSError, CancelledError):
            self._told.put(None)

    def _send(self, attempt: str, answered: list[Any]) -> None:
        scheduler: Any = self._client.scheduler
        loop: Any = self._client.loop

        async def put() -> None:
            try:
                await scheduler.queue_put(name=attempt, data=answered, timeout=None)
            except (KeyError, OSError):
                # The attempt has ended meanwhile; or the scheduler has, which the reader notices.
                return

        loop.add_callback(put)
