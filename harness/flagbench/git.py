"""What a git repository remembers of a file. A project without git has no memory: that is told."""

import subprocess
from pathlib import Path

_SHORT_COMMIT = 12


def show(named: str, folder: Path | None = None) -> bytes:
    """The content that `REVISION:PATH` names, where `./` begins a path from `folder`.

    Raises `LookupError` with git's own words.
    """
    return _run(folder, "show", "--end-of-options", named)


def last_change(path: Path) -> str:
    """The commit that changed a file last. Raises `LookupError` for a file that none has."""
    found = _run(path.parent, "log", "-1", "--format=%H", "--", path.name).decode().strip()
    if not found:
        raise LookupError(f"no commit has {path}")
    return found


def describe(folder: Path | None = None) -> str:
    """The commit that is checked out, with `-dirty` behind it where tracked files differ from it.

    Raises `LookupError` where there is none.
    """
    words = ("--always", "--dirty", "--exclude=*", f"--abbrev={_SHORT_COMMIT}")
    return _run(folder, "--no-optional-locks", "describe", *words).decode().strip()


def _run(folder: Path | None, *words: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603  a fixed command; a revision stands behind its end
            ["git", *words],  # noqa: S607  the user's own git
            cwd=folder,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise LookupError("git is not installed, or its folder is gone") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise LookupError(said[0] if said else "git gave no answer")
    return done.stdout
