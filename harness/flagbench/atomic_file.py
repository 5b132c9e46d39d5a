"""Atomic writing of files."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

_OPEN_FILES = ("/proc/", "/dev/fd/")


def write_whole(path: Path, content: str | bytes | Iterable[str | bytes]) -> None:
    """Write a file atomically: a reader sees the old content or the new, never a part.

    The parts of a long content may be made while they are written. A half of a surrogate pair,
    which UTF-8 cannot encode, is written as its escape. A device, a pipe or an open file under its
    number (`/dev/stdout`) gets the content, and stays what it is. Raises `OSError` (a full disk, a
    missing permission) and then leaves the old content.
    """
    parts = (content,) if isinstance(content, str | bytes) else content
    try:
        if is_stream(path):
            with path.open("ab") as stream:
                _write(stream, parts)
        else:
            _replace(path, parts)
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(path)
        raise


def is_stream(path: Path) -> bool:
    """True for what no file may take the place of: a device, a pipe, a name of an open file."""
    if path.is_dir() or not path.exists():
        return False
    link = os.readlink(path) if path.is_symlink() else ""  # noqa: PTH115  in /proc it is a text
    of_open_files = link.startswith(_OPEN_FILES) or str(path.parent.resolve()).startswith("/proc/")
    return of_open_files or not path.is_file()


def _write(stream: BinaryIO, parts: Iterable[str | bytes]) -> None:
    for part in parts:
        stream.write(part.encode("utf-8", "backslashreplace") if isinstance(part, str) else part)


def _replace(path: Path, parts: Iterable[str | bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            _write(stream, parts)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
