"""Hostile scenarios, cassettes and texts: one clear error, or reports that hold them as text."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from counted import CRASHED, SAME, TOLD, WRONG, Row, outcome_of
from test_foreign_text import FIELDS, PIECES, RAW, foreign

from flagbench.cassette import file
from flagbench.measurement import results
from flagbench.report.data import json_files, parquet_file
from flagbench.report.html import page
from flagbench.report.text import markdown
from flagbench.report.unused_files import Unused
from flagbench.scenario import loading as scenarios

OUTCOMES = (TOLD, SAME, WRONG, CRASHED)
# Every one of these files is refused sooner; a bomb would take for ever.
MOST_SECONDS = 5.0
HEAD = "title: t\nabout: a\nsubject: tiny.write\nrequests: [x]\n"


def bomb(row: str, levels: int = 12) -> str:
    """Levels of ten aliases to the level before."""
    lines = ["a0: &a0 [x, x]"]
    for level in range(1, levels):
        aliases = (f"*a{level - 1}" for _ in range(10))
        if row == "{}":
            aliases = (f"k{number}: {alias}" for number, alias in enumerate(aliases))
        lines.append(f"a{level}: &a{level} {row[0]}{', '.join(aliases)}{row[1]}")
    return "\n".join(lines) + "\n"


DOCUMENTS: Mapping[str, bytes] = {
    "aliases in lists": bomb("[]").encode(),
    "aliases in mappings": bomb("{}").encode(),
    "aliases under factors": (HEAD + "factors:\n  f: {env: X}\n" + bomb("[]")).encode(),
    "aliases that merge": b"a: &a {x: 1}\n" + b"b: {<<: [" + b"*a, " * 30_000 + b"*a]}\n",
    "an alias of itself": b"a: &a [*a]\n",
    "a merge with itself": b"a: &a {<<: *a}\n",
    "100,000 lists in lists": b"[" * 100_000,
    "100,000 lists in lines": b"- " * 100_000 + b"x\n",
    "3,000 mappings in mappings": b"{a: " * 3_000 + b"}" * 3_000,
    "200,000 values": HEAD.replace("[x]", "[" + "x, " * 200_000 + "x]").encode(),
    "200,000 keys": "".join(f"k{number}: 1\n" for number in range(200_000)).encode(),
    "a line of 10 MB": b"title: " + b"x" * 10**7 + b"\n",
    "a tag of Python's": b"title: !!python/object/apply:os.system ['touch /tmp/owned']\n",
    "another tag of Python's": b"title: !!python/name:os.system\n",
    "an unknown tag": b"title: !x y\n",
    "a set": b"title: !!set {a, b}\n",
    "an integer of 5,000 digits": HEAD.encode() + b"trials: " + b"9" * 5_000 + b"\n",
    "a number beyond every float": HEAD.encode() + b"trials: 1.0e+999\n",
    "duplicate keys": HEAD.encode() + b"title: u\n",
    "a key that is a list": b"? [a, b]\n: c\n",
    "NUL": b"title: a\x00b\n",
    "UTF-16": HEAD.encode("utf-16"),
    "Latin-1": "title: größe\n".encode("latin-1"),
    "half an emoji": b'title: "\\ud83d"\nabout: a\nsubject: tiny.write\nrequests: [x]\nx: 1\n',
    "two documents": HEAD.encode() + b"---\n" + HEAD.encode(),
    "tabs": b"title:\n\t- x\n",
    "nothing": b"",
    "a binary": bytes(range(256)) * 40,
    "request files outside": HEAD.replace("[x]", "[{file: ../../../../etc/passwd}]").encode(),
    "a request file that never ends": HEAD.replace("[x]", "[{file: /dev/zero}]").encode(),
}  # fmt: skip


def documents(name: str, load: Callable[[Path], object]) -> Row:
    """Each hostile document as a file of this kind."""
    row = Row(name)
    for document, content in DOCUMENTS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "one.yaml")
            path.write_bytes(content)
            row.outcomes[timed(path, load, document)] += 1
    for link in ("a link to itself", "a link to /dev/zero", "a folder"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "one.yaml")
            if link == "a folder":
                path.mkdir()
            else:
                path.symlink_to(path if link == "a link to itself" else "/dev/zero")
            row.outcomes[timed(path, load, link)] += 1
    return row


def timed(path: Path, load: Callable[[Path], object], name: str) -> str:
    """The outcome of reading a document, WRONG if it is believed or takes too long."""
    started = time.process_time()

    def read() -> str:
        load(path)
        return WRONG

    outcome = outcome_of(read)
    if outcome == TOLD and time.process_time() - started > MOST_SECONDS:
        outcome = WRONG
    if outcome != TOLD:
        print(f"{name}: {outcome}")  # noqa: T201
    return outcome


def texts() -> Row:
    """Each piece of hostile text in every field of a run, in all formats."""
    row = Row("texts in reports")
    for piece in PIECES:
        row.outcomes[outcome_of(lambda piece=piece: reported(piece))] += 1
    return row


def reported(piece: str) -> str:
    """Write every format of a run with this text; none has what a terminal would obey."""
    report = foreign(dict.fromkeys(FIELDS, f"a{piece}b"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        json_files.write(report, folder)
        parquet_file.write(report, folder)
        markdown.write(report, Unused({}), folder)
        page.write(report, Unused({}), folder, [])
        written = [path.read_text(encoding="utf-8") for path in folder.iterdir()
                   if path.suffix != ".parquet"]  # fmt: skip
        is_whole = len(results.load(folder)) == len([cell for member in report.series
                                                     for cell in member.cells])  # fmt: skip
    return SAME if is_whole and not any(map(RAW.search, written)) else WRONG


def rows() -> Iterator[Row]:
    """A row for each kind of input."""
    yield documents("YAML as a scenario", scenarios.load)
    yield documents("YAML as a cassette", lambda path: file.load(path, record_command=""))
    yield texts()
