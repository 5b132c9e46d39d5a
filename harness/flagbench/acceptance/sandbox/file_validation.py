"""Validation of an artifact's files before they are written anywhere."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from flagbench.acceptance.sandbox.errors import Misbehaved
from flagbench.acceptance.sandbox.limits import Limits, size_words

_NAME_BYTES = 255
_PATH_BYTES = 1024
_BLOCK_BYTES = 4096


def validate(files: Mapping[str, str], limits: Limits) -> dict[str, str]:
    """Return the files, each with its path in its shortest form.

    Raises `Misbehaved` for an invalid path, one that leads out of the directory or is both file and
    folder, and for more than the limits allow.
    """
    wanted: dict[str, str] = {}
    folders: set[str] = set()
    size_bytes = 0
    for name, text in files.items():
        path = _validate_path(name)
        if path in wanted:
            raise Misbehaved(f"there are two files {path!r}")
        wanted[path] = text
        folders |= {str(folder) for folder in PurePosixPath(path).parents}
        blocks = -(-_size(path, text) // _BLOCK_BYTES)
        size_bytes += blocks * _BLOCK_BYTES
    both = sorted(folders & wanted.keys())
    if both:
        raise Misbehaved(f"{both[0]!r} is a file and a folder")
    if len(wanted) + len(folders) > limits.disk_files // 2:
        raise Misbehaved(f"there are more than {limits.disk_files // 2} files")
    if size_bytes > limits.disk_bytes // 2:
        raise Misbehaved(f"its files take more than {size_words(limits.disk_bytes // 2)}")
    return wanted


def _validate_path(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise Misbehaved(f"the path {name!r} leads out of its directory")
    try:
        sizes = [len(part.encode("utf-8")) for part in path.parts]
    except UnicodeEncodeError as error:
        raise Misbehaved(f"the path {name!r} is not text") from error
    if "\0" in name or max(sizes) > _NAME_BYTES or sum(sizes) > _PATH_BYTES:
        raise Misbehaved(f"the path {name[:80]!r} is too long, or is none")
    return str(path)


def _size(path: str, text: str) -> int:
    try:
        return len(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise Misbehaved(f"the file {path!r} is not text") from error
