"""Proofs that survive a run: the same file, application, expectation and checks are proven once."""

import hashlib
import json
import platform
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from flagbench import http_library
from flagbench.acceptance.proof import Proof, Provable

T = TypeVar("T")
_PROOF = TypeAdapter(Proof)

# Beside the project, where its other results are.
PROOFS_FOLDER = ".flagbench"
FILE_NAME = "proofs.sqlite"
_TABLE = "CREATE TABLE IF NOT EXISTS proofs (key TEXT PRIMARY KEY, proof TEXT NOT NULL)"
_BUSY_TIMEOUT_SECONDS = 30.0
# Whatever may change what a check finds.
_LIBRARIES = (
    "bandit", "black", "django", "djangorestframework", "fastapi", "flake8", http_library.NAME,
    "jinja2", "pydantic", "pytest", "requests", "starlette", "streamlit", "uvicorn",
)  # fmt: skip
_READERS = ("scenario/erd.py", "scenario/specification.py")


def key_of(case: Provable) -> str:
    """The digest of everything that a proof depends on."""
    depends = {
        "kind": case.kind,
        "expected": case.expected,
        "files": dict(case.files),
        "checks": checks_version(),
    }
    return hashlib.sha256(
        json.dumps(depends, sort_keys=True).encode("utf-8", "surrogatepass")
    ).hexdigest()


@cache  # the sources and libraries do not change while a process runs
def checks_version() -> str:
    """The digest of the checks' own sources, of Python and of the libraries they use."""
    digest = hashlib.sha256(platform.python_version().encode())
    for name in _LIBRARIES:
        digest.update(f"{name} {_version(name)}\n".encode())
    root = Path(__file__).parents[1]
    # What a file is held against is read by the scenario's own readers.
    sources = [*root.glob("acceptance/**/*.py"), *(root / name for name in _READERS)]
    for path in sorted(sources):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


class ProofCache:
    """Proofs by key, in memory and, where a folder is given, in a file that all workers share.

    A file that cannot be used costs time and nothing else: what it held is proven again.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / FILE_NAME if folder else None
        self._known: dict[str, Proof] = {}

    def get(self, key: str) -> Proof | None:
        """The proof of a key, or None."""
        if key not in self._known:
            read = "SELECT proof FROM proofs WHERE key = ?"
            row = self._on_disk(lambda disk: disk.execute(read, (key,)).fetchone())
            proof = None if row is None else _read(row[0])
            if proof is None:
                return None
            self._known[key] = proof
        return self._known[key]

    def put(self, key: str, proof: Proof) -> None:
        """Keep a proof."""
        self._known[key] = proof
        write, row = "INSERT OR REPLACE INTO proofs VALUES (?, ?)", (key, _written(proof))
        self._on_disk(lambda disk: disk.execute(write, row))

    def clear(self) -> int:
        """Forget everything; how many proofs the file held."""
        self._known.clear()
        return self._on_disk(lambda disk: disk.execute("DELETE FROM proofs").rowcount) or 0

    def _on_disk(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """What `work` answers in one transaction; None where no file can be used."""
        if self._path is None:
            return None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_SECONDS)) as disk:
                disk.execute("PRAGMA synchronous = OFF")  # a lost proof is made again
                disk.execute("PRAGMA journal_mode = WAL")
                with disk:
                    disk.execute(_TABLE)
                    return work(disk)
        except (OSError, sqlite3.OperationalError):  # read-only, full, locked: not kept this time
            return None
        except sqlite3.DatabaseError:  # no database, or a broken one
            with suppress(OSError):
                self._path.unlink()
            return None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _written(proof: Proof) -> str:
    return json.dumps(asdict(proof), sort_keys=True)


def _read(written: str) -> Proof | None:
    """The proof of a row; None for one that was damaged, which SQLite does not notice."""
    try:
        return _PROOF.validate_json(written, strict=True)
    except ValidationError:
        return None
