"""The journal of a recording: what was paid for, kept the moment it arrives.

While recording, every answer is appended to `<cassette>.part`; at the end the cassette is written
whole and the journal goes. A journal that is still there (a killed recorder, a full disk) is taken
in by the next recording. That of a `--fresh` recording says so in its first line, with what the
recording is made for: its answers replace those of the cassette instead of adding to them.
"""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flagbench.atomic_file import write_whole
from flagbench.cassette.cassette import Interaction
from flagbench.errors import CouldNotRun, Problem

# The key of the first line of a `--fresh` recording's journal; no answer has it.
_FRESH = "fresh"


def path_of(cassette: Path) -> Path:
    """Where the answers of an unfinished recording are."""
    return cassette.with_name(cassette.name + ".part")


def begin_fresh(cassette: Path, made_for: Mapping[str, Any]) -> None:
    """Start the journal of a `--fresh` recording; one that is there is forgotten.

    Raises `CouldNotRun` for a full disk.
    """
    path = path_of(cassette)
    try:
        write_whole(path, json.dumps({_FRESH: made_for}) + "\n")
    except OSError as error:
        raise _not_kept(path, "the journal", error) from error


def fresh_for(cassette: Path) -> Mapping[str, Any] | None:
    """What the interrupted `--fresh` recording was made for; None where the journal is of none."""
    try:
        with path_of(cassette).open("rb") as stream:
            first = json.loads(stream.readline())
    except (FileNotFoundError, ValueError):
        return None
    made_for: Mapping[str, Any] | None = first.get(_FRESH)
    return made_for


def append(cassette: Path, interaction: Interaction) -> None:
    """Keep one answer now. Raises `CouldNotRun` for a full disk; earlier lines stay readable."""
    line = json.dumps(
        {
            "method": interaction.method,
            "path": interaction.path,
            "request_body": base64.b64encode(interaction.request_body).decode(),
            "status": interaction.status,
            "reason": interaction.reason,
            "headers": {name: list(values) for name, values in interaction.headers.items()},
            "response_body": base64.b64encode(interaction.response_body).decode(),
            "elapsed_seconds": interaction.elapsed_seconds,
        }
    )
    path = path_of(cassette)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as stream:
            # A line that a killed recorder cut off must not take this one with it.
            cut_off = stream.tell() > 0 and not _ends_a_line(path)
            stream.write(b"\n" * cut_off + line.encode() + b"\n")
    except OSError as error:
        raise _not_kept(path, "an answer", error) from error


def read(cassette: Path) -> list[Interaction]:
    """The answers of an interrupted recording; a last line that was cut off is left out."""
    path = path_of(cassette)
    if not path.exists():
        return []
    kept = []
    for line in path.read_bytes().split(b"\n"):
        try:
            raw = json.loads(line)
        except ValueError:
            continue
        if _FRESH in raw:
            continue
        raw["request_body"] = base64.b64decode(raw["request_body"])
        raw["response_body"] = base64.b64decode(raw["response_body"])
        raw["headers"] = {name: tuple(values) for name, values in raw["headers"].items()}
        kept.append(Interaction(**raw))
    return kept


def drop(cassette: Path) -> None:
    """Forget the journal, if there is one: its answers are in a cassette, or not wanted."""
    path_of(cassette).unlink(missing_ok=True)


def _not_kept(path: Path, what: str, error: OSError) -> CouldNotRun:
    return CouldNotRun(
        Problem(
            f"{what} could not be kept ({error.strerror}); the earlier ones are",
            where=str(path),
            fix="free some space and run the same command again",
        )
    )


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(-1, 2)
        return stream.read() == b"\n"
