"""A project's files as a tar: the same bytes for the same content, so that its digest names it."""

import hashlib
import io
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from flagbench import git
from flagbench.errors import CouldNotRun, Problem
from flagbench.shell_command import shell_command

# What a run leaves behind, and what holds no inputs.
_LEFT_OUT = {".git", ".flagbench", ".pytest_cache", "__pycache__"}
_ENVIRONMENT = "pyvenv.cfg"


def pack(project: Path, inputs: Iterable[Path], outputs: Sequence[Path]) -> bytes:
    """The files that git tracks or does not ignore, and all that are below `inputs`.

    Outside a repository, all files of the project. Neither has environments, or what is below
    `outputs`. A link is packed as what it leads to. Raises `CouldNotRun` for a file that cannot be
    read.
    """
    try:
        listed = git.run(project, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        places = [project / name for name in listed.decode(errors="surrogateescape").split("\0")
                  if name]  # fmt: skip
    except LookupError:
        places = [project]
    files = {path for place in (*places, *inputs) for path in _below(place)}
    inner = {path.relative_to(project) for path in files
             if not any(path.is_relative_to(place) for place in outputs)}  # fmt: skip
    names = {path.as_posix() for path in inner if _LEFT_OUT.isdisjoint(path.parts)}
    try:
        return _tar(project, names)
    except OSError as error:
        what = f"an input cannot be sent to the workers: {error}"
        raise CouldNotRun(Problem(what, str(project), "files that can be read")) from error


def digest_of(packed: bytes) -> str:
    """The SHA-256 of a tar, by which it is known."""
    return hashlib.sha256(packed).hexdigest()


def keep(packed: bytes, digest: str, folder: Path) -> Path:
    """The project in the folder `folder`/digest, unpacked by the first who needs it.

    Raises `CouldNotRun` if the files there are not as they were packed.
    """
    kept = folder / digest
    if not kept.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=folder, prefix=f".{digest[:8]}-"))
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            tar.extractall(new, filter="data")
        try:
            new.rename(kept)
        except OSError:
            shutil.rmtree(new)
            if not kept.is_dir():  # else another was faster
                raise
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        names = tar.getnames()
    try:
        is_same = digest_of(_tar(kept, names)) == digest
    except OSError:
        is_same = False
    if not is_same:
        what, expected = "the kept project was changed", f"the files of digest {digest[:12]}"
        raise CouldNotRun(Problem(what, str(kept), expected, shell_command("rm", "-r", kept)))
    return kept


def _tar(folder: Path, names: Iterable[str]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted(names):
            path = folder / name
            content = path.read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _below(place: Path) -> Iterator[Path]:
    """A file, or the files of a folder; nothing for a file that git still has and nobody else."""
    if place.is_file():
        yield place
    elif place.is_dir() and place.name not in _LEFT_OUT and not (place / _ENVIRONMENT).exists():
        for inner in sorted(place.iterdir()):
            yield from _below(inner)
