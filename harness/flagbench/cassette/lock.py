"""The right to record into a cassette: one recorder at a time, in a folder that can be written."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flagbench.errors import CouldNotRun, Problem

try:
    import fcntl
except ImportError:  # Windows, where recorders are not kept apart
    fcntl = None  # type: ignore[assignment]


def path_of(cassette: Path) -> Path:
    """The path of the lock of a cassette, which is there while it is being recorded."""
    return cassette.with_name(cassette.name + ".lock")


@contextmanager
def held(cassette: Path) -> Iterator[None]:
    """Hold the lock of a cassette.

    Raises `CouldNotRun` if another process holds it, or if nothing can be written there. The system
    releases the lock of a process that was killed.
    """
    path = path_of(cassette)
    if cassette.is_dir():
        what = "a cassette cannot be written here: this is a folder"
        raise CouldNotRun(Problem(what, where=str(cassette), fix="remove or rename the folder"))
    descriptor = _acquired(path)
    try:
        try:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"process {os.getpid()}".encode())
        except OSError as error:
            raise _not_written(path, error) from error
        yield
    finally:
        with suppress(OSError):  # Windows deletes no open file; the lock is released all the same
            path.unlink()
        os.close(descriptor)


def _acquired(path: Path) -> int:
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise _not_written(path.parent, error) from error
        if fcntl is None or _locked(descriptor, path):
            return descriptor
        os.close(descriptor)


def _not_written(path: Path, error: OSError) -> CouldNotRun:
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return CouldNotRun(
        Problem(
            f"a cassette cannot be written here ({error.strerror}); nothing was sent",
            where=str(path),
            expected="space on the disk" if is_full else "a folder that this process may write",
        )
    )


def _locked(descriptor: int, path: Path) -> bool:
    """Lock an open file; False if its last holder deleted it in between."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, 100).decode(errors="replace") or "another process"
        os.close(descriptor)
        raise CouldNotRun(
            Problem(
                f"{holder} is recording this cassette",
                where=str(path.with_suffix("")),
                fix="wait until it has ended, then run the same command again",
            )
        ) from error
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), path.stat())
    return False
