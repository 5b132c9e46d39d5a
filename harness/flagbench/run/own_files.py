"""The files of a cell: a subject in this process writes into its folder, and ends no process.

Commands have walls of their own, and generated code has the sandbox.
"""

import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from flagbench.database_names import database_file
from flagbench.errors import CouldNotRun, Problem
from flagbench.run.audit_hook import See

# Event -> the places of a path and of the folder that it is relative to, in its arguments.
_PATHS: dict[str, tuple[tuple[int, int | None], ...]] = {
    "open": ((0, None),), "os.truncate": ((0, None),), "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),), "os.rmdir": ((0, 1),), "os.rename": ((0, 2), (1, 3)),
    "os.link": ((1, 3),), "os.symlink": ((1, 2),), "os.chmod": ((0, 2),),
}  # fmt: skip
_DATABASE = "sqlite3.connect"
_KILLS = ("os.kill", "os.killpg")
_EVENTS = frozenset([*_PATHS, _DATABASE, *_KILLS])
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Names a folder that survives runs, for the subject's pure work, never for answers.
SUBJECT_CACHE = "SUBJECT_CACHE_DIR"
_ENDS = ("_exit", "abort")
_DEVICES = "/dev/"

Stop = Callable[[CouldNotRun], NoReturn]
_State = tuple[int, int, int] | None  # None for a file that is not there


class FileWatch:
    """The watch of a cell with this folder; `stop` ends the cell.

    Not seen: writes by code that is not Python's, except into an SQLite database, and, outside
    Linux, below the descriptor of a folder.
    """

    def __init__(self, cell: Path, stop: Stop) -> None:
        self._stop = stop
        self._process = os.getpid()
        self._project, self._own = os.path.realpath(Path.cwd()), os.path.realpath(cell)
        self._temporary = os.path.realpath(tempfile.gettempdir())
        self._databases: dict[str, _State] = {}

    @property
    def watches(self) -> tuple[tuple[frozenset[str], See]]:
        """Its events, and the hook that sees them."""
        return ((_EVENTS, self._see),)

    def check_databases(self) -> None:
        """Stop the cell if a database of the project that it opened has changed since."""
        for path, before in self._databases.items():
            if _state_of(path) != before:
                self._stop(_written(path))

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if os.getpid() != self._process:
            return
        if event in _KILLS:
            if arguments[1] != 0 and self._is_ended_by(event, arguments[0]):
                self._stop(_ended(f"{event}({arguments[0]}, {int(arguments[1])})"))
        elif event == _DATABASE:
            path, mode = database_file(arguments[0])
            if path and mode != "ro" and not self._is_own(path):
                self._open(os.path.realpath(path))
        else:
            for path in _written_by(event, arguments):
                if path and not self._is_own(path, is_folder_made=event == "os.mkdir"):
                    self._stop(_written(path))

    def _is_ended_by(self, event: str, target: int) -> bool:
        """True for a signal to this process, its group, all processes, or that which started it."""
        if event == "os.killpg":  # as `kill` of the negative number
            target = -target
        return target in (self._process, os.getppid(), 0, -1, -os.getpgrp())

    def _open(self, path: str) -> None:
        """Stop the cell if a connection makes the file; else note it as it is before."""
        if not Path(path).exists():
            self._stop(_written(path))
        self._databases.setdefault(path, _state_of(path))

    def _is_own(self, path: str, *, is_folder_made: bool = False) -> bool:
        real = os.path.realpath(path)
        if real.startswith(_DEVICES) or "__pycache__" in Path(real).parts:
            return True
        for cache in map(os.path.realpath, _caches()):
            if _is_in(real, cache) or (is_folder_made and _is_in(cache, real)):
                return True
        is_temporary = _is_in(real, self._temporary) and not _is_in(real, self._project)
        return _is_in(real, self._own) or is_temporary


def _state_of(database: str) -> _State:
    """The time and the size of a database, and the size of the log of writes beside it."""
    try:
        status, log = Path(database).stat(), Path(f"{database}-wal")
        return status.st_mtime_ns, status.st_size, log.stat().st_size if log.exists() else 0
    except OSError:
        return None


def _caches() -> list[str]:
    """The folders of caches: that of the subject, and the user's, where libraries have theirs."""
    named = (os.environ.get(SUBJECT_CACHE), os.environ.get("XDG_CACHE_HOME"))
    usual = map(os.path.expanduser, ("~/.cache", "~/Library/Caches"))
    return [*filter(None, named), *usual]


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _written_by(event: str, arguments: tuple[Any, ...]) -> Iterator[str]:
    """The paths that an event is about to make, change or remove."""
    if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & _WRITES):
        return
    for place, folder in _PATHS[event]:
        # A descriptor is of a file that was opened before.
        if isinstance(arguments[place], (str, bytes, os.PathLike)):
            path = os.fsdecode(arguments[place])
            yield path if folder is None else _joined(arguments[folder], path)


def _joined(folder: int, path: str) -> str:
    """A path below the folder of a descriptor, as in `shutil.rmtree`; -1 is the current folder.

    "" where nothing says which folder the descriptor is of.
    """
    if folder < 0 or Path(path).is_absolute():
        return path
    opened = Path(f"/proc/self/fd/{folder}")
    return str(opened / path) if opened.exists() else ""


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


@contextmanager
def forks_ended() -> Iterator[None]:
    """End a forked process where it leaves the subject: what follows is its parent's to do."""
    process, code = os.getpid(), 0
    try:
        yield
    except BaseException as error:
        if os.getpid() != process:
            given = error.code or 0 if isinstance(error, SystemExit) else ""
            code = given if isinstance(given, int) else 1
            if code is not given:
                traceback.print_exc()
        raise
    finally:
        if os.getpid() != process:
            for stream in filter(None, (sys.stdout, sys.stderr)):
                with suppress(OSError, ValueError):  # its reader has gone
                    stream.flush()
            os._exit(code)


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
