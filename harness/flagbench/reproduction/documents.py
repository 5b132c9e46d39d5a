"""Marked tables of documents: those that a command of the suite has made.

A table or a quoted output stands between two comments:

    <!-- table: NAME | COMMAND | OPTION | ... -->
    <!-- /table -->

A Markdown table is the table of the command's output with the same header. Of other text an option
`from TEXT to TEXT` names the first and the last line by their beginnings; without one it is the
whole output. The option `measured here` marks figures of a machine, such as times.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from flagbench.errors import InputError, Problem

_BEGIN = re.compile(r"^<!-- table: (?P<name>[^|\n]*?) \| (?P<rest>[^\n]*) -->$")
_END = "<!-- /table -->"
_NAME = re.compile(r"[a-z][a-z0-9-]*\Z")
_FROM_TO = re.compile(r"from (?P<first>.+?) to (?P<last>.+)\Z")
_MEASURED = "measured here"
_FORM = "<!-- table: NAME | COMMAND --> … <!-- /table -->"


@dataclass(frozen=True, slots=True)
class Marked:
    """A marked table: its document, the lines of its text (from 0, the end excluded), its command.

    `first` and `last` begin the first and the last line of the output that it quotes, if it is not
    a Markdown table.
    """

    name: str
    path: Path
    begin: int
    end: int
    text: str
    command: str
    is_measured: bool = False
    first: str = ""
    last: str = ""

    @property
    def is_table(self) -> bool:
        """True for a Markdown table."""
        return self.text.startswith("|")

    def made(self, output: str) -> str | None:
        """The text that the command's output has for it, None if it has none."""
        lines = output.splitlines()
        if self.first:
            begin = _first(lines, self.first, 0)
            end = None if begin is None else _first(lines, self.last, begin)
            return None if begin is None or end is None else _text(lines[begin : end + 1])
        if not self.is_table:
            return _text(lines)
        header = self.text.partition("\n")[0]
        if header not in lines:
            return None
        begin = end = lines.index(header)
        while end < len(lines) and lines[end].startswith("|"):
            end += 1
        return _text(lines[begin:end])

    def written(self, made: str) -> str:
        """The document with another text in its place."""
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return _text([*lines[: self.begin], *made.splitlines(), *lines[self.end :]])


def _first(lines: Sequence[str], beginning: str, start: int) -> int | None:
    return next(
        (k for k in range(start, len(lines)) if lines[k].strip().startswith(beginning)), None
    )


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{line.rstrip()}\n" for line in lines)


def find(root: Path) -> Mapping[str, Marked]:
    """The marked tables of a project's documents, by name.

    Raises `InputError` with all mistakes: a mark without its end or its command, a name twice.
    """
    found, problems = dict[str, Marked](), list[Problem]()
    for path in _documents(root):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(Problem(f"cannot be read: {error}", str(path))) from error
        for number, item in _marks(path, lines):
            where = f"{path.relative_to(root)}:{number}"
            if isinstance(item, str):
                problems.append(Problem(item, where, _FORM))
            elif item.name in found:
                problems.append(Problem(f"a second table {item.name}", where, "a name of its own"))
            else:
                found[item.name] = item
    if problems:
        raise InputError(problems)
    return found


def named(name: str, tables: Mapping[str, Marked]) -> Marked:
    """The table of a name. Raises `InputError`, with the nearest name, for an unknown one."""
    if name in tables:
        return tables[name]
    close = get_close_matches(name, tables, n=1)
    expected = f"{close[0]}?" if close else ", ".join(tables) or "a project with marked tables"
    what = "no table has this name, and no file"
    raise InputError(Problem(what, name, expected, "flagbench reproduce (lists them)"))


def _documents(root: Path) -> Iterator[Path]:
    yield from sorted(root.glob("*.md"))
    yield from sorted(root.glob("docs/*.md"))


def _marks(path: Path, lines: Sequence[str]) -> Iterator[tuple[int, Marked | str]]:
    """Each mark with the number of its line, or what is wrong with it; none that is quoted."""
    is_quoted = False
    for place, line in enumerate(lines):
        is_quoted ^= line.startswith("```")
        if is_quoted or not line.startswith("<!-- table:"):
            continue
        match = _BEGIN.match(line)
        end = next((k for k in range(place + 1, len(lines)) if lines[k] == _END), None)
        if match is None or not _NAME.match(match["name"]):
            yield place + 1, "not a mark of a table"
        elif end is None or any(text.startswith("<!-- table:") for text in lines[place + 1 : end]):
            yield place + 1, f"the mark of {match['name']} has no end"
        else:
            yield place + 1, _marked(path, lines, (place, end), match)


def _marked(
    path: Path, lines: Sequence[str], places: tuple[int, int], match: re.Match[str]
) -> Marked | str:
    command, *options = (part.strip() for part in match["rest"].split(" | "))
    bounds = {"first": "", "last": ""}
    for option in options:
        if found := _FROM_TO.match(option):
            bounds = found.groupdict()
        elif option != _MEASURED:
            return f"unknown option {option!r} of {match['name']}"
    begin, end = places[0] + 1, places[1]
    while begin < end and not lines[begin]:
        begin += 1
    while end > begin and not lines[end - 1]:
        end -= 1
    if begin < end and lines[begin].startswith("```"):
        begin, end = begin + 1, end - 1
    if begin >= end or not command:
        return f"nothing is marked by {match['name']}"
    return Marked(
        match["name"], path, begin, end, _text(lines[begin:end]), command,
        is_measured=_MEASURED in options, **bounds,
    )  # fmt: skip
