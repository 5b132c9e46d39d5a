"""The files of a cell: a subject in this process writes into its folder, and ends no process.

Commands have walls of their own, and generated code has the sandbox.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from flagbench.errors import CouldNotRun, Problem
from flagbench.run.audit_hook import See

# Event -> the places of paths in its arguments.
_PATHS = {
    "open": (0,), "os.mkdir": (0,), "os.remove": (0,), "os.rmdir": (0,), "os.truncate": (0,),
    "os.rename": (0, 1), "os.link": (1,), "os.symlink": (1,), "os.chmod": (0,),
    "sqlite3.connect": (0,),
}  # fmt: skip
_KILL = "os.kill"
_EVENTS = frozenset([*_PATHS, _KILL])
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Names a folder that survives runs, for the subject's pure work, never for answers.
SUBJECT_CACHE = "SUBJECT_CACHE_DIR"
_ENDS = ("_exit", "abort")
# Python's own caches of compiled modules, and devices.
_ALWAYS = ("__pycache__",)
_DEVICES = "/dev/"

Stop = Callable[[CouldNotRun], NoReturn]


def watches(cell: Path, stop: Stop) -> tuple[tuple[frozenset[str], See]]:
    """The watch of a cell with this folder, for the audit hook; `stop` ends the cell."""
    process, project, own = os.getpid(), os.path.realpath(Path.cwd()), os.path.realpath(cell)
    temporary = os.path.realpath(tempfile.gettempdir())

    def is_own(path: str) -> bool:
        real = os.path.realpath(path)
        if real.startswith(_DEVICES) or any(name in real for name in _ALWAYS):
            return True
        for cache in map(os.path.realpath, _caches()):
            if _is_in(real, cache) or _is_in(cache, real):  # or a folder above it, which it makes
                return True
        return _is_in(real, own) or (_is_in(real, temporary) and not _is_in(real, project))

    def see(event: str, arguments: tuple[Any, ...]) -> None:
        if os.getpid() != process:
            return
        if event == _KILL:
            if arguments[0] in (process, 0) and arguments[1] != 0:
                stop(_ended(f"os.kill({arguments[0]}, {int(arguments[1])})"))
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & _WRITES):
            return
        for place in _PATHS[event]:
            path = _path_of(arguments[place])
            if path and not is_own(path):
                stop(_written(path))

    return ((_EVENTS, see),)


def _caches() -> list[str]:
    """The folders of caches: that of the subject, and the user's, where libraries have theirs."""
    named = (os.environ.get(SUBJECT_CACHE), os.environ.get("XDG_CACHE_HOME"))
    usual = map(os.path.expanduser, ("~/.cache", "~/Library/Caches"))
    return [*filter(None, named), *usual]


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _path_of(value: object) -> str:
    """The path of a file, "" for what has none: a descriptor, a database in memory."""
    if not isinstance(value, (str, bytes, os.PathLike)):
        return ""
    path = os.fsdecode(value)
    return "" if path.startswith((":memory:", "file:")) else path


@contextmanager
def no_end(stop: Stop) -> Iterator[None]:
    """Let the subject end its cell and no more, where it calls `os._exit` or `os.abort`."""
    process, before = os.getpid(), {name: getattr(os, name) for name in _ENDS}

    def replaced(name: str) -> Callable[..., None]:
        def end(*arguments: object) -> None:
            if os.getpid() != process:  # a forked process ends like this
                before[name](*arguments)
            shown = ", ".join(map(str, arguments))
            stop(_ended(f"os.{name}({shown})"))

        return end

    for name in _ENDS:
        setattr(os, name, replaced(name))
    try:
        yield
    finally:
        for name, end in before.items():
            setattr(os, name, end)


def _ended(how: str) -> CouldNotRun:
    what = f"the subject ended the process with {how}"
    expected = "a subject that returns or raises: its process runs other series, too"
    return CouldNotRun(Problem(what, expected=expected))


def _written(path: str) -> CouldNotRun:
    return CouldNotRun(
        Problem(
            f"the subject wrote outside its folder: {path}",
            expected="files in `workdir` or in a temporary folder, so that cells do not meet",
            fix=f"take `workdir` as an argument; pure work may be cached in ${SUBJECT_CACHE}",
        )
    )
