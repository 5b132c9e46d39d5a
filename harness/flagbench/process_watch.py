"""The watch of a process: audit events, variables, imports by name, and looks at files."""

import functools
import importlib
import importlib.util
import os
import sys
import tempfile
import threading
from collections.abc import ItemsView, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from flagbench.database_names import database_file
from flagbench.inputs_read import Inputs

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# They raise no audit event.
_LOOKS = ("stat", "lstat", "access", "readlink")
_LOOK_THROUGH = ("posixpath", "ntpath", "genericpath", "pathlib")
# What watches a cell looks at files, too.
_WATCHES = (__name__, "flagbench.run.own_files")
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


class Watch:
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
        for name in _LOOKS:
            self._watch_look(name)

    def _watch_look(self, name: str) -> None:
        """Note the paths that a function of `os` is called with."""
        original = getattr(os, name)

        @functools.wraps(original)
        def look(path: Any, *arguments: Any, **named: Any) -> Any:
            if (
                self._open
                and isinstance(path, (str, bytes, os.PathLike))
                and not _is_called_by(_WATCHES, _LOOK_THROUGH)
            ):
                place = _path(path)
                for inputs in self._open:
                    inputs.places.add(place)
            return original(path, *arguments, **named)

        setattr(os, name, look)
        for able in (os.supports_dir_fd, os.supports_follow_symlinks, os.supports_effective_ids,
                     os.supports_fd):  # fmt: skip
            if original in able:
                able.add(look)

    @contextmanager
    def into(self, inputs: Inputs) -> Iterator[None]:
        """Note what is read in these inputs, too."""
        with self._lock:
            self._open = [*self._open, inputs]
        try:
            yield
        finally:
            with self._lock:
                self._open = [other for other in self._open if other is not inputs]

    def variable(self, name: object) -> None:
        """Note that a variable was read."""
        for inputs in self._open:
            inputs.variables.add(os.fsdecode(name) if isinstance(name, bytes) else str(name))

    def all_variables(self) -> None:
        """Note that code went through all variables."""
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
        """True for a path that no other run can have: what the code makes there is not an input."""
        real = Path(os.path.realpath(path))
        return real.is_relative_to(self._temporary) and not real.is_relative_to(self._project)


@functools.cache
def watch() -> Watch:
    """The watch of this process, which begins when it is first needed."""
    return Watch()


class _Environment(type(os.environ)):  # type: ignore[misc]  # the class has no public name
    """The variables of the process, each of which is noted when it is read."""

    def __getitem__(self, key: str) -> str:
        watch().variable(key)
        value: str = super().__getitem__(key)
        return value

    def __iter__(self) -> Iterator[str]:
        watch().all_variables()
        return super().__iter__()  # type: ignore[no-any-return]

    def items(self) -> ItemsView[str, str]:
        watch().all_variables()
        return _all_of(self).items()

    def __repr__(self) -> str:
        watch().all_variables()
        return super().__repr__()  # type: ignore[no-any-return]


def current_variables() -> dict[str, str]:
    """All variables of the process, without a note of it."""
    every: Any = os.environ
    return _all_of(every) if isinstance(every, _Environment) else dict(every)


def _all_of(every: Any) -> dict[str, str]:
    return {every.decodekey(name): every.decodevalue(value) for name, value in every._data.items()}


def is_watched() -> bool:
    """True if reads of variables are seen, False if somebody has replaced `os.environ`."""
    return isinstance(os.environ, _Environment)


def variables_at_start() -> Mapping[str, str]:
    """All variables as they were before anything was observed; code may have changed them since."""
    return watch().at_start


def _is_called_by(modules: Sequence[str], through: Sequence[str]) -> bool:
    """True if one of some modules has called this, itself or `through` others or their parts."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        # `pathlib` is a package since Python 3.13.
        if name not in through and name.partition(".")[0] not in through:
            break
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") in modules


def _absolute(name: str, package: str | None) -> str:
    return importlib.util.resolve_name(name, package) if name.startswith(".") else name


def _path(path: str | bytes | os.PathLike[Any]) -> str:
    return os.path.abspath(os.fsdecode(path))  # noqa: PTH100  links are followed when it is read
