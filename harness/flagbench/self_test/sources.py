"""Files of the sources of a project: those that are patched, copied and hashed."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

COMPILED = "__pycache__"
# What the project itself leaves behind; a copy writes elsewhere.
OWN = (".git", ".flagbench", "reports")


def contents(project: Path, sources: Sequence[str]) -> Mapping[str, bytes]:
    """The content of every file of the sources, by its path in the project.

    Compiled code, virtual environments, and what tools and flagbench keep at the top of the
    project are no sources, unless they are named themselves.
    """
    found: dict[str, bytes] = {}
    for source in sources:
        root = project / source
        if root.is_file():
            found[PurePosixPath(source).as_posix()] = root.read_bytes()
        for folder, folders, names in os.walk(root, followlinks=True):
            folders[:] = sorted(
                name for name in folders if _has_sources(Path(folder, name), project)
            )
            for path in (Path(folder, name) for name in sorted(names)):
                if path.is_file():
                    found[path.relative_to(project).as_posix()] = path.read_bytes()
    return found


def _has_sources(folder: Path, project: Path) -> bool:
    is_of_a_tool = folder.name.startswith(".") or folder.name in OWN
    return not (
        folder.name == COMPILED
        or (folder / "pyvenv.cfg").exists()
        or (is_of_a_tool and folder.parent == project)
    )
