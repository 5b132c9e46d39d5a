"""A copy of a project in which only the sources are real, so that a patch touches nothing else."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from flagbench.self_test.catalogue import Patch, patched

# What the project itself leaves behind; a copy writes elsewhere.
_LEFT_OUT = (".git", ".flagbench", "reports")
_COMPILED = "__pycache__"


def make(project: Path, copy: Path, sources: Sequence[str], patches: Sequence[Patch]) -> None:
    """Make the copy in an empty folder: links to everything, and real sources with the patches."""
    _mirror(project, copy, [PurePosixPath(source) for source in sources])
    for patch in patches:
        path = copy / patch.file
        path.write_text(patched(path.read_text("utf-8"), patch), "utf-8")


def import_path(copy: Path, sources: Sequence[str]) -> Iterator[str]:
    """The folders from which sources are imported: the first above each that is not a package."""
    for source in sources:
        folder = copy / source
        folder = folder if folder.is_dir() else folder.parent
        while (folder / "__init__.py").exists():
            folder = folder.parent
        yield str(folder)


def contents(project: Path, sources: Sequence[str]) -> Mapping[str, bytes]:
    """The content of every file of the sources, by its path in the project."""
    found: dict[str, bytes] = {}
    for source in sources:
        root = project / source
        for path in [root] if root.is_file() else sorted(root.rglob("*")):
            if path.is_file() and _COMPILED not in path.parts:
                found[path.relative_to(project).as_posix()] = path.read_bytes()
    return found


def _mirror(folder: Path, copy: Path, sources: Sequence[PurePosixPath]) -> None:
    copy.mkdir(parents=True, exist_ok=True)
    for entry in sorted(os.scandir(folder), key=lambda each: each.name):
        if entry.name in _LEFT_OUT:
            continue
        original, target = Path(entry.path), copy / entry.name
        inner = [
            PurePosixPath(*source.parts[1:]) for source in sources if source.parts[0] == entry.name
        ]
        if any(not source.parts for source in inner):
            _copy(original, target)
        elif inner:
            _mirror(original, target, inner)
        else:
            target.symlink_to(original.absolute())


def _copy(original: Path, target: Path) -> None:
    if original.is_file():
        shutil.copyfile(original, target)
    else:
        shutil.copytree(original, target, ignore=shutil.ignore_patterns(_COMPILED))
