"""Reproduction of a marked table: its inputs verified, its command run, its text compared."""

import json
import re
import tempfile
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from flagbench.errors import CouldNotRun
from flagbench.report import inputs, versions
from flagbench.report.data.json_files import SUMMARY_FILE
from flagbench.reproduction import commands, ledger
from flagbench.reproduction.difference import ELLIPSIS, first_difference
from flagbench.reproduction.documents import Marked
from flagbench.reproduction.stated import Stated
from flagbench.reproduction.verdict import Reproduced, Verdict, refused

_NUMBER = re.compile(r"[-+]?\d[\d,]*\.?\d*")
_FILE = re.compile(r"[\w./-]+\.(?:py|yaml|json)")


class Tables:
    """Marked tables of a project; a command that several share is run once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._stated = ledger.load(root)
        self._ran = cache(self._run)

    def reproduce(self, table: Marked, despite: Collection[str] = ()) -> Reproduced:
        """Make a table again from its stated inputs, and compare."""
        if table.name not in self._stated:
            lines = (f"its inputs are not stated; fix: flagbench reproduce {table.name} --write",)
            return Reproduced(table.name, Verdict.REFUSED, lines)
        here = dict(versions.installed(versions.ALL))
        locked = {"Python": here["Python"], **ledger.pins(self._root, versions.ALL)}
        stated = Stated(self._stated[table.name], versions=locked)
        if differing := stated.differences(self._root, here, despite):
            return refused(table.name, differing)
        try:
            made, _ = self._made(table)
        except CouldNotRun as error:
            return Reproduced(table.name, Verdict.REFUSED, tuple(str(error).splitlines()))
        if made is None:
            lines = (f"the output of `{table.command}` has no such table",)
            return Reproduced(table.name, Verdict.DIFFERS, lines)
        return _measured(table, made) if table.is_measured else _compared(table, made)

    def write(self, table: Marked) -> Reproduced:
        """Make a table from the inputs that are here, and put it and their digests in its place.

        Raises `CouldNotRun`.
        """
        made, read = self._made(table)
        if made is None:
            lines = (f"the output of `{table.command}` has no such table",)
            return Reproduced(table.name, Verdict.REFUSED, lines)
        if not table.is_measured:
            table.path.write_text(table.written(made), encoding="utf-8")
        self._stated[table.name] = dict(read)
        ledger.save(self._root, self._stated)
        return Reproduced(table.name, Verdict.IDENTICAL, ("written, with its inputs",))

    def _made(self, table: Marked) -> tuple[str | None, Mapping[str, str]]:
        output, read = self._ran(table.command)
        return table.made(output), read

    def _run(self, command: str) -> tuple[str, Mapping[str, str]]:
        """The output of a command, and the digests of the files that it read."""
        read = {
            name: inputs.digest_of(self._root / name)
            for name in _FILE.findall(command)
            if (self._root / name).is_file()
        }
        with tempfile.TemporaryDirectory() as folder:
            done = commands.run(command, self._root, Path(folder))
            for path in Path(folder).rglob(SUMMARY_FILE):
                read |= json.loads(path.read_text(encoding="utf-8"))["inputs"]["files"]
        return done.output, dict(sorted(read.items()))


def _compared(table: Marked, made: str) -> Reproduced:
    difference = first_difference(table.text, made)
    if difference:
        return Reproduced(table.name, Verdict.DIFFERS, difference)
    elided = (f"but for what {ELLIPSIS} leaves out",) if ELLIPSIS in table.text else ()
    return Reproduced(table.name, Verdict.IDENTICAL, elided)


def _measured(table: Marked, made: str) -> Reproduced:
    """Figures of a machine: as many rows, each with as many figures; the values are shown."""
    stated, now = _rows(table.text), _rows(made)
    if [len(row) for row in stated] != [len(row) for row in now]:
        other = f"of other figures: {len(stated)} rows are stated, {len(now)} were made"
        return Reproduced(table.name, Verdict.DIFFERS, (other, *made.splitlines()))
    lines = ("figures of a machine: of the same kind, not compared; here:", *made.splitlines())
    return Reproduced(table.name, Verdict.SAME_KIND, lines)


def _rows(text: str) -> list[list[str]]:
    """The figures of each row that has some."""
    lines = [line for line in text.splitlines() if not set(line) <= set("|-: ")]
    return [found for line in lines if (found := _NUMBER.findall(line))]
