"""Validation of an artifact's files before they are written anywhere."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from flagbench.acceptance.sandbox.errors import BadFiles
from flagbench.acceptance.sandbox.limits import Limits, size_words

_NAME_BYTES = 255
_PATH_BYTES = 1024
_BLOCK_BYTES = 4096


def validate(files: Mapping[str, str], limits: Limits) -> dict[str, str]:
    """Return the files, each with its path in its shortest form.

    Raises `BadFiles` for an invalid path, one that leads out of the directory or is both file and
    folder, and for more than the limits allow.
    """
    wanted: dict[str, str] = {}
    folders: set[str] = set()
    size_bytes = 0
    for name, text in files.items():
        path = _validate_path(name)
        if path in wanted:
            raise BadFiles(f"there are two files {path!r}", "return each file once")
        wanted[path] = text
        folders |= {str(folder) for folder in PurePosixPath(path).parents}
        blocks = -(-_size(path, text) // _BLOCK_BYTES)
        size_bytes += blocks * _BLOCK_BYTES
    both = sorted(folders & wanted.keys())
    if both:
        raise BadFiles(f"{both[0]!r} is a file and a folder", "rename one of them")
    if len(wanted) + len(folders) > limits.disk_files // 2:
        raise BadFiles(f"there are more than {limits.disk_files // 2} files", "return fewer files")
    if size_bytes > limits.disk_bytes // 2:
        most = size_words(limits.disk_bytes // 2)
        raise BadFiles(f"its files take more than {most}", "return smaller files")
    return wanted


def _validate_path(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        fix = "return paths that are relative to the artifact's folder, without `..`"
        raise BadFiles(f"the path {name!r} leads out of its directory", fix)
    try:
        sizes = [len(part.encode("utf-8")) for part in path.parts]
    except UnicodeEncodeError as error:
        raise BadFiles(f"the path {name!r} is not text", "return paths in UTF-8") from error
    if "\0" in name or max(sizes) > _NAME_BYTES or sum(sizes) > _PATH_BYTES:
        fix = f"return a shorter path, without NUL: at most {_NAME_BYTES} bytes a part"
        raise BadFiles(f"the path {name[:80]!r} is too long, or is none", fix)
    return str(path)


def _size(path: str, text: str) -> int:
    try:
        return len(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise BadFiles(f"the file {path!r} is not text", "return texts in UTF-8") from error
