"""A copy of a project in which only the sources are real, so that a patch touches nothing else."""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path, PurePosixPath

from flagbench.self_test.catalogue import Patch, patched
from flagbench.self_test.sources import COMPILED, OWN


def patched_texts(texts: Mapping[str, bytes], patches: Iterable[Patch]) -> Mapping[str, bytes]:
    """The contents of sources with patches."""
    made = dict(texts)
    for patch in patches:
        made[patch.file] = patched(made[patch.file].decode("utf-8"), patch).encode()
    return made


def make(project: Path, copy: Path, texts: Mapping[str, bytes]) -> None:
    """Make the copy: files with the contents of these sources, and links to everything else."""
    folders = {parent for name in texts for parent in PurePosixPath(name).parents}
    _mirror(project, copy, PurePosixPath(), folders, frozenset(texts))
    for name, content in texts.items():
        path, original = copy / name, project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if original.exists():
            shutil.copymode(original, path)


def import_path(copy: Path, sources: Sequence[str]) -> Iterator[str]:
    """The folders from which sources are imported: the first above each that is not a package."""
    for source in sources:
        folder = copy / source
        folder = folder if folder.is_dir() else folder.parent
        while (folder / "__init__.py").exists():
            folder = folder.parent
        yield str(folder)


def _mirror(
    folder: Path, copy: Path, inside: PurePosixPath, folders: Set[PurePosixPath], texts: Set[str]
) -> None:
    """Link what is not a source, in a copy of a folder that lies there `inside` the project."""
    copy.mkdir(parents=True, exist_ok=True)
    for original in sorted(folder.iterdir()):
        name = inside / original.name
        if name in folders:
            _mirror(original, copy / original.name, name, folders, texts)
        elif str(name) not in texts and str(name) not in OWN and original.name != COMPILED:
            (copy / original.name).symlink_to(original.absolute())
