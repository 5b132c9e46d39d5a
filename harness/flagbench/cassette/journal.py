"""Journal of a recording: every answer is on disk as soon as it has arrived.

A recorder appends answers to `<cassette>.part`, writes the cassette at the end and deletes the
journal. The next recording reads a journal that is left (a killed recorder, a full disk). That of a
`--fresh` recording begins with a line of the recording's metadata: its answers replace those of the
cassette instead of adding to them.
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
    """The path of the journal of a cassette."""
    return cassette.with_name(cassette.name + ".part")


def begin_fresh(cassette: Path, metadata: Mapping[str, Any]) -> None:
    """Start the journal of a `--fresh` recording in place of an old one.

    Raises `CouldNotRun` for a full disk.
    """
    path = path_of(cassette)
    try:
        write_whole(path, json.dumps({_FRESH: metadata}) + "\n")
    except OSError as error:
        raise _not_written(path, "the journal", error) from error


def fresh_metadata(cassette: Path) -> Mapping[str, Any] | None:
    """The metadata of an interrupted `--fresh` recording; None without one."""
    try:
        with path_of(cassette).open("rb") as stream:
            first = json.loads(stream.readline())
    except (FileNotFoundError, ValueError):
        return None
    metadata: Mapping[str, Any] | None = first.get(_FRESH)
    return metadata


def append(cassette: Path, interaction: Interaction) -> None:
    """Append an answer. Raises `CouldNotRun` for a full disk; earlier lines stay readable."""
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
            # A line that a killed recorder truncated must not swallow this one.
            is_truncated = stream.tell() > 0 and not _ends_with_newline(path)
            stream.write(b"\n" * is_truncated + line.encode() + b"\n")
    except OSError as error:
        raise _not_written(path, "an answer", error) from error


def read(cassette: Path) -> list[Interaction]:
    """Read the answers of an interrupted recording, without a truncated last line."""
    path = path_of(cassette)
    if not path.exists():
        return []
    interactions = []
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
        interactions.append(Interaction(**raw))
    return interactions


def drop(cassette: Path) -> None:
    """Delete the journal, if there is one."""
    path_of(cassette).unlink(missing_ok=True)


def _not_written(path: Path, what: str, error: OSError) -> CouldNotRun:
    return CouldNotRun(
        Problem(
            f"{what} could not be written ({error.strerror}); the earlier answers are safe",
            where=str(path),
            fix="free some disk space and run the same command again",
        )
    )


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(-1, 2)
        return stream.read() == b"\n"
