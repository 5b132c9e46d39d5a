"""The pages as files, with the same links, for a folder that any server or browser opens."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from flagbench.errors import CouldNotRun, InputError, Problem
from flagbench.report.rendered import PAGE_FILE
from flagbench.series import refuted_files
from flagbench.view import addresses, pages
from flagbench.view.addresses import CellAddress
from flagbench.view.library import Library
from flagbench.view.pages import Pages


def write(library: Library, folder: Path) -> int:
    """Write the pages into an empty or new folder; return their number.

    A cell that cannot be replayed has a page with the reason. Raises `InputError` for a folder with
    content.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError(Problem("the folder has content", str(folder), "an empty or a new folder"))
    shown = Pages(library, is_served=False)
    (folder / "static").mkdir(parents=True)
    for name in pages.STATIC:
        (folder / "static" / name).write_text(pages.static(name), encoding="utf-8")
    if (report := library.options.latest / PAGE_FILE).exists():
        shutil.copy(report, folder / report.name)
        _copy_refuted(library.options.latest, folder)
    files = list(_files(library))
    for file in files:
        try:
            text = shown.page(file, {})
        except CouldNotRun as error:
            text = shown.problem(file, "COULD NOT RUN", str(error))
        path = folder / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return len(files)


def _copy_refuted(latest: Path, folder: Path) -> None:
    """Copy the refuted files, to which the report links."""
    for name, path in refuted_files.kept(latest).items():
        copy = folder / refuted_files.FOLDER / name
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(path, copy)


def _files(library: Library) -> Iterator[str]:
    """The overview, the scenarios, their recordings and cells, each cell beside its control."""
    yield addresses.INDEX
    for name in library.summary["scenarios"]:
        yield addresses.of_scenario(name)
        cells = library.keys(name)
        yield from (addresses.of_recording(name, n) for n in sorted({n for _, n in cells}))
        for key in cells:
            yield addresses.of_cell(name, cell := CellAddress(*key))
            if (control := CellAddress("none", cell.trial)) != cell and ("none", key[1]) in cells:
                yield addresses.of_pair(name, control, cell)
