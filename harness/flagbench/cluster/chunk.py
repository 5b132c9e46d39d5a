"""A chunk of a run on a worker: inputs checked, a process that runs it, its files returned."""

import gzip
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from distributed import get_worker

from flagbench.cluster import environment, project_tar
from flagbench.errors import CouldNotRun, FlagbenchError, InputError, Problem
from flagbench.measurement.results import CELLS_FILE
from flagbench.report.shards import shard_file

_PROJECTS = "flagbench-projects"
_SHOWN_LINES = 12


@dataclass(frozen=True, slots=True)
class Chunk:
    """Part `number` of `of` of the run of pytest with `words`, in the project of a digest."""

    number: int
    of: int
    words: Sequence[str]
    digest: str
    installed: Mapping[str, str]

    @property
    def name(self) -> str:
        """The chunk as the option of a shard names it."""
        return f"{self.number}/{self.of}"


@dataclass(frozen=True, slots=True)
class Done:
    """The files of a chunk's shard by name, and the worker; or the problems instead of them.

    `is_wrong_input` is true for problems that are an `InputError`, else they are a `CouldNotRun`.
    """

    worker: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    is_wrong_input: bool = False


def run(chunk: Chunk, packed: bytes) -> Done:
    """Run a chunk on this worker; `packed` is the project's tar, compressed.

    Raises `RuntimeError` for a process that a signal ended, such as for want of memory: another
    attempt may succeed. All other errors are returned, since they would be the same.
    """
    worker = get_worker()
    try:
        project = project_of(chunk.digest, chunk.installed, packed)
        with tempfile.TemporaryDirectory(dir=worker.local_directory) as reports:
            return Done(worker.address, _files(chunk, project, Path(reports)))
    except FlagbenchError as error:
        is_wrong_input = isinstance(error, InputError)
        return Done(worker.address, problems=error.problems, is_wrong_input=is_wrong_input)
    except OSError as error:
        problem = Problem(str(error), f"worker {worker.address}, chunk {chunk.name}")
        return Done(worker.address, problems=(problem,))


def project_of(digest: str, installed: Mapping[str, str], packed: bytes) -> Path:
    """The project of a digest on this worker, for a client with the same installation.

    Raises `InputError` for another one, and `CouldNotRun`.
    """
    worker = get_worker()
    wrong = list(environment.differences(worker.address, environment.installed(), installed))
    if wrong:
        raise InputError(wrong)
    # Beside the folders of this machine's workers: they share what is kept.
    folder = Path(worker.local_directory).parent / _PROJECTS
    return project_tar.keep(gzip.decompress(packed), digest, folder)


def _files(chunk: Chunk, project: Path, reports: Path) -> dict[str, bytes]:
    with subprocess.Popen(  # noqa: S603  flagbench itself
        [sys.executable, "-m", "flagbench.cluster.chunk_process", *chunk.words,
         f"--flagbench-shard={chunk.name}", f"--flagbench-reports={reports}",
         "--flagbench-fresh", "-p", "no:cacheprovider"],
        cwd=project, env={**os.environ, "GIT_CEILING_DIRECTORIES": str(project.parent)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None  # noqa: S101  for the type checker
        said = process.stdout.read()  # its input stays open: it ends with this worker
    if process.returncode < 0:
        raise RuntimeError(f"a process was ended by signal {-process.returncode}")
    latest = reports / "latest"
    if not (latest / shard_file.FILE).is_file():
        lines = said.decode(errors="replace").strip().splitlines()[-_SHOWN_LINES:]
        what = "\n".join(["it left no results:", *lines])
        raise CouldNotRun(Problem(what, f"worker {get_worker().address}, chunk {chunk.name}"))
    found = [latest / shard_file.FILE, latest / CELLS_FILE, *latest.glob("artifacts/*")]
    return {path.relative_to(latest).as_posix(): path.read_bytes() for path in found}
