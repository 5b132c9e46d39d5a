"""Reproduction of a marked table: its inputs verified, its command run, its text compared."""

import json
import re
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flagbench.errors import CouldNotRun
from flagbench.report import inputs, versions
from flagbench.report.data.json_files import SUMMARY_FILE
from flagbench.reproduction import commands, ledger
from flagbench.reproduction.commands import Done
from flagbench.reproduction.difference import ELLIPSIS, first_difference
from flagbench.reproduction.documents import Marked
from flagbench.reproduction.stated import Despite, Stated
from flagbench.reproduction.verdict import Reproduced, Verdict, refused
from flagbench.shell_command import shell_command

_NUMBER = re.compile(r"[-+]?\d[\d,]*\.?\d*")
_FILE = re.compile(r"[\w./-]+\.(?:py|yaml|json)")


class Tables:
    """Marked tables of a project; a command that several share is run once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._stated = ledger.load(root)
        self._ran = cache(self._run)

    def reproduce(self, table: Marked, despite: Despite) -> Reproduced:
        """Make a table again from its stated inputs, and compare."""
        if table.name not in self._stated:
            fix = shell_command("flagbench", "reproduce", table.name, "--write")
            line = f"its inputs are not stated; fix: {fix}"
            return Reproduced(table.name, Verdict.REFUSED, (line,))
        here = dict(versions.installed(versions.ALL))
        locked = {"Python": here["Python"], **ledger.pins(self._root, here)}
        stated = Stated(self._stated[table.name], versions=locked)
        if differing := stated.differences(self._root, here, despite):
            return refused(table.name, differing)
        try:
            done, _ = self._ran(table.command)
        except CouldNotRun as error:
            return Reproduced(table.name, Verdict.REFUSED, tuple(str(error).splitlines()))
        return _measured(table, done) if table.is_measured else _compared(table, done)

    def write(self, table: Marked) -> Reproduced:
        """Make a table from the inputs that are here, and put it and their digests in its place.

        The figures of a machine stay: of them only the inputs are stated. Raises `CouldNotRun`.
        """
        if table.is_measured:
            ledger.add(self._root, table.name, self._named(table.command))
            return Reproduced(table.name, Verdict.SAME_KIND, ("its inputs are stated",))
        done, read = self._ran(table.command)
        made = table.made(done.output)
        if made is None:
            return _without(table)
        table.path.write_text(table.written(made), encoding="utf-8")
        ledger.add(self._root, table.name, read)
        return Reproduced(table.name, Verdict.IDENTICAL, ("written, with its inputs",))

    def _named(self, command: str) -> dict[str, str]:
        """The digests of the files that a command names."""
        return {
            name: inputs.digest_of(self._root / name)
            for name in _FILE.findall(command)
            if (self._root / name).is_file()
        }

    def _run(self, command: str) -> tuple[Done, Mapping[str, str]]:
        """The output of a command, and the digests of the files that it read."""
        read = self._named(command)
        with tempfile.TemporaryDirectory() as folder:
            done = commands.run(command, self._root, Path(folder))
            for path in Path(folder).rglob(SUMMARY_FILE):
                read |= json.loads(path.read_text(encoding="utf-8"))["inputs"]["files"]
        return done, dict(sorted(read.items()))


def _without(table: Marked) -> Reproduced:
    lines = (f"the output of `{table.command}` has no such table",)
    return Reproduced(table.name, Verdict.DIFFERS, lines)


def _compared(table: Marked, done: Done) -> Reproduced:
    made = table.made(done.output)
    if made is None:
        return _without(table)
    difference = first_difference(table.text, made)
    if difference:
        return Reproduced(table.name, Verdict.DIFFERS, difference)
    elided = (f"but for what {ELLIPSIS} leaves out",) if ELLIPSIS in table.text else ()
    return Reproduced(table.name, Verdict.IDENTICAL, elided)


def _measured(table: Marked, done: Done) -> Reproduced:
    """Figures of a machine: the command holds its own bounds and makes rows like these."""
    stated, now = _rows(table.text), _rows(done.output)
    lines = tuple(line for line in done.output.splitlines() if line.strip())
    if done.code or len(now) < len(stated):
        other = f"exit code {done.code}; {len(stated)} rows of figures are stated, {len(now)} made"
        return Reproduced(table.name, Verdict.DIFFERS, (other, *lines))
    told = "figures of a machine: of the same kind, never compared; those of this one:"
    return Reproduced(table.name, Verdict.SAME_KIND, (told, *lines))


def _rows(text: str) -> list[list[str]]:
    """The figures of each row that has some."""
    lines = [line for line in text.splitlines() if not set(line) <= set("|-: ")]
    return [found for line in lines if (found := _NUMBER.findall(line))]
