"""Atomic writing of files."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def write_whole(path: Path, content: str | bytes | Iterable[str | bytes]) -> None:
    """Write a file atomically: a reader sees the old content or the new, never a part.

    The parts of a long content may be made while they are written. A half of a surrogate pair,
    which UTF-8 cannot encode, is written as its escape. Raises `OSError` (a full disk, a missing
    permission) and then leaves the old content.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            for part in (content,) if isinstance(content, str | bytes) else content:
                stream.write(
                    part.encode("utf-8", "backslashreplace") if isinstance(part, str) else part
                )
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
