"""Inputs of code under test beside its arguments: files, folders, variables, and late imports.

It is observed while a subject is loaded and while a cell runs, on all threads of the process. Not
seen: what a library reads without Python, what programs read, and what other code of the project
reads before or between, such as a `conftest.py`.
"""

import functools
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flagbench.inputs_read import Inputs
from flagbench.process_watch import is_watched, watch

# What Python, pytest and the harness keep in a folder of the project.
_OF_TOOLS = ("__pycache__", ".pytest_cache", ".flagbench")


@functools.cache
def of_process() -> dict[tuple[str, bool], Inputs]:
    """All that was read in this process: code may keep it for a later cell.

    By the module, and True for what it read in a cell, which has flags and providers of its own.
    """
    return {}


@contextmanager
def observed(module: str, *, in_cell: bool = False) -> Iterator[Inputs]:
    """Observe what is read for the code of a module while the context is open."""
    inputs = Inputs()
    last = next(reversed(sys.modules))
    try:
        with watch().into(inputs):
            yield inputs
    finally:
        inputs.modules |= _imported_after(last)
        inputs.all_variables |= not is_watched()  # somebody replaced it
        is_temporary = watch().is_temporary
        inputs.folders = {path: names_in(path) for path in inputs.folders if not is_temporary(path)}
        inputs.places = {path for path in inputs.places if not is_temporary(path)}
        of_process().setdefault((module, in_cell), Inputs()).add(inputs)


def _imported_after(last: str) -> set[str]:
    """Modules imported since this one; all of them if it was removed meanwhile."""
    if next(reversed(sys.modules)) == last:  # looking through some thousand takes longer
        return set()
    names = list(sys.modules)
    return set(names[names.index(last) + 1 :] if last in names else names)


def names_in(folder: str, *, hidden: bool = True) -> tuple[str, ...] | None:
    """The names in a folder, sorted, but those that tools keep there; None without the folder.

    Hidden names, which no import finds, are left out on demand.
    """
    try:
        names = os.listdir(folder)  # noqa: PTH208  a name is all that is needed
    except OSError:
        return None
    return tuple(
        sorted(
            name
            for name in names
            if name not in _OF_TOOLS
            and not name.endswith(".pyc")
            and (hidden or not name.startswith("."))
        )
    )
