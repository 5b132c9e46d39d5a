"""Refuted files of a run, written next to the latest reports for inspection."""

from collections.abc import Iterable
from pathlib import Path

from flagbench.atomic_file import write_whole
from flagbench.measurement.measurement import digest
from flagbench.printable import printable_line

FOLDER = "artifacts"
# Of a name's end, which has the suffix: as many as a file system takes of four bytes each.
_NAME_LENGTH = 50


def path_of(file: str, sha256: str) -> str:
    """The path of a refuted file, relative to the folder of the latest reports.

    It is the same for a path and for its printable form.
    """
    return f"{FOLDER}/{sha256[:12]}-{printable_line(Path(file).name)[-_NAME_LENGTH:]}"


def kept(latest: Path) -> dict[str, Path]:
    """Name -> the refuted file of that name, of all in a folder of reports."""
    return {
        path.name: path
        for path in sorted(latest.glob(f"{FOLDER}/*"))
        if path.is_file() and not path.is_symlink()
    }


def write(latest: Path, file: str, text: str) -> None:
    """Write a refuted file, unless it exists. Raises `OSError`."""
    path = latest / path_of(file, digest(text))
    if not path.exists():
        write_whole(path, text.encode("utf-8", "surrogatepass"))


def remove_others(latest: Path, paths: Iterable[str]) -> None:
    """Remove the files of earlier runs: all but `paths`, which are as `path_of` returns them."""
    current = set(paths)
    for path in latest.glob(f"{FOLDER}/*"):
        if path.relative_to(latest).as_posix() not in current:
            path.unlink(missing_ok=True)
