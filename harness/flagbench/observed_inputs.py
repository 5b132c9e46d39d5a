"""Inputs of code under test beside its arguments: files, folders, variables, and late imports.

It is observed while a subject is loaded and while a cell runs, on all threads of the process. Not
seen: a test whether a file exists, what a library reads without Python, and what programs read.
What code of the project reads before or between, such as a `conftest.py`, is not seen either.
"""

import functools
import importlib
import importlib.util
import os
import sys
import tempfile
import threading
from collections.abc import ItemsView, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from flagbench.database_names import database_file

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FOLDERS = ("os.listdir", "os.scandir")
_PROGRAMS = frozenset(
    ("subprocess.Popen", "os.posix_spawn", "os.spawn", "os.exec", "os.system", "os.fork",
     "os.forkpty")
)  # fmt: skip
# Modules that start programs to ask for the machine's name and libraries.
_ASK_THE_MACHINE = ("platform", "ctypes.util", "uuid")
# Modules that go through all variables to find proxies, which a cell has of its own.
_LOOK_FOR_PROXIES = ("urllib.request",)
_OF_ENVIRONMENT = ("os", "_collections_abc", __name__)
# What Python, pytest and the harness keep in a folder of the project.
_OF_TOOLS = ("__pycache__", ".pytest_cache", ".flagbench")


@dataclass(slots=True)
class Inputs:
    """Inputs that were read, as absolute paths and names.

    `imports` are modules that were imported by a computed name, each with the importing module.
    `modules` were loaded meanwhile. `all_variables` is True if the code went through all of them,
    `programs` if it started one. `made` are the temporary files and folders it made itself. A file
    is True if it was there when it was first read, folders have the names that were in them.
    """

    files: dict[str, bool] = field(default_factory=dict)
    folders: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    variables: set[str] = field(default_factory=set)
    all_variables: bool = False
    imports: set[tuple[str, str]] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    programs: bool = False
    made: set[str] = field(default_factory=set)

    def add(self, other: "Inputs") -> None:
        """Add what another observation saw."""
        self.files = other.files | self.files
        self.folders = other.folders | self.folders
        self.variables |= other.variables
        self.all_variables |= other.all_variables
        self.imports |= other.imports
        self.modules |= other.modules
        self.programs |= other.programs

    @property
    def amount(self) -> tuple[int, ...]:
        """The numbers of what was read, which only grow."""
        return (
            len(self.files), len(self.folders), len(self.variables), len(self.imports),
            len(self.modules), self.all_variables, self.programs,
        )  # fmt: skip

    def is_made(self, path: str) -> bool:
        """True for a path that was made by the code itself, or is in such a folder."""
        return path in self.made or any(str(above) in self.made for above in Path(path).parents)


@functools.cache
def of_process() -> dict[tuple[str, bool], Inputs]:
    """All that was read in this process: code may keep it for a later cell.

    By the module, and True for what it read in a cell, which has flags and providers of its own.
    """
    return {}


@contextmanager
def observed(module: str, *, in_cell: bool = False) -> Iterator[Inputs]:
    """Observe what is read for the code of a module while the context is open."""
    watch, inputs = _watch(), Inputs()
    before = set(sys.modules)
    try:
        with watch.into(inputs):
            yield inputs
    finally:
        inputs.modules |= set(sys.modules) - before
        inputs.all_variables |= not isinstance(os.environ, _Environment)  # somebody replaced it
        inputs.files = {
            path: was_there for path, was_there in inputs.files.items() if not inputs.is_made(path)
        }
        inputs.folders = {
            path: names_in(path) for path in inputs.folders if not inputs.is_made(path)
        }
        of_process().setdefault((module, in_cell), Inputs()).add(inputs)


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


