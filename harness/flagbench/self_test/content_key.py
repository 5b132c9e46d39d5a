"""Keys of kept results: a digest of everything that an observation depends on."""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from flagbench.cassette import store
from flagbench.scenario.loading import Scenario

# What has no part in an observation.
_OTHERS = (
    "analysis", "cli", "pytest_plugin", "simulator", "view", "report/data", "report/html",
    "report/sections", "report/shards", "self_test/gate_page.py", "self_test/judging.py",
    "self_test/unchanged.py",
)  # fmt: skip


def key(
    texts: Mapping[str, bytes], series: Sequence[str], files: Iterable[Path], folder: Path
) -> str:
    """The key of a run of series with these sources, by the files that they read.

    It is the same for a project in another folder.
    """
    digest = hashlib.sha256(_platform().encode())
    for name in series:
        digest.update(f"{name}\0".encode())
    for name, content in sorted(texts.items()):
        digest.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\0".encode())
    for path in files:
        name = os.path.relpath(path, folder)
        digest.update(f"{name}\0{_digest_of(path)}\0".encode())
    return digest.hexdigest()


def files_of(scenario: Scenario, cassettes: Path, baselines: Path) -> Iterator[Path]:
    """The files that a series of a scenario reads."""
    yield from _below(scenario.path.parent)
    yield from (
        store.cassette_path(cassettes, scenario, trial) for trial in range(1, scenario.trials + 1)
    )
    yield from sorted(baselines.glob(f"{scenario.name}.*"))


@cache
def _below(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.rglob("*") if path.is_file()))


@cache
def _digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


@cache
def _platform() -> str:
    """Python, the installed packages, and this one's files."""
    package = Path(__file__).parents[1]
    own = (
        f"{path.relative_to(package)} {_digest_of(path)}"
        for path in _below(package)
        if path.suffix != ".pyc" and not path.relative_to(package).as_posix().startswith(_OTHERS)
    )
    installed = sorted(f"{each.name} {each.version}" for each in distributions())
    return "\n".join([sys.version, *installed, *own])
