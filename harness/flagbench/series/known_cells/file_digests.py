"""Digests of the files that a cell depends on, each computed once in a process."""

import hashlib
import os
import stat
import sys
import time
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path

from flagbench.observed_inputs import names_in

# Steps of the clock by which the system stamps files and the start of a process.
CLOCK_SECONDS = 0.02
ABSENT = "absent"


class FileDigests:
    """Digests of files and folders as they are now, with whether a file was changed lately.

    A file that was changed after this process began may have been read before or after: no cell
    that depends on one can be kept. Runs write to `reports`, which does not count beside code.
    """

    def __init__(self, reports: str = "") -> None:
        self._reports = reports
        self._digests: dict[str, str] = {}
        self._changed = set[str]()
        self._names: dict[str, list[str] | None] = {}
        self._stamps: dict[str, tuple[int, ...]] = {}

    def of_file(self, path: str) -> str:
        """The digest of a file's content, the word `absent` for none."""
        if path not in self._digests:
            self._digests[path] = self._read(path)
        return self._digests[path]

    def names_beside(self, folder: str) -> list[str] | None:
        """The names in a folder of code, those of hidden files left out."""
        if folder not in self._names:
            self._names[folder] = self._names_now(folder)
        return self._names[folder]

    def names_digest(self, folder: str, names: Iterable[str] | None) -> str:
        """The digest of the names in a folder, without that of the reports."""
        others = self._without_reports(folder, names)
        return hashlib.sha256(repr(others).encode("utf-8", "surrogateescape")).hexdigest()

    def of_place(self, path: str) -> str:
        """The digest of what is at a path: its link, content, mode and time.

        Of a folder neither its names nor its time.
        """
        place = Path(path)
        link = str(place.readlink()) if place.is_symlink() else ""
        self._stamps.setdefault(path, _stamp(path))
        try:
            status = place.stat()
        except OSError:
            return f"{link} {self.of_file(path)}"
        mode = oct(status.st_mode)
        if stat.S_ISREG(status.st_mode):
            return f"{link} {self.of_file(path)} {mode} {status.st_mtime_ns}"
        return f"{link} {mode}"

    def is_settled(self, path: str) -> bool:
        """True if a file whose digest was computed was not changed since this process began.

        Changes after its digest was computed count when `look_again` has seen them.
        """
        return path not in self._changed

    def look_again(self) -> bool:
        """Look for changes since the digests were computed; True if there are new ones."""
        changed = {path for path, stamp in self._stamps.items() if _stamp(path) != stamp}
        changed |= {path for path, names in self._names.items() if self._names_now(path) != names}
        is_new = not changed <= self._changed
        self._changed |= changed
        return is_new

    def _names_now(self, folder: str) -> list[str] | None:
        return self._without_reports(folder, names_in(folder, hidden=False))

    def _without_reports(self, folder: str, names: Iterable[str] | None) -> list[str] | None:
        return (
            names
            if names is None
            else [name for name in names if str(Path(folder, name)) != self._reports]
        )

    def _read(self, path: str) -> str:
        self._stamps.setdefault(path, _stamp(path))
        try:
            # Of a named pipe nobody may wait for the other end.
            with open(path, "rb", opener=_at_once) as stream:
                status = os.fstat(stream.fileno())
                if not stat.S_ISREG(status.st_mode):
                    self._changed.add(path)
                    return "no file"
                if max(status.st_mtime, status.st_ctime) > began() - CLOCK_SECONDS:
                    self._changed.add(path)
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except FileNotFoundError:
            return ABSENT
        except OSError as error:
            self._changed.add(path)
            return f"unreadable: {error.errno}"


def _stamp(path: str) -> tuple[int, ...]:
    """The properties that tell a file from another one, and from itself after a change."""
    try:
        status = os.stat(path)  # noqa: PTH116  it is called for each file and each series
    except (OSError, ValueError):
        return ()
    if not stat.S_ISREG(status.st_mode):
        return (status.st_mode,)
    return status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def files_below(folder: str, without: frozenset[str] = frozenset()) -> list[str]:
    """The files below a folder, sorted; without hidden ones, compiled ones, and some folders."""

    def is_skipped(name: str) -> bool:
        return name.startswith(".") or name == "__pycache__" or name.endswith(".pyc")

    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if not is_skipped(name) and os.path.join(root, name) not in without  # noqa: PTH118
        ]
        found += [os.path.join(root, name) for name in names if not is_skipped(name)]  # noqa: PTH118
    return sorted(found)


@cache
def began() -> float:
    """The time when this process began, in seconds since the epoch."""
    try:
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        ticks_per_second = os.sysconf("SC_CLK_TCK")
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / ticks_per_second
        return time.time() - age
    except (OSError, AttributeError, ValueError):
        # Nothing says it: all that was changed since the processor time was zero counts as new.
        return time.time() - max(time.perf_counter(), time.process_time())


@cache
def installation() -> tuple[str, bool]:
    """The digest of Python, the harness and all installed distributions; True if it is settled."""
    files = FileDigests()
    harness = str(Path(__file__).parents[2])
    paths = files_below(harness)
    for distribution in metadata.distributions():
        record = getattr(distribution, "_path", None)
        if record is not None:
            paths += [str(Path(record, name)) for name in ("RECORD", "METADATA", "PKG-INFO")]
    digest = hashlib.sha256(
        "\n".join(
            (
                sys.version, sys.platform, os.uname().machine if hasattr(os, "uname") else "",
                repr(sys.flags), sys.prefix,
            )
        ).encode()
    )  # fmt: skip
    for path in sorted(paths):
        digest.update(f"{Path(path).name} {files.of_file(path)}\n".encode())
    return digest.hexdigest(), all(files.is_settled(path) for path in paths)
