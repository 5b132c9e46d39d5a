"""Reading of regular files: of any, and of a text that a person wrote, which has a bound."""

import stat
from pathlib import Path

# Far beyond any file that a person writes; a device or a dump is refused before it is read.
MAX_BYTES = 1 << 20


def read(path: Path, *, max_bytes: int = MAX_BYTES) -> str:
    """Read a file, without a byte order mark.

    Raises `OSError` for one that is missing, is not a regular file (a folder, a device, a pipe) or
    is longer than `max_bytes`, and `UnicodeDecodeError` for one that is not UTF-8.
    """
    _check_regular(path)
    with path.open("rb") as stream:
        content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise OSError(f"longer than {max_bytes:,} bytes")
    return content.decode("utf-8-sig")


def read_bytes(path: Path) -> bytes:
    """Read a file that flagbench wrote, of any size.

    Raises `OSError` for one that is missing or is not a regular file: a device never ends.
    """
    _check_regular(path)
    return path.read_bytes()


def _check_regular(path: Path) -> None:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError("Is a directory")
    if not stat.S_ISREG(status.st_mode):
        raise OSError("not a regular file")
