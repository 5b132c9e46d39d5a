"""The response cache: approved files by what their prompts depend on, and by model."""

import hashlib
from pathlib import Path

from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.prompt_builder import Job, PromptBuilder
from flagbench_generators.kernel.sqlite_cache import Codec, SqliteCache

# The folder of a cache shared by a team; unset, each session has a separate one.
CACHE_FOLDER = "AGENT_CACHE_DIR"
FILE_NAME = "response_cache.db"
_CODEC: Codec[str] = Codec(str, str)


class ResponseCache:
    """Approved files. `level` is memory, disk or both. Must be closed after use.

    The database may be shared by a team: concurrent writers wait for each other, and damaged
    entries are dropped.
    """

    def __init__(self, folder: Path, level: str, prompts: PromptBuilder, model: str) -> None:
        path = None if level == "memory" else folder / FILE_NAME
        self._prompts = prompts
        self._store = SqliteCache(path, "answers", model, _CODEC, in_memory=level != "disk")

    def get(self, job: Job, trace: Trace) -> str | None:
        """Return the approved file of an equal job, or None; emits a hit or a miss."""
        return self._store.get(self._key(job), trace)

    def put(self, job: Job, text: str, trace: Trace) -> None:
        """Store a file."""
        self._store.put(self._key(job), text, trace)

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def _key(self, job: Job) -> str:
        identity = self._prompts.identity(job)
        return f"{job.agent.kind}:{hashlib.sha256(identity.encode()).hexdigest()}"
