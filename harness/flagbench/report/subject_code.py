"""The code of a subject: its package, or its module and what that imports beside it."""

import ast
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from flagbench import installed_files, subject_loading

_UNWANTED = {"__pycache__", ".venv"}


def module_of(name: str) -> str:
    """The top module of a subject that is named as in a scenario."""
    point = subject_loading.registered().get(name)
    return (point.value if point else name).partition(":")[0].partition(".")[0]


@cache
def digest(module: str, first: tuple[Path, ...] = ()) -> str:
    """The SHA-256 over names and contents of the files of a top module; "" if it is not there.

    It is looked for in the folders `first` before anywhere else. A file that is removed meanwhile
    leaves none.
    """
    total = hashlib.sha256()
    try:
        found = files(module, first)
        for name, path in sorted(found.items()):
            content = path.read_bytes()
            total.update(f"{name}\n{len(content)}\n".encode() + content)
    except FileNotFoundError:
        return ""
    return total.hexdigest() if found else ""


def files(module: str, first: Sequence[Path] = ()) -> Mapping[str, Path]:
    """The files of a top module by their path from the folder that it is imported from."""
    try:
        spec = PathFinder.find_spec(module, [*map(str, first)]) or find_spec(module)
    except (ImportError, ValueError):
        return {}
    if spec is None:
        return {}
    if spec.submodule_search_locations is not None:
        return {
            f"{module}/{path.relative_to(folder).as_posix()}": path
            for folder in map(Path, spec.submodule_search_locations)
            for path in folder.rglob("*")
            if path.is_file() and not _UNWANTED & set(path.relative_to(folder).parts)
        }
    return _beside(Path(spec.origin)) if spec.origin and Path(spec.origin).is_file() else {}


def folder_of(name: str, path: Path) -> Path:
    """The folder that a file of a top module, one of `files`, is imported from."""
    return path.parents[len(PurePosixPath(name).parts) - 1]


def is_installed(module: str) -> bool:
    """True for a module that another machine gets by installing a package."""
    own = metadata.distribution("flagbench").read_text("top_level.txt") or ""
    return module in own.split() or any(
        installed_files.is_installed(str(path)) for path in files(module).values()
    )


def _beside(first: Path) -> dict[str, Path]:
    """A module's file, and the modules and packages beside it that it imports, directly or not."""
    found, waiting = dict[str, Path](), [first]
    while waiting:
        path = waiting.pop()
        name = path.relative_to(first.parent).as_posix()
        if name in found:
            continue
        found[name] = path
        if path.suffix == ".py":
            for imported in _imported(path):
                waiting += [
                    other
                    for other in (
                        first.parent / f"{imported}.py",
                        *(first.parent / imported).rglob("*.py"),
                    )
                    if other.is_file()
                ]
    return found


def _imported(path: Path) -> set[str]:
    """The top modules that a file imports anywhere in it."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return set()
    names = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
