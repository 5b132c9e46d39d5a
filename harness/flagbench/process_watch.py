"""The watch of a process: audit events, variables, imports by name, and looks at files."""

import functools
import importlib
import importlib.util
import os
import re
import sys
import threading
from collections.abc import Callable, ItemsView, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from flagbench.database_names import database_file
from flagbench.inputs_read import Inputs

# They raise no audit event.
_LOOKS = ("stat", "lstat", "access", "readlink")
_LOOK_THROUGH = ("posixpath", "ntpath", "genericpath", "pathlib")
# What watches a cell looks at files, too.
_WATCHES = (__name__, "flagbench.run.own_files")
_FOLDERS = ("os.listdir", "os.scandir")
_PROGRAMS = frozenset(
    ("subprocess.Popen", "os.posix_spawn", "os.spawn", "os.exec", "os.system", "os.fork",
     "os.forkpty", "_winapi.CreateProcess")
)  # fmt: skip
# Files and folders under names that nobody else has.
_TEMPORARY = ("tempfile.mkstemp", "tempfile.mkdtemp")
_VARIABLES = re.compile(r"/proc/\w+/environ")  # of this process or of one that it is made from
# Modules that start processes which read no file of the project.
_READ_NOTHING = ("multiprocessing.resource_tracker",)
# Modules that start programs to ask for the machine's name and libraries.
_ASK_THE_MACHINE = ("platform", "ctypes.util", "uuid")
# Modules that go through all variables to find proxies, which a cell has of its own.
_LOOK_FOR_PROXIES = ("urllib.request",)
_OF_ENVIRONMENT = ("os", "_collections_abc", __name__)
Arguments = tuple[Any, ...]
"""The arguments of an audit event."""


def _opened(arguments: Arguments) -> Iterator[object]:
    name, _, flags = arguments
    writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
    # What is written to a folder is a temporary file without a name.
    if not (writes and isinstance(name, (str, bytes, os.PathLike)) and os.path.isdir(name)):  # noqa: PTH112
        yield name


def _loaded(arguments: Arguments) -> Iterator[object]:
    if isinstance(arguments[0], str) and os.sep in arguments[0]:  # others are of the system
        yield arguments[0]


def _connected(arguments: Arguments) -> Iterator[object]:
    file, _ = database_file(arguments[0])
    if file:
        yield from (file, f"{file}-wal")


def _linked(arguments: Arguments) -> Iterator[object]:
    yield from arguments[:2]


# The files of audit events.
_FILES: Mapping[str, Callable[[Arguments], Iterator[object]]] = {
    "open": _opened,
    "ctypes.dlopen": _loaded,
    "sqlite3.connect": _connected,
    "os.link": _linked,
    "os.symlink": _linked,
    "os.rename": _linked,
}


class Watch:
    """The audit hook of this process, and the watches of its environment and of `importlib`."""

    def __init__(self) -> None:
        self._open: list[Inputs] = []
        self._lock = threading.Lock()
        self.at_start = current_variables()
        self._temporary = set[str]()
        self._project = Path(os.path.realpath(Path.cwd()))
        self._has_helpers = False
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
        self._watch_helpers()

    def _watch_helpers(self) -> None:
        """Note when `multiprocessing` starts processes, which go on and read for later cells."""
        try:
            import _posixsubprocess  # noqa: PLC0415  not on Windows, where an event tells of it
        except ImportError:
            return
        original = _posixsubprocess.fork_exec

        @functools.wraps(original)
        def fork_exec(*arguments: Any) -> Any:
            if self._open and not _is_called_by(_READ_NOTHING, ("multiprocessing.util",)):
                self._has_helpers = True
                for inputs in self._open:
                    inputs.programs = True
            return original(*arguments)

        _posixsubprocess.fork_exec = fork_exec

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
                    if "\0" not in place:  # no file has such a name, now or later
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
        inputs.programs |= self._has_helpers
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

    def is_temporary(self, path: str) -> bool:
        """True for a path that no other run can have, made under a random name or below one.

        What code makes there is not an input.
        """
        if not self._temporary or self._temporary.isdisjoint((path, *map(str, Path(path).parents))):
            return False
        return not Path(os.path.realpath(path)).is_relative_to(self._project)

    def _see(
        self, event: str, arguments: Arguments, temporary: tuple[str, ...] = _TEMPORARY
    ) -> None:
        # Bound, since Python clears the names of modules before the last events.
        if event in temporary:
            path = _path(arguments[0])
            self._temporary |= {path, os.path.realpath(path)}
        if not self._open:
            return
        if event in _FILES:
            for name in _FILES[event](arguments):
                self._see_file(name)
        elif event in _FOLDERS and not isinstance(arguments[0], int):
            folder = _path(arguments[0] or ".")
            for inputs in self._open:
                inputs.folders.setdefault(folder)
        elif event in _PROGRAMS and not _is_called_by(_ASK_THE_MACHINE, ("subprocess", __name__)):
            for inputs in self._open:
                inputs.programs = True

    def _see_file(self, name: object) -> None:
        if not isinstance(name, (str, bytes, os.PathLike)):  # a descriptor, opened before
            return
        path = _source_of(_path(name))
        if _VARIABLES.fullmatch(path):
            self.all_variables()
            return
        if self.is_temporary(path):
            return
        was_there = Path(path).exists()
        for inputs in self._open:
            inputs.files.setdefault(path, was_there)


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


def _source_of(path: str) -> str:
    """The path of the source of compiled code, which stands for it; any other path as it is."""
    if path.endswith(".pyc"):
        try:
            return importlib.util.source_from_cache(path)
        except (ValueError, NotImplementedError):  # not in a `__pycache__`
            return path
    return path


def _absolute(name: str, package: str | None) -> str:
    return importlib.util.resolve_name(name, package) if name.startswith(".") else name


def _path(path: str | bytes | os.PathLike[Any]) -> str:
    return os.path.abspath(os.fsdecode(path))  # noqa: PTH100  links are followed when it is read
