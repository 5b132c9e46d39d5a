"""Journal of a recording: every answer is on disk as soon as it has arrived.

A recorder appends answers to `<cassette>.part`, writes the cassette at the end and deletes the
journal. The next recording reads a journal that is left (a killed recorder, a full disk). That of a
`--fresh` recording begins with a line of the recording's metadata: its answers replace those of the
cassette instead of adding to them. Each line has a digest; a damaged line counts as not answered.
"""

import base64
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from flagbench import text_file
from flagbench.atomic_file import write_whole
from flagbench.cassette import chunks
from flagbench.cassette.cassette import Interaction, canonical, sha256
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
        write_whole(path, _line({_FRESH: metadata}))
    except OSError as error:
        raise _not_written(path, "the journal", error) from error


def fresh_metadata(cassette: Path) -> Mapping[str, Any] | None:
    """The metadata of an interrupted `--fresh` recording; None without one."""
    for content in _parsed(_content(cassette)[:1]):
        metadata: Mapping[str, Any] | None = (content or {}).get(_FRESH)
        return metadata
    return None


def append(cassette: Path, interaction: Interaction) -> None:
    """Append an answer. Raises `CouldNotRun` for a full disk; earlier lines stay readable."""
    line = _answer_line(interaction)
    path = path_of(cassette)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as stream:
            # A line that a killed recorder truncated must not swallow this one.
            is_truncated = stream.tell() > 0 and not _ends_with_newline(path)
            stream.write(b"\n" * is_truncated + line.encode())
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise _not_written(path, "an answer", error) from error


def write_from(cassette: Path, start: int, lines: bytes) -> None:
    """Let lines of a journal that is written elsewhere follow the first `start` bytes of this one.

    Raises `CouldNotRun` for a full disk.
    """
    path = path_of(cassette)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as stream:
            stream.truncate(start)
            stream.write(lines)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise _not_written(path, "an answer", error) from error


def rewrite(cassette: Path, change: Callable[[Interaction], Interaction]) -> None:
    """Write every answer again, atomically, and leave out damaged lines.

    Raises `CouldNotRun` for a full disk, and then leaves the old journal.
    """
    lines = [
        _line(content) if _FRESH in content else _answer_line(change(_interaction(content)))
        for content in _parsed(_content(cassette))
        if content is not None
    ]
    try:
        write_whole(path_of(cassette), "".join(lines))
    except OSError as error:
        raise _not_written(path_of(cassette), "the journal", error) from error


def _answer_line(interaction: Interaction) -> str:
    return _line(
        {
            "method": interaction.method,
            "path": interaction.path,
            "request_body": base64.b64encode(interaction.request_body).decode(),
            "status": interaction.status,
            "reason": interaction.reason,
            "headers": {name: list(values) for name, values in interaction.headers.items()},
            "response_body": base64.b64encode(interaction.response_body).decode(),
            "elapsed_seconds": interaction.elapsed_seconds,
            **({"chunks": interaction.chunks} if interaction.chunks else {}),
        }
    )


def read(cassette: Path) -> list[Interaction]:
    """Read the answers of an interrupted recording, without damaged lines."""
    interactions = []
    for content in _parsed(_content(cassette)):
        if content is None or _FRESH in content:
            continue
        interactions.append(_interaction(content))
    return interactions


def _interaction(content: Mapping[str, Any]) -> Interaction:
    raw = dict(content)
    raw["request_body"] = base64.b64decode(raw["request_body"])
    raw["response_body"] = base64.b64decode(raw["response_body"])
    raw["headers"] = {name: tuple(values) for name, values in raw["headers"].items()}
    raw["chunks"] = tuple(chunks.Chunk(*chunk) for chunk in raw.get("chunks", ()))
    chunks.check(raw["chunks"], len(raw["response_body"]), raw["elapsed_seconds"])
    return Interaction(**raw)


def damaged_lines(cassette: Path) -> list[int]:
    """The numbers (from 1) of the lines that are truncated or differ from their digest."""
    contents = enumerate(_parsed(_content(cassette)), 1)
    return [number for number, content in contents if content is None]


def is_of_unknown_kind(cassette: Path) -> bool:
    """True if the first line is damaged and may have said that the recording is a fresh one."""
    lines = _content(cassette)
    return len(lines) > 1 and None in _parsed(lines[:1]) and b"response_body" not in lines[0]


def _line(content: Mapping[str, Any]) -> str:
    return json.dumps({"digest": sha256(canonical(content)), **content}) + "\n"


def _content(cassette: Path) -> list[bytes]:
    """The lines of a journal without empty ones; none without a journal."""
    path = path_of(cassette)
    try:
        return [line for line in text_file.read_bytes(path).split(b"\n") if line]
    except FileNotFoundError:
        return []
    except OSError as error:
        what = f"the journal cannot be read ({error.strerror or error})"
        raise CouldNotRun(Problem(what, where=str(path))) from error


def _parsed(lines: Iterable[bytes]) -> Iterator[Mapping[str, Any] | None]:
    """The content of each line, None for a damaged one."""
    for line in lines:
        try:
            content = json.loads(line)
            is_whole = content.pop("digest") == sha256(canonical(content))
            if content.get("chunks"):
                _interaction(content)  # its chunks may be none of its answer
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            is_whole = False
        yield content if is_whole else None


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
