"""Results of pure functions kept between runs, in a folder named by the environment."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

# Set to share results between many sessions on the same answers; nothing is kept if unset.
FOLDER_VARIABLE = "SUBJECT_CACHE_DIR"


def memoise(name: str, text: str, make: Callable[[str], str]) -> str:
    """Return `make(text)`, computed once for each text, `name` and source file of `make`.

    `name` is that of the function, with the versions of its libraries. Each result is a file of the
    folder, written atomically, so several processes may share it. It begins with a digest, so that
    a damaged file is a result that is not there. With a folder that cannot be read or written, the
    result is computed every time.
    """
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        return make(text)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    path = Path(folder, f"{name}-{_source_of(make)}", digest[:2], digest)
    try:
        head, _, data = path.read_bytes().partition(b"\n")
        if head.decode() == _digest(digest, data):
            return data.decode()
    except (OSError, UnicodeDecodeError):  # not there yet, or damaged
        pass
    result = make(text)
    try:
        data = result.encode()
        data = f"{_digest(digest, data)}\n".encode() + data
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            file.write(data)
        Path(file.name).replace(path)
    except (OSError, UnicodeEncodeError):
        pass
    return result


def _source_of(make: Callable[[str], str]) -> str:
    """The digest of the file that a function is from, "builtin" without one."""
    code = getattr(make, "__code__", None)
    return _file_digest(code.co_filename) if code else "builtin"


@cache  # the sources do not change while a process runs
def _file_digest(path: str) -> str:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]
    except OSError:  # in an archive, or without sources
        return "unknown"


def _digest(key: str, data: bytes) -> str:
    """The digest of a result and of the text that it belongs to."""
    return hashlib.sha256(key.encode() + data).hexdigest()
