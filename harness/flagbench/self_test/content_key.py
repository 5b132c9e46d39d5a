"""Keys of kept results: a digest of everything that an observation depends on."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from flagbench.acceptance import node
from flagbench.acceptance.enterprise import tools
from flagbench.acceptance.enterprise.probe_client import MissingTool
from flagbench.cassette import store
from flagbench.scenario.loading import Scenario
from flagbench.self_test.catalogue import Catalogue
from flagbench.self_test.series_process import Project
from flagbench.series.known_cells.file_digests import files_below, installation

# Programs that no package of Python brings.
_PROGRAMS = ("nginx", "promtool")


def key(
    texts: Mapping[str, bytes],
    series: Sequence[str],
    files: Iterable[Path],
    folder: Path,
    project: Project,
) -> str:
    """The key of a run of series with these sources, by the files that they read.

    `files` are those of the series, from `files_of`; those that the settings of the project name
    are added. It is the same for a project in another folder.
    """
    digest = hashlib.sha256(_machine().encode())
    digest.update(project.model_dump_json().encode())
    for name in series:
        digest.update(f"{name}\0".encode())
    for name, content in sorted(texts.items()):
        digest.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\0".encode())
    own = [path for path in _files_of_project(project, folder) if _shown(path, folder) not in texts]
    for path in (*files, *own):
        digest.update(f"{_shown(path, folder)}\0{_digest_of(path)}\0".encode())
    return digest.hexdigest()


def of_catalogue(catalogue: Catalogue) -> str:
    """A short digest of the sources, the series and the cases that a catalogue names."""
    named = [[*catalogue.sources], [*catalogue.unchanged]]
    cases = [case.model_dump(mode="json") for case in catalogue.cases]
    return _short(json.dumps([named, cases]).encode())


def of_sources(texts: Mapping[str, bytes]) -> str:
    """A short digest of the names and the contents of sources."""
    return _short(
        json.dumps([(name, _short(text)) for name, text in sorted(texts.items())]).encode()
    )


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def files_of(scenario: Scenario, cassettes: Path, baselines: Path) -> Iterator[Path]:
    """The files that a series of a scenario reads."""
    yield from _below(scenario.path.parent)
    yield from (
        store.cassette_path(cassettes, scenario, trial) for trial in range(1, scenario.trials + 1)
    )
    yield from sorted(baselines.glob(f"{scenario.name}.*"))


def _files_of_project(project: Project, folder: Path) -> Iterator[Path]:
    """The files of its prices and its tokenizer, and those below its import path."""
    if project.prices:
        yield folder / project.prices
    _, _, tokenizer = project.tokenizer.partition(":")
    if tokenizer:
        yield folder / tokenizer
    others = ("reports", project.cassettes, project.baselines)  # those of the series are its files
    kept = frozenset(str(folder / name) for name in others)
    for entry in project.pythonpath:
        yield from _imported(folder / entry, kept)


@cache
def _imported(folder: Path, without: frozenset[str]) -> tuple[Path, ...]:
    return tuple(map(Path, files_below(str(folder), without)))


def _shown(path: Path, folder: Path) -> str:
    return os.path.relpath(path, folder)


@cache
def _below(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.rglob("*") if path.is_file()))


@cache
def _digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


@cache
def _machine() -> str:
    """Python, the installed packages with this one, those of Node.js, and programs."""
    installed, _ = installation()
    packages = hashlib.sha256(node.packages()).hexdigest()
    return "\n".join([installed, packages, *map(_program, _PROGRAMS)])


def _program(name: str) -> str:
    """The path of a program, its size and the time of its last change; "" for none."""
    try:
        path = Path(tools.program(name)).resolve()
    except MissingTool:
        return ""
    status = path.stat()
    return f"{path} {status.st_size} {status.st_mtime_ns}"