class _Watch:
    """The audit hook of this process, and the watches of its environment and of `importlib`."""

    def __init__(self) -> None:
        self._open: list[Inputs] = []
        self._lock = threading.Lock()
        self.at_start = current_variables()
        self._temporary = Path(os.path.realpath(tempfile.gettempdir()))
        self._project = Path(os.path.realpath(Path.cwd()))
        sys.addaudithook(self._see)
        os.environ.__class__ = _Environment
        if os.supports_bytes_environ:
            os.environb.__class__ = _Environment
        original = importlib.import_module

        @functools.wraps(original)
        def import_module(name: str, package: str | None = None) -> Any:
            for inputs in self._open:
                caller = sys._getframe(1).f_globals.get("__name__", "")
                inputs.imports.add((str(caller), _absolute(name, package)))
            return original(name, package)

        importlib.import_module = import_module

    @contextmanager
    def into(self, inputs: Inputs) -> Iterator[None]:
        with self._lock:
            self._open = [*self._open, inputs]
        try:
            yield
        finally:
            with self._lock:
                self._open = [other for other in self._open if other is not inputs]

    def variable(self, name: object) -> None:
        for inputs in self._open:
            inputs.variables.add(os.fsdecode(name) if isinstance(name, bytes) else str(name))

    def all_variables(self) -> None:
        if self._open and not _is_called_by(_LOOK_FOR_PROXIES, _OF_ENVIRONMENT):
            for inputs in self._open:
                inputs.all_variables = True

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._open:
            return
        if event == "open":
            flags = arguments[2]
            self._see_file(arguments[0], writes=isinstance(flags, int) and bool(flags & _WRITES))
        elif event == "sqlite3.connect":
            file, _ = database_file(arguments[0])
            for name in (file, f"{file}-wal") if file else ():
                self._see_file(name, writes=False)
        elif event in _FOLDERS and not isinstance(arguments[0], int):
            folder = _path(arguments[0] or ".")
            for inputs in self._open:
                inputs.folders.setdefault(folder)
        elif event == "os.mkdir":
            self._see_folder_made(arguments[0])
        elif event in ("os.link", "os.symlink", "os.rename"):
            self._see_file(arguments[0], writes=False)
            self._see_file(arguments[1], writes=True)
        elif event in _PROGRAMS and not _is_called_by(_ASK_THE_MACHINE, ("subprocess", __name__)):
            for inputs in self._open:
                inputs.programs = True

    def _see_folder_made(self, name: str | bytes | os.PathLike[Any]) -> None:
        path = _path(name)
        if self._is_temporary(path) and not Path(path).exists():
            for inputs in self._open:
                inputs.made.add(path)

    def _see_file(self, name: object, *, writes: bool) -> None:
        if not isinstance(name, (str, bytes, os.PathLike)):  # a descriptor, opened before
            return
        path = _path(name)
        was_there = Path(path).exists()
        is_made = writes and not was_there and self._is_temporary(path)
        for inputs in self._open:
            if is_made:
                inputs.made.add(path)
            else:
                inputs.files.setdefault(path, was_there)

    def _is_temporary(self, path: str) -> bool:
        """True for a path that no other run can have: what the code makes there is no input."""
        real = Path(os.path.realpath(path))
        return real.is_relative_to(self._temporary) and not real.is_relative_to(self._project)


@functools.cache
def _watch() -> _Watch:
    return _Watch()


class _Environment(type(os.environ)):  # type: ignore[misc]  # the class has no public name
    """The variables of the process, each of which is noted when it is read."""

    def __getitem__(self, key: str) -> str:
        _watch().variable(key)
        value: str = super().__getitem__(key)
        return value

    def __iter__(self) -> Iterator[str]:
        _watch().all_variables()
        return super().__iter__()  # type: ignore[no-any-return]

    def items(self) -> ItemsView[str, str]:
        _watch().all_variables()
        return _all_of(self).items()

    def __repr__(self) -> str:
        _watch().all_variables()
        return super().__repr__()  # type: ignore[no-any-return]


def current_variables() -> dict[str, str]:
    """All variables of the process, without a note of it."""
    every: Any = os.environ
    return _all_of(every) if isinstance(every, _Environment) else dict(every)


def _all_of(every: Any) -> dict[str, str]:
    return {every.decodekey(name): every.decodevalue(value) for name, value in every._data.items()}


def variables_at_start() -> Mapping[str, str]:
    """All variables as they were before anything was observed; code may have changed them since."""
    return _watch().at_start


def _is_called_by(modules: Sequence[str], through: Sequence[str]) -> bool:
    """True if one of some modules has called this, itself or `through` others."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__") in through:
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") in modules


def _absolute(name: str, package: str | None) -> str:
    return importlib.util.resolve_name(name, package) if name.startswith(".") else name


def _path(path: str | bytes | os.PathLike[Any]) -> str:
    return os.path.abspath(os.fsdecode(path))  # noqa: PTH100  links are followed when it is read
