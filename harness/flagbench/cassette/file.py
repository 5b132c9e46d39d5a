"""Reading and writing of cassettes, which are whole or refused."""

import math
import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from flagbench import headers as header_names
from flagbench import text_file
from flagbench.atomic_file import write_whole
from flagbench.cassette import chunks, journal, multipart, serializer
from flagbench.cassette.cassette import UNKNOWN_LATENCY, Cassette, Interaction
from flagbench.errors import CouldNotRun, Problem

FORMAT = 1

# Errors of reading a file that is not a cassette.
_DAMAGE = (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError, RecursionError)


def load(path: Path, *, record_command: str) -> Cassette:
    """Read a cassette. Raises `CouldNotRun` for a missing, truncated or edited file.

    `record_command`, which records it again, is the fix in the errors.
    """
    try:
        content = text_file.read_bytes(path)
    except FileNotFoundError as error:
        raise CouldNotRun(
            Problem("this trial has no cassette", where=str(path), fix=record_command)
        ) from error
    except OSError as error:
        raise CouldNotRun(
            Problem(f"the cassette cannot be read ({error.strerror or error})", where=str(path))
        ) from error
    return parse(content, path, record_command=record_command)


def rewrite(path: Path) -> None:
    """Write a cassette again in the form of this version; what it holds stays the same."""
    save(load(path, record_command=""))


def parse(content: bytes, path: Path, *, record_command: str) -> Cassette:
    """Parse the content of a cassette, which is or was at `path`. Raises as `load` does."""
    text = content.decode("utf-8", "replace")
    try:
        document = serializer.deserialize(content.decode("utf-8"))
        metadata = document["metadata"]["flagbench"]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _refused(
            path, line, f"not readable as YAML ({error.problem})", record_command
        ) from error
    except _DAMAGE as error:
        what = f"not a whole cassette written by flagbench ({type(error).__name__}: {error})"
        raise _refused(path, text.count("\n") + 1, what, record_command) from error
    if metadata.get("format") != FORMAT:
        raise _refused(
            path,
            1,
            f"format {metadata.get('format')!r} is unknown, {FORMAT} is known",
            record_command,
        )
    if metadata.get("interactions") != len(document["interactions"]):
        count, written = len(document["interactions"]), metadata.get("interactions")
        is_cut = isinstance(written, int) and count < written
        what = f"truncated: {count} of {written} interactions"
        what = what if is_cut else f"{count} interactions instead of {written}"
        raise _refused(path, text.count("\n") + 1, what, record_command)
    interactions = []
    for place, raw in enumerate(document["interactions"]):
        try:
            interaction, stored_digest = _parse_interaction(raw)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            what = f"interaction {place + 1} is damaged ({type(error).__name__}: {error})"
            raise _refused(path, _line_of(text, place), what, record_command) from error
        if interaction.digest != stored_digest:
            what = f"interaction {place + 1} was edited by hand (its digest differs)"
            raise _refused(path, _line_of(text, place), what, record_command)
        interactions.append(interaction)
    cassette = Cassette.of(path, metadata, interactions)
    if metadata.get("digest", cassette.digest) != cassette.digest:
        what = "edited by hand: the digest of all interactions differs"
        raise _refused(path, 1, what, record_command)
    return cassette


def save(cassette: Cassette) -> None:
    """Write a cassette atomically; its journal stays. Raises `CouldNotRun` for a full disk."""
    metadata = {
        **cassette.metadata,
        "format": FORMAT,
        "interactions": len(cassette.interactions),
        "digest": cassette.digest,
    }
    document = {
        "version": 1,
        "metadata": {"flagbench": metadata},
        "interactions": [_raw(interaction) for interaction in cassette.interactions],
    }
    write(cassette.path, serializer.serialize(document))


def write(path: Path, content: str | bytes) -> None:
    """Write a serialized cassette, as `save` does."""
    try:
        write_whole(path, content)
    except OSError as error:
        journal_path = journal.path_of(path)
        raise CouldNotRun(
            Problem(
                f"the cassette could not be written ({error.strerror}); "
                f"the answers that were paid for are in {journal_path.name}",
                where=str(path),
                fix="free some disk space and run the same command again: it reads them",
            )
        ) from error


def _refused(path: Path, line: int, what: str, record_command: str) -> CouldNotRun:
    fix = f"restore the file from version control, or delete it and run: {record_command}"
    return CouldNotRun(Problem(what, where=f"{path}:{line}", fix=fix))


def _line_of(text: str, place: int) -> int:
    starts = re.finditer(r"^- request:", text, re.MULTILINE)
    start = next(islice(starts, place, None), None)
    return text.count("\n", 0, start.start()) + 1 if start else 1


def _raw(interaction: Interaction) -> dict[str, Any]:
    """Convert an interaction to vcrpy's structure."""
    return {
        "request": {
            "method": interaction.method,
            "uri": f"http://provider{interaction.path}",
            "headers": {"content-type": [multipart.content_type_of(interaction.request_body)]},
            "body": interaction.request_body,
        },
        "response": {
            "status": {"code": interaction.status, "message": interaction.reason},
            "headers": {
                **{name: list(values) for name, values in interaction.headers.items()},
                header_names.ELAPSED: [_latency(interaction.elapsed_seconds)],
                **(
                    {header_names.CHUNKS: [chunks.text_of(interaction.chunks)]}
                    if interaction.chunks
                    else {}
                ),
                header_names.DIGEST: [interaction.digest],
            },
            "body": {"string": interaction.response_body},
        },
    }


def _parse_interaction(raw: Mapping[str, Any]) -> tuple[Interaction, str]:
    """Read an interaction from vcrpy's structure, and the digest that was stored with it."""
    request, response = raw["request"], raw["response"]
    headers = {name: tuple(values) for name, values in response["headers"].items()}
    elapsed = headers.pop(header_names.ELAPSED)
    (digest,) = headers.pop(header_names.DIGEST)
    timed = headers.pop(header_names.CHUNKS, ())
    elapsed_seconds = _seconds(elapsed[0])
    interaction = Interaction(
        method=request["method"],
        path=request["uri"].removeprefix("http://provider"),
        request_body=_as_bytes(request["body"]),
        status=int(response["status"]["code"]),
        reason=response["status"]["message"] or "",
        headers=headers,
        response_body=_as_bytes(response["body"]["string"]),
        elapsed_seconds=elapsed_seconds,
        chunks=chunks.parse("\n".join(timed)) if timed else (),
    )
    if interaction.chunks and elapsed_seconds is None:
        raise ValueError("times of chunks without a latency")
    chunks.check(interaction.chunks, len(interaction.response_body), elapsed_seconds or 0.0)
    return interaction, digest


def _latency(seconds: float | None) -> str:
    return UNKNOWN_LATENCY if seconds is None else f"{seconds * 1000:.3f}"


def _seconds(latency: str) -> float | None:
    if latency == UNKNOWN_LATENCY:
        return None
    seconds = round(float(latency) / 1000, 6)
    if not 0 <= seconds < math.inf:
        raise ValueError(f"a latency of {seconds} s")
    return seconds


def _as_bytes(body: str | bytes | None) -> bytes:
    return body if isinstance(body, bytes) else (body or "").encode()
