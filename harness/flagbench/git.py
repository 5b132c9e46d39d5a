"""Git history of a file. Every function raises `LookupError` where git has no answer."""

import os
import subprocess
from collections.abc import Collection
from pathlib import Path

_SHORT_COMMIT = 12


def show(revision_path: str, folder: Path | None = None) -> bytes:
    """Read the content at `REVISION:PATH`; a path that begins with `./` is relative to `folder`.

    Raises `LookupError` with git's own message.
    """
    return run(folder, "show", "--end-of-options", revision_path)


def last_change(path: Path) -> str:
    """The last commit that changed a file. Raises `LookupError` for a file in no commit."""
    commit = run(path.parent, "log", "-1", "--format=%H", "--", path.name).decode().strip()
    if not commit:
        raise LookupError(f"no commit has {path}")
    return commit


def changed_at(path: Path) -> int:
    """The time of the last commit that changed a file, in seconds since 1970.

    Raises `LookupError` for a file in no commit.
    """
    seconds = run(path.parent, "log", "-1", "--format=%ct", "--", path.name).decode().strip()
    if not seconds:
        raise LookupError(f"no commit has {path}")
    return int(seconds)


def describe(folder: Path | None = None) -> str:
    """The commit that is checked out, with the suffix `-dirty` if tracked files differ from it.

    Raises `LookupError` outside a repository.
    """
    options = ("--always", "--dirty", "--exclude=*", f"--abbrev={_SHORT_COMMIT}")
    return run(folder, "--no-optional-locks", "describe", *options).decode().strip()


def commit(folder: Path | None = None) -> str:
    """The full id of the commit that is checked out. Raises `LookupError` outside a repository."""
    return run(folder, "rev-parse", "--verify", "HEAD").decode().strip()


def committed_at(folder: Path | None = None) -> int:
    """The time of the commit that is checked out, in seconds since 1970.

    Raises `LookupError` outside a repository.
    """
    return int(run(folder, "log", "-1", "--format=%ct").decode())


def changes(folder: Path, *, but: Path) -> bytes:
    """The difference of all tracked files from the commit, without those below the folder `but`.

    Raises `LookupError` outside a repository.
    """
    plain = ("--binary", "--full-index", "--no-ext-diff", "--no-textconv", "--no-color")
    others = (f":(exclude){but}",) if but.resolve().is_relative_to(top(folder)) else ()
    return run(folder, "diff", *plain, "HEAD", "--", ":/", *others)


def top(folder: Path) -> Path:
    """The root of a working tree. Raises `LookupError` outside a repository."""
    path = run(folder, "rev-parse", "--show-toplevel").removesuffix(b"\n")
    return Path(os.fsdecode(path)).resolve()


def resolve(revision: str, folder: Path) -> str:
    """The full id of a commit. Raises `LookupError` for a name without one."""
    options = ("--verify", "--quiet", "--end-of-options")
    try:
        return run(folder, "rev-parse", *options, f"{revision}^{{commit}}").decode().strip()
    except LookupError as error:
        raise LookupError(f"{revision!r} is not a commit") from error


def subject(commit: str, folder: Path) -> str:
    """A commit in a line: id, day, author and subject."""
    line = "--format=%h %cs %an: %s"
    return run(folder, "show", "--no-patch", line, commit).decode(errors="replace").strip()


def run(folder: Path | None, *arguments: str, accepts: Collection[int] = (0,)) -> bytes:
    """The output of a git command, in English.

    Raises `LookupError` with git's own message for an exit code that is not accepted.
    """
    try:
        process = subprocess.run(  # noqa: S603  a fixed command; a revision follows --end-of-options
            ["git", *arguments],  # noqa: S607  the user's own git
            cwd=folder,
            env={**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "en"},
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise LookupError("git is not installed, or its folder is gone") from error
    if process.returncode not in accepts:
        lines = process.stderr.decode(errors="replace").strip().splitlines()
        raise LookupError(lines[0] if lines else "git gave no answer")
    return process.stdout
