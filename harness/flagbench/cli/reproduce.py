"""`flagbench reproduce`: tables, reports and bundles made again from their inputs, and compared."""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.table import Table

from flagbench.cli import ini_lines
from flagbench.cli.output import say
from flagbench.errors import ExitCode, InputError, Problem
from flagbench.measurement.results import LATEST
from flagbench.plain_console import plain_console
from flagbench.report.html.elements import elements
from flagbench.report.rendered import PAGE_FILE
from flagbench.reproduction import bundle, documents, replay, stored_run
from flagbench.reproduction.stated import Despite
from flagbench.reproduction.table import Tables
from flagbench.reproduction.verdict import Reproduced, Verdict
from flagbench.shell_command import shell_command

_EXPERIMENT = "experiment"


@click.command()
@click.argument("what", nargs=-1, metavar="[NAME|FILE|experiment [FILE]]...")
@click.option("--despite", multiple=True, metavar="INPUT",
              help="Compare although this input differs; repeatable.")  # fmt: skip
@click.option("--list", "lists", is_flag=True, help="List tables and figures, run nothing.")
@click.option("--write", is_flag=True,
              help="Replace a document's table by what is made, and state its inputs.")  # fmt: skip
def reproduce(what: Sequence[str], despite: Sequence[str], lists: bool, write: bool) -> None:
    """Make a table, a report or a bundle again from its stated inputs, and compare the bytes.

    NAME is a table of the documents; without an argument all are listed. FILE is a report.html,
    or report.html#ID for one of its tables or figures, a summary.json, a folder of reports, or a
    bundle of `flagbench export`. It is run at the root of the project.

    \b
    flagbench reproduce readme-main
    flagbench reproduce reports/latest/report.html
    flagbench reproduce bundle.zip
    flagbench reproduce experiment     the published statistics of the public experiment

    Exit codes: 0 identical bytes (or figures of this machine), 1 it differs, 2 refused: an input
    differs, or wrong usage.
    """
    root = Path.cwd()
    ini_lines.use_pythonpath(root)
    if lists or not what:
        _list(root, what)
        return
    excused = Despite(despite)
    done = [_shown(result) for result in _results(root, what, excused, write=write)]
    excused.check()
    raise SystemExit(max((result.exit_code for result in done), default=ExitCode.KEPT))


def _shown(result: Reproduced) -> Reproduced:
    """The result, once it is printed: the next may take minutes."""
    say(str(result))
    return result


def _results(
    root: Path, what: Sequence[str], despite: Despite, *, write: bool
) -> Iterator[Reproduced]:
    if what[0] == _EXPERIMENT:
        from flagbench.reproduction.experiment import check  # noqa: PLC0415  its scipy takes a second

        yield check.reproduce([Path(text) for text in what[1:]], despite)
        return
    found = documents.find(root)
    tables = Tables(root)
    for text in what:
        path = Path(_parts(text)[0])
        if text in found and write:
            yield tables.write(documents.find(root)[text])  # its lines may have moved
        elif text in found:
            yield tables.reproduce(found[text], despite)
        elif not path.exists() and not path.suffix and len(path.parts) == 1:
            documents.named(text, found)
        else:
            yield _of_file(text, root, despite)


def _parts(text: str) -> tuple[str, str]:
    """The path of a text, and the id behind it; a file may have a # in its name."""
    name, _, element = (text, "", "") if Path(text).exists() else text.partition("#")
    return name, element


def _of_file(text: str, root: Path, despite: Despite) -> Reproduced:
    name, element = _parts(text)
    path = Path(name)
    if not path.exists():
        raise InputError(Problem("no such file", name, "a report, a folder of reports or a bundle"))
    if path.is_file() and (path.suffix.lower() == ".zip" or zipfile.is_zipfile(path)):
        return bundle.reproduce(path, despite)
    if not stored_run.is_run(path):
        expected = "report.html, summary.json, a folder of reports, or a bundle"
        raise InputError(Problem("not a report", name, expected))
    return replay.reproduce(name, stored_run.load(path), root, despite=despite, element=element)


def _list(root: Path, what: Sequence[str]) -> None:
    for text in what:
        path = Path(text)
        page = path / PAGE_FILE if path.is_dir() else path
        if page.suffix != ".html" or not page.is_file():
            raise InputError(Problem("no page", text, "a report.html"))
        for element in elements(page.read_text(encoding="utf-8", errors="replace")):
            say(f"{page}#{element.name}")
    if what:
        return
    drawn = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("table", "in", "made by"):
        drawn.add_column(column, overflow="fold", no_wrap=column == "table")
    found = documents.find(root)
    for item in found.values():
        note = f" ({Verdict.SAME_KIND.value})" if item.is_measured else ""
        drawn.add_row(item.name, str(item.path.relative_to(root)), f"{item.command}{note}")
    console = plain_console(width=160)
    if found:
        console.print(drawn)
    else:
        console.print("no marked tables in the documents of this folder")
    page = root / LATEST / PAGE_FILE
    if page.is_file():
        count = sum(1 for _ in elements(page.read_text(encoding="utf-8", errors="replace")))
        name = LATEST / PAGE_FILE
        command = shell_command("flagbench", "reproduce", name, "--list")
        console.print(f"{name}: {count} tables and figures ({command})")
