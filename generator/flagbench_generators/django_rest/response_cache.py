"""The response cache: files that passed, by ERD, agent, prompt version and model."""

import hashlib
from pathlib import Path

from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.prompt_builder import Job, PromptBuilder
from flagbench_generators.kernel.sqlite_cache import Form, SqliteCache

FILE_NAME = "response_cache.db"
_PLAIN: Form[str] = Form(str, str)


class ResponseCache:
    """Files that passed review. `level` is memory, disk or both. To be closed after use.

    The file may be shared by a team: processes that write at once wait for each other, and what is
    damaged is dropped.
    """

    def __init__(self, folder: Path, level: str, briefs: PromptBuilder, model: str) -> None:
        path = None if level == "memory" else folder / FILE_NAME
        self._briefs = briefs
        self._store = SqliteCache(path, "answers", model, _PLAIN, in_memory=level != "disk")

    def get(self, job: Job, trace: Trace) -> str | None:
        """The file that passed for such a job, or None; tells a hit or a miss."""
        return self._store.get(self._key(job), trace)

    def put(self, job: Job, text: str, trace: Trace) -> None:
        """Keep a file."""
        self._store.put(self._key(job), text, trace)

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def _key(self, job: Job) -> str:
        asked = f"{self._briefs.version(job.agent)}\n{job.asked.specification}"
        return f"{job.agent.kind}:{hashlib.sha256(asked.encode()).hexdigest()}"
