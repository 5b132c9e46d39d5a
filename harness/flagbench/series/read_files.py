"""Files of a project that a subject read, by what was seen in this process."""

import functools
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from flagbench.inputs_read import Inputs
from flagbench.installed_files import is_installed
from flagbench.observed_inputs import of_process
from flagbench.process_watch import current_variables
from flagbench.run.own_files import SUBJECT_CACHE

_State = tuple[Path, str | None, list[tuple[int, ...]]]
# Package of a subject -> what was observed of it last, and the files in that.
_LAST: dict[str, tuple[_State, tuple[str, ...]]] = {}


def read_files(module: str) -> tuple[str, ...]:
    """Files that the package of a subject has read so far; from the current folder if below it.

    Modules that it has loaded are among them, but not what it made itself, nor files of its
    cache, of Python and of installed packages. `module` is that of the subject.
    """
    top = module.partition(".")[0]
    every = [inputs for (name, _), inputs in of_process().items() if name.partition(".")[0] == top]
    here, cache = Path.cwd(), current_variables().get(SUBJECT_CACHE)
    # Most cells read nothing that an earlier one has not read.
    state = (here, cache, [inputs.amount for inputs in every])
    if top in _LAST and _LAST[top][0] == state:
        return _LAST[top][1]
    found = _found(every, here, cache)
    _LAST[top] = state, found
    return found


def _found(every: Sequence[Inputs], here: Path, cache: str | None) -> tuple[str, ...]:
    paths = set[str]()
    for inputs in every:
        paths.update(path for path, was_there in inputs.files.items() if was_there)
        loaded = (getattr(sys.modules.get(name), "__file__", None) for name in inputs.modules)
        paths.update(os.path.abspath(path) for path in loaded if isinstance(path, str))  # noqa: PTH100
    shown = (_shown(path, here, cache) for path in paths if not is_installed(path))
    return tuple(sorted(path for path in shown if path is not None))


@functools.cache  # the same thousands for every cell of a subject
def _shown(text: str, here: Path, cache: str | None) -> str | None:
    """The path from the current folder; None for a folder, compiled code and a subject's cache."""
    path = Path(text)
    if path.suffix == ".pyc" or path.is_dir() or (cache and path.is_relative_to(cache)):
        return None
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
