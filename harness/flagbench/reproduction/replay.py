"""Reproduction of a stored run: its inputs verified, replayed, its files compared."""

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from flagbench.errors import CouldNotRun, InputError, Problem
from flagbench.report import versions
from flagbench.report.html.elements import elements
from flagbench.report.rendered import PAGE_FILE
from flagbench.reproduction import commands
from flagbench.reproduction.difference import first_byte, first_difference
from flagbench.reproduction.stated import Despite
from flagbench.reproduction.stored_run import StoredRun
from flagbench.reproduction.verdict import Reproduced, Verdict, refused
from flagbench.shell_command import shell_command

_WALLS = re.compile(r'<li class="walls">[^\n]*\n')
_HISTORY = "figures of earlier runs are drawn from the history, which is not an input"


def reproduce(
    name: str,
    run: StoredRun,
    root: Path,
    *,
    despite: Despite,
    element: str = "",
    code_folders: Sequence[Path] = (),
) -> Reproduced:
    """Replay a run at the root of its project, and compare each of its files.

    `element` is the id of a table or figure of the page, for that alone. `code_folders` have the
    code of the subject and of judges; it is imported as ever without any. Raises `InputError` for
    an unknown element.
    """
    if element:
        _check_element(name, run, element)
    here = dict(versions.installed(versions.ALL))
    if differing := run.stated.differences(root, here, despite, code_folders=code_folders):
        return refused(name, differing)
    with tempfile.TemporaryDirectory() as folder:
        if run.history:
            shutil.copytree(run.history, Path(folder) / "history")
        try:
            commands.replay(run.command, root, Path(folder))
        except CouldNotRun as error:
            return Reproduced(name, Verdict.REFUSED, tuple(str(error).splitlines()))
        latest = Path(folder) / "latest"
        made = {path.name: path.read_bytes() for path in latest.iterdir() if path.is_file()}
    if element:
        return _of_element(name, run, made, element)
    lines, same = list[str](), list[str]()
    for file, content in run.files.items():
        if difference := _difference(file, content, made.get(file), here, run.stated.versions):
            lines += [f"{file}: {difference[0]}", *difference[1:]]
        else:
            same.append(file)
    if lines:
        same_lines = [f"identical: {', '.join(same)}"] if same else []
        return Reproduced(name, Verdict.DIFFERS, (*lines, *same_lines))
    return Reproduced(name, Verdict.IDENTICAL, tuple(same))


def _check_element(name: str, run: StoredRun, element: str) -> None:
    if PAGE_FILE not in run.files:
        raise InputError(Problem("only a page has tables and figures", name, "report.html#ID"))
    known = [part.name for part in elements(run.files[PAGE_FILE].decode("utf-8", "replace"))]
    if element not in known:
        close = get_close_matches(element, known, n=1)
        what, expected = f"no table or figure {element!r}", f"{close[0]}?" if close else ""
        fix = shell_command("flagbench", "reproduce", Path(name), "--list")
        raise InputError(Problem(what, name, expected, fix))


def _difference(
    file: str,
    stated: bytes,
    made: bytes | None,
    here: Mapping[str, str],
    versions_then: Mapping[str, str],
) -> tuple[str, ...]:
    """The first difference of a file; of a page, apart from its versions and walls."""
    if made is None:
        return ("it was not made here: pip install 'flagbench[report]'",)
    if file != PAGE_FILE:
        text = file.endswith(("jsonl", "json"))
        return (
            first_difference(stated.decode("utf-8", "replace"), made.decode("utf-8", "replace"))
            if text
            else ()
        ) or first_byte(stated, made)
    then, now = stated.decode("utf-8", "replace"), made.decode("utf-8", "replace")
    for package, version in versions_then.items():
        row = f'<th scope="row">{package}</th><td>{{}}</td>'
        now = now.replace(row.format(here.get(package)), row.format(version))
    difference = first_difference(*(without_walls(page) for page in (then, now)))
    if not difference:
        return ()
    parts = {element.name: element.html for element in elements(now)}
    place = next((part.name for part in elements(then) if parts.get(part.name) != part.html), "")
    return (*difference, *([f"in #{place}"] if place else [_HISTORY]))


def without_walls(page: str) -> str:
    """A page without the walls of the sandbox, which are those of a machine."""
    return _WALLS.sub("", page)


def _of_element(name: str, run: StoredRun, made: Mapping[str, bytes], element: str) -> Reproduced:
    pages = (run.files[PAGE_FILE], made.get(PAGE_FILE, b""))
    then, now = (
        {part.name: part.html for part in elements(page.decode("utf-8", "replace"))}
        for page in pages
    )
    difference = first_difference(then[element], now.get(element, ""))
    verdict = Verdict.DIFFERS if difference else Verdict.IDENTICAL
    return Reproduced(f"{name}#{element}", verdict, difference)
