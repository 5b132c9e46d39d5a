"""The programs that read files: where they are, and what they found."""

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.probe_client import Ended, MissingTool, Tools
from flagbench.acceptance.proof import Refuted
from flagbench.errors import Problem

_SYSTEM = ("/usr/sbin", "/usr/local/sbin")
# A shell's exit codes, and the dynamic linker's.
_NOT_RUN = (126, 127)
_FIX = (
    "pip install 'flagbench[enterprise]'; nginx and promtool (Debian: prometheus) are packages of "
    "the system, or of `make tools` in a checkout"
)


def program(name: str) -> str:
    """The path of a program. Raises `MissingTool`."""
    own = str(Path(sys.executable).parent)
    search = os.pathsep.join([own, os.environ.get("PATH", os.defpath), *_SYSTEM])
    path = shutil.which(name, path=search)
    if path is None:
        raise MissingTool(Problem(f"{name} is not installed here", fix=_FIX))
    return path


def expect_success(check: str, ended: Ended) -> None:
    """Raise `Refuted` with the output of a program that found something.

    Raises `MissingTool` for a program that lacks a library, or was killed.
    """
    if ended.exit_code in _NOT_RUN or ended.exit_code < 0:
        what = f"a tool ended with exit code {ended.exit_code}: {ended.output.strip()}"
        raise MissingTool(Problem(what, fix=_FIX))
    if ended.exit_code != 0:
        raise Refuted(check, ended.output.strip() or f"exit code {ended.exit_code}")


def documents_of(case: ComponentCase, tools: Tools, check: str = "schema") -> Sequence[Any]:
    """The documents of a file. Raises `Refuted` for an error of its syntax, or for none."""
    read = tools.documents(case.path)
    if read.error:
        raise Refuted(check, read.error)
    if not read.documents:
        raise Refuted(check, "the file is empty")
    return read.documents


def document_of(case: ComponentCase, tools: Tools, check: str = "schema") -> dict[str, Any]:
    """The one document of a file, a mapping. Raises `Refuted`."""
    documents = documents_of(case, tools, check)
    if len(documents) != 1 or not isinstance(documents[0], dict):
        raise Refuted(check, f"the file has {len(documents)} documents; expected: one mapping")
    document: dict[str, Any] = documents[0]
    return document


def expect_none(check: str, errors: Iterable[str]) -> None:
    """Raise `Refuted` with the first few errors."""
    first = list(errors)[:3]
    if first:
        raise Refuted(check, "; ".join(first))


def part(value: Any, *path: str | int) -> Any:
    """The part of a document at a path; None where there is none."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list | tuple) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []
