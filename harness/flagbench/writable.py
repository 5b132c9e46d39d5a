"""Places that a command writes after long or paid work, checked before it begins."""

import tempfile
from pathlib import Path

from flagbench.atomic_file import is_stream
from flagbench.errors import CouldNotRun, InputError, Problem


def check_file(path: Path, option: str) -> None:
    """Raise where no file can be written, as `check_folder` does for its folder.

    A device or a pipe needs none.
    """
    if is_stream(path):
        return
    if path.is_dir():
        fix = f"name another with {option}"
        raise InputError(Problem(f"{path} is a folder", f"{option} {path}", "a file", fix))
    check_folder(path.parent, option, named=path)


def check_appended(path: Path, option: str) -> None:
    """Raise where no file can be made, or one that is there takes no further line."""
    if not path.exists() or path.is_dir():
        check_file(path, option)
        return
    try:
        path.open("ab").close()
    except OSError as error:
        raise _refused(error, f"{option} {path}", f"name another with {option}") from error


def check_folder(folder: Path, option: str, *, named: Path | None = None) -> None:
    """Raise where a folder, or what of it is there, takes no file; nothing is made.

    `named` is what the option names, by default the folder. Raises `InputError` for a file in the
    place of a folder, `CouldNotRun` for what the system refuses.
    """
    where, fix = f"{option} {named or folder}", f"name another with {option}"
    try:
        place = next(each for each in (folder, *folder.parents) if each.exists())
        if not place.is_dir():
            expected = "a folder, which is made if it is not there"
            raise InputError(Problem(f"{place} is a file", where, expected, fix))
        with tempfile.TemporaryFile(dir=place) as probe:
            probe.write(b"0")
            probe.flush()
    except OSError as error:
        raise _refused(error, where, fix) from error


def _refused(error: OSError, where: str, fix: str) -> CouldNotRun:
    what = f"nothing can be written there ({str(error.strerror).lower()})"
    return CouldNotRun(Problem(what, where, "a place that this process may write", fix))
