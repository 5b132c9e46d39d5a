"""Generated files that did not stand the proof: where they are kept for a person to look at."""

from collections.abc import Iterable
from pathlib import Path

from flagbench.atomic_file import write_whole
from flagbench.measurement.measurement import digest

_FOLDER = "artifacts"


def path_of(file: str, sha256: str) -> str:
    """Where a refuted file is kept, under the folder of the latest reports."""
    return f"{_FOLDER}/{sha256[:12]}-{Path(file).name}"


def keep(latest: Path, file: str, text: str) -> None:
    """Write a refuted file, unless it is there. Raises `OSError`."""
    path = latest / path_of(file, digest(text))
    if not path.exists():
        write_whole(path, text.encode("utf-8", "surrogatepass"))


def remove_others(latest: Path, paths: Iterable[str]) -> None:
    """Remove what earlier runs kept: every file but those of `paths`, as `path_of` names them."""
    named = set(paths)
    for path in latest.glob(f"{_FOLDER}/*"):
        if path.relative_to(latest).as_posix() not in named:
            path.unlink(missing_ok=True)
