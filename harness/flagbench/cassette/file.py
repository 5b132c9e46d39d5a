"""Reading and writing tapes as cassettes, which are whole or refused."""

import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from flagbench import headers as header_names
from flagbench.atomic_file import write_whole
from flagbench.cassette import journal, serializer
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.errors import CouldNotRun, Problem

FORMAT = 1

# What reading a file that is no cassette may end in.
_DAMAGE = (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError, RecursionError)


def load(path: Path, *, record_command: str) -> Cassette:
    """The tape of a cassette. Raises `CouldNotRun` for a missing, cut off or edited file.

    `record_command` is named in the errors: what records this cassette again.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise CouldNotRun(
            Problem("this trial has no cassette", where=str(path), fix=record_command)
        ) from error
    return parsed(content, path, record_command=record_command)


def parsed(content: bytes, path: Path, *, record_command: str) -> Cassette:
    """The tape of a cassette's content, which is or was at `path`. Raises as `load` does."""
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
        here, meant = len(document["interactions"]), metadata.get("interactions")
        what = f"{here} of {meant} interactions are here: it was cut off"
        raise _refused(path, text.count("\n") + 1, what, record_command)
    interactions = []
    for place, raw in enumerate(document["interactions"]):
        try:
            interaction, stored_digest = _interaction(raw)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            what = f"interaction {place + 1} is damaged ({type(error).__name__}: {error})"
            raise _refused(path, _line_of(text, place), what, record_command) from error
        if interaction.digest != stored_digest:
            what = f"interaction {place + 1} was edited by hand (its digest differs)"
            raise _refused(path, _line_of(text, place), what, record_command)
        interactions.append(interaction)
    return Cassette.of(path, metadata, interactions)


def save(tape: Cassette) -> None:
    """Write the cassette whole; its journal stays. Raises `CouldNotRun` for a full disk."""
    metadata = {**tape.metadata, "format": FORMAT, "interactions": len(tape.interactions)}
    document = {
        "version": 1,
        "metadata": {"flagbench": metadata},
        "interactions": [_raw(interaction) for interaction in tape.interactions],
    }
    try:
        write_whole(tape.path, serializer.serialize(document))
    except OSError as error:
        kept = journal.path_of(tape.path)
        raise CouldNotRun(
            Problem(
                f"the cassette could not be written ({error.strerror}); "
                f"the answers that were paid for are kept in {kept.name}",
                where=str(tape.path),
                fix="free some space and run the same command again: it takes them in",
            )
        ) from error


def _refused(path: Path, line: int, what: str, record_command: str) -> CouldNotRun:
    fix = f"restore the file from version control, or delete it and run: {record_command}"
    return CouldNotRun(Problem(what, where=f"{path}:{line}", fix=fix))


def _line_of(text: str, place: int) -> int:
    starts = re.finditer(r"^- request:", text, re.MULTILINE)
    start = next(islice(starts, place, None), None)
    return text.count("\n", 0, start.start()) + 1 if start else 1


def _raw(one: Interaction) -> dict[str, Any]:
    """An interaction in vcrpy's structure."""
    return {
        "request": {
            "method": one.method,
            "uri": f"http://provider{one.path}",
            "headers": {"content-type": ["application/json"]},
            "body": one.request_body,
        },
        "response": {
            "status": {"code": one.status, "message": one.reason},
            "headers": {
                **{name: list(values) for name, values in one.headers.items()},
                header_names.ELAPSED: [f"{one.elapsed_seconds * 1000:.3f}"],
                header_names.DIGEST: [one.digest],
            },
            "body": {"string": one.response_body},
        },
    }


def _interaction(raw: Mapping[str, Any]) -> tuple[Interaction, str]:
    """An interaction from vcrpy's structure, and the digest that was stored with it."""
    request, response = raw["request"], raw["response"]
    headers = {name: tuple(values) for name, values in response["headers"].items()}
    elapsed = headers.pop(header_names.ELAPSED)
    (digest,) = headers.pop(header_names.DIGEST)
    one = Interaction(
        method=request["method"],
        path=request["uri"].removeprefix("http://provider"),
        request_body=(request["body"] or "").encode(),
        status=int(response["status"]["code"]),
        reason=response["status"]["message"] or "",
        headers=headers,
        response_body=(response["body"]["string"] or "").encode(),
        elapsed_seconds=round(float(elapsed[0]) / 1000, 6),
    )
    return one, digest
