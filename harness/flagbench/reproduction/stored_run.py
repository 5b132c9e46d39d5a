"""A stored run: its files, and the inputs and versions that they state."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flagbench import strict_json, text_file
from flagbench.errors import InputError, Problem
from flagbench.measurement import unfinished_run
from flagbench.measurement.results import CELLS_FILE
from flagbench.report.data.json_files import ENVIRONMENT_FILE, SUMMARY_FILE
from flagbench.report.html.elements import elements
from flagbench.report.rendered import PAGE_FILE, TABLE_FILE
from flagbench.reproduction import commands
from flagbench.reproduction.stated import Stated

# The files whose bytes follow from the inputs; report.md says what proving took, too.
FILES = (CELLS_FILE, SUMMARY_FILE, TABLE_FILE, PAGE_FILE)
_FIX = "name a report.html or summary.json of this version of flagbench"
# The notes behind a page's headline: the first one of a shard, or of an interrupted run.
_PART_OF_PAGE = re.compile(r"<title>flagbench: [^<(]*\((?:shard (?P<shard>[0-9/]+)|interrupted:)")


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run whose files are to be made again: their contents by name, and what they state."""

    files: Mapping[str, bytes]
    command: str
    stated: Stated
    history: Path | None = None

    @property
    def scenarios(self) -> set[str]:
        """The names of the scenarios that the command runs."""
        words = commands.words_of_run(self.command)[2:]
        return {Path(word.partition("::")[0]).stem for word in words if not word.startswith("-")}


def is_run(path: Path) -> bool:
    """True for a folder of reports, or one of their files that can be made again."""
    return path.name in FILES or path.suffix == ".html" or (path / SUMMARY_FILE).is_file()


def load(path: Path) -> StoredRun:
    """Read a folder of reports, or one of their files.

    Raises `InputError` for one that states no inputs, or not the command of a run, that is of a
    part of a run, or that cannot be read.
    """
    folder = path if path.is_dir() else path.parent
    if problem := unfinished_run.problem(folder):
        raise InputError(problem)
    try:
        if path.is_dir():
            files = {name: _read(folder / name) for name in FILES if (folder / name).is_file()}
        else:
            name = PAGE_FILE if path.suffix == ".html" else path.name
            files = {name: _read(path)}
        page = files[PAGE_FILE].decode("utf-8") if PAGE_FILE in files else ""
        if page and SUMMARY_FILE not in files:
            _require_whole(_part_of_page(page), path)
            command, stated = _of_page(page)
        else:
            summary = strict_json.parse(_read(folder / SUMMARY_FILE).decode("utf-8"))
            _require_whole(_part(summary), path)
            command, stated = _of_summary(summary, folder)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        what = f"states no inputs: {next(iter(str(error).splitlines()), '') or repr(error)}"
        raise InputError(Problem(what, str(path), "a report of a whole run", _FIX)) from error
    commands.words_of_run(command)
    history = folder.parent / "history"
    return StoredRun(files, command, stated, history if history.is_dir() else None)


def check_whole(folder: Path) -> None:
    """Raise `InputError` for the results of a part of a run: of a shard, or of one cut short."""
    if problem := unfinished_run.problem(folder):
        raise InputError(problem)
    path = folder / SUMMARY_FILE
    try:
        part = _part(strict_json.parse(_read(path).decode("utf-8"))) if path.is_file() else ""
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise InputError(Problem(f"cannot be read: {error!r}", str(path))) from error
    _require_whole(part, folder)


def _require_whole(part: str, path: Path) -> None:
    if part:
        fix = "flagbench run (or flagbench merge, of all shards)"
        raise InputError(Problem(part, str(path), "the results of a whole run", fix))


def _part(summary: Any) -> str:
    """The reason why the results are not of a whole run; "" if they are."""
    if summary["interrupted"]:
        return "the run was interrupted"
    return f"it is a shard, {summary['shard']}" if summary.get("shard") else ""


def _part_of_page(page: str) -> str:
    """The same of a page, which may have come alone."""
    found = _PART_OF_PAGE.search(page)
    return _part({"interrupted": not found["shard"], "shard": found["shard"]}) if found else ""


def _read(path: Path) -> bytes:
    return text_file.read_bytes(path)


def _of_summary(summary: Any, folder: Path) -> tuple[str, Stated]:
    versions = dict[str, Any]()
    if (folder / ENVIRONMENT_FILE).is_file():
        versions = json.loads(_read(folder / ENVIRONMENT_FILE))
    read = summary["inputs"]
    return str(read["command"]), Stated(dict(read["files"]), dict(read["code"]), versions)


def _of_page(page: str) -> tuple[str, Stated]:
    tables = {element.name: element.rows[1:] for element in elements(page)}
    if "table-inputs" not in tables:
        raise LookupError("it has no table of inputs")
    kinds: dict[str, dict[str, str]] = {"command": {}, "code": {}, "file": {}}
    for name, kind, value in tables["table-inputs"]:
        kinds[kind][name] = value
    versions = dict(tables["table-versions"])
    return kinds["command"]["command"], Stated(kinds["file"], kinds["code"], versions)
